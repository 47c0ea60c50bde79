"""Addresses of servers as people write them."""

from __future__ import annotations

import pytest

from mlx_gemma4.protocol.errors import RequestError
from mlx_gemma4.protocol.server_address import is_near, read_address, remote_path, split_remote_path


@pytest.mark.parametrize(
    ("text", "url", "host"),
    [
        ("localhost:1234", "http://localhost:1234/v1", "localhost:1234"),
        (" http://localhost:11434/ ", "http://localhost:11434/v1", "localhost:11434"),
        ("127.0.0.1:8000/v1/chat/completions", "http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
        ("macstudio.local", "http://macstudio.local/v1", "macstudio.local"),
        ("studio:8080/v1/models", "http://studio:8080/v1", "studio:8080"),
        ("api.openai.com", "https://api.openai.com/v1", "api.openai.com"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1", "openrouter.ai"),
        ("HTTPS://API.Example.org:443/v1/", "https://api.example.org/v1", "api.example.org"),
        ("http://192.168.1.5:1234/v1", "http://192.168.1.5:1234/v1", "192.168.1.5:1234"),
        ("[::1]:8080", "http://[::1]:8080/v1", "[::1]:8080"),
    ],
)
def test_what_people_type(text: str, url: str, host: str) -> None:
    address = read_address(text)
    assert (address.url, address.host) == (url, host)
    assert read_address(address.url) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "http://",
            "://x",
            "ftp://host",
            "file:///etc/passwd",
            "a b",
            "host:port",
            "host:99999",
            "http://a<b",
        ),
        *(
            "https://me:pw@host/v1",
            "http://host/v1?key=1",
            "http://host/#x",
            "javascript:alert(1)",
            "http://[::1",
            "\u0000",
        ),
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_address(text)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.9", "10.1.2.3", "192.168.0.1", "172.20.0.1", "::1", "fe80::1%en0", "a.local", "nas"]
)
def test_near(name: str) -> None:
    assert is_near(name)


@pytest.mark.parametrize(
    "name", ["8.8.8.8", "example.org", "localhost.example.org", "100.64.0.1", "2001:4860::1", "0.0.0.0", ""]
)
def test_far(name: str) -> None:
    assert not is_near(name)


def test_only_what_is_near_or_encrypted_needs_no_warning() -> None:
    assert read_address("localhost").is_safe and read_address("example.org").is_safe
    assert not read_address("http://example.org").is_safe


def test_a_path_tells_server_and_model() -> None:
    address = read_address("localhost:1234")
    assert split_remote_path(remote_path(address, "google/gemma#2")) == (address.url, "google/gemma#2")
    for path in ("tour", "/models/gemma", "http://host/v1", "http://host/v1#"):
        assert split_remote_path(path) is None

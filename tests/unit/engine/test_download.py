"""Downloads through huggingface_hub from a Hub on this machine: cut, damaged, refused, short of room, begun again."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlx_gemma4.engine import download as downloading
from mlx_gemma4.engine import model_store
from mlx_gemma4.engine.download import download
from mlx_gemma4.engine.partial_download import PartialDownload
from mlx_gemma4.protocol.errors import PrismError, RequestError
from mlx_gemma4.protocol.events import DownloadFinished, DownloadProgress, EngineFailed, TurnFinished
from mlx_gemma4.protocol.requests import Download, Stop
from tests.unit.engine.hub_server import ScriptedHub, serving
from tests.unit.engine.live_engine import LiveEngine

REPOSITORY = "mlx-community/tiny-gemma"
MEGABYTE = 1 << 20
RESUME_HINT = "What has arrived stays"


def content(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedHub]:
    """A repository of two shards, with some files that no model needs; the library is told of it as by HF_ENDPOINT."""
    from huggingface_hub import constants

    hub = ScriptedHub(
        REPOSITORY,
        {
            "README.md": b"# words",
            "config.json": b'{"model_type": "gemma4"}',
            "tokenizer.json": content(1, 3000),
            "model-00001-of-00002.safetensors": content(2, 5 * MEGABYTE),
            "model-00002-of-00002.safetensors": content(3, 3 * MEGABYTE),
            "original/model.safetensors": content(4, 100),
        },
    )
    monkeypatch.setattr(downloading, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    with serving(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
        )
        yield hub


def fetch(folder: Path, token: str = "") -> tuple[DownloadFinished, list[DownloadProgress]]:
    told: list[DownloadProgress] = []
    return download(Download("d", REPOSITORY, str(folder), token), told.append), told


def failure(folder: Path, token: str = "") -> PrismError:
    with pytest.raises(PrismError) as caught:
        fetch(folder, token)
    return caught.value


def assert_whole(folder: Path, hub: ScriptedHub) -> None:
    names = {file.name for file in folder.iterdir()}
    assert names == {name for name in hub.files if name != "README.md" and "/" not in name}
    assert all((folder / name).read_bytes() == hub.files[name] for name in names)


def test_a_model_arrives_whole_with_the_files_that_it_needs_and_no_others(hub: ScriptedHub, tmp_path: Path) -> None:
    finished, told = fetch(tmp_path)
    assert finished.path == str(tmp_path / REPOSITORY)
    assert_whole(tmp_path / REPOSITORY, hub)
    total = sum(len(hub.files[file.name]) for file in (tmp_path / REPOSITORY).iterdir())
    assert {event.total_bytes for event in told} == {total}
    assert [event.done_bytes for event in told] == sorted(event.done_bytes for event in told)
    assert told[-1].done_bytes == total and told[-1].checking
    assert not (tmp_path / f"{REPOSITORY}.download").exists()


def test_a_line_that_is_cut_at_40_percent_is_taken_up_where_it_was_cut(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.cut = 0.4
    fetch(tmp_path)
    assert_whole(tmp_path / REPOSITORY, hub)
    ranges = [
        asked for method, path, asked in hub.requests if method == "GET" and path.endswith("1-of-00002.safetensors")
    ]
    assert ranges[0] == "" and ranges[1] == f"bytes={2 * MEGABYTE}-"


def test_a_line_that_stays_cut_ends_in_a_sentence_and_what_came_is_used_later(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.cuts_for_ever = True
    problem = failure(tmp_path)
    assert problem.code == "download.connection" and "connection" in problem.message and RESUME_HINT in problem.hint
    assert not (tmp_path / REPOSITORY).exists()
    hub.cuts_for_ever = False
    hub.requests.clear()
    fetch(tmp_path)
    assert_whole(tmp_path / REPOSITORY, hub)
    assert hub.sent("tokenizer.json") == 0
    assert not any(path.startswith("/api/") for _, path, _ in hub.requests)


def test_a_shard_damaged_once_is_fetched_again(hub: ScriptedHub, tmp_path: Path) -> None:
    spoiled = iter([True])

    def spoil(name: str, sent: bytes) -> bytes:
        bad = name.startswith("model-00002") and next(spoiled, False)
        return sent[:100] + bytes([sent[100] ^ 1]) + sent[101:] if bad else sent

    hub.spoil = lambda name, sent: spoil(name, sent)
    # the library asks for a file's head first, which takes the first turn
    spoiled = iter([True, True])
    fetch(tmp_path)
    assert_whole(tmp_path / REPOSITORY, hub)
    assert hub.sent("model-00002-of-00002.safetensors") == 2


def test_a_shard_that_stays_damaged_is_named_and_not_kept(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.spoil = lambda name, sent: bytes(len(sent)) if name.startswith("model-00001") else sent
    problem = failure(tmp_path)
    assert problem.code == "download.damaged" and "model-00001-of-00002.safetensors" in problem.message
    partial = PartialDownload.of(tmp_path, REPOSITORY)
    assert not list(partial.folder.glob("model-00001*"))
    assert (partial.folder / "model-00002-of-00002.safetensors").exists()
    hub.spoil = lambda name, sent: sent
    fetch(tmp_path)
    assert_whole(tmp_path / REPOSITORY, hub)


def test_a_small_file_is_checked_as_well(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.spoil = lambda name, sent: b"x" * len(sent) if name == "tokenizer.json" else sent
    assert "tokenizer.json" in failure(tmp_path).message


def test_without_room_nothing_is_fetched_and_the_figures_are_named(
    hub: ScriptedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "free_on_disk", lambda folder: 300_000_000)
    problem = failure(tmp_path)
    assert problem.code == "download.disk" and "0.3 GB are free" in problem.message
    assert hub.sent("tokenizer.json") == 0


def test_a_disk_that_fills_up_in_between_is_said_and_what_came_stays(
    hub: ScriptedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("mlx_gemma4.engine.hub.http_get", full)
        problem = failure(tmp_path)
    assert problem.code == "download.disk" and "disk is full" in problem.message and RESUME_HINT in problem.hint
    fetch(tmp_path)
    assert_whole(tmp_path / REPOSITORY, hub)


def test_a_gated_repository_says_where_to_accept_its_terms(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.gated = "hf_right"
    problem = failure(tmp_path)
    assert problem.code == "download.gated" and f"/{REPOSITORY}" in problem.hint and "/settings/tokens" in problem.hint
    assert failure(tmp_path, "hf_without_access").code == "download.gated"
    fetch(tmp_path, "hf_right")
    assert_whole(tmp_path / REPOSITORY, hub)


def test_a_repository_that_is_not_there_is_named(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.repository = "somebody/else"
    problem = failure(tmp_path)
    assert problem.code == "download.token" and REPOSITORY in problem.message
    assert "token" in failure(tmp_path, "hf_wrong").message


def test_tokens_of_other_programs_are_never_sent(
    hub: ScriptedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_another_program")
    fetch(tmp_path)
    assert set(hub.tokens) == {""}


def test_a_download_goes_on_with_the_commit_that_it_began_with(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.cuts_for_ever = True
    failure(tmp_path)
    listed = json.loads((PartialDownload.of(tmp_path, REPOSITORY).folder / "prism-download.json").read_text())
    hub.cuts_for_ever = False
    fetch(tmp_path)
    paths = [path for method, path, _ in hub.requests if "resolve" in path]
    assert all(f"/resolve/{listed['commit']}/" in path for path in paths)


def test_a_model_that_is_there_is_not_fetched_over(hub: ScriptedHub, tmp_path: Path) -> None:
    fetch(tmp_path)
    assert failure(tmp_path).code == "download.exists"


@pytest.mark.parametrize("name", ["gemma", "../../etc/passwd", "a/..", "a/b/c", "", "a/b\n"])
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(RequestError):
        Download("d", name, "folder")


def test_a_token_does_not_show_in_what_is_printed_of_a_request() -> None:
    assert "hf_secret" not in repr(Download("d", REPOSITORY, "folder", "hf_secret"))


def wait_for_half(folder: Path) -> None:
    part = PartialDownload.of(folder, REPOSITORY).folder / "model-00001-of-00002.safetensors.part"
    deadline = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size > MEGABYTE):
        assert time.monotonic() < deadline, "the download does not begin"
        time.sleep(0.01)


def test_a_download_survives_kill_9_of_the_engine(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.bytes_per_second = 4 * MEGABYTE
    engine = LiveEngine()
    engine.send(Download("d", REPOSITORY, str(tmp_path)))
    wait_for_half(tmp_path)
    os.kill(engine.pid, signal.SIGKILL)
    engine.wait_for_exit()
    engine.client.close()
    partial = PartialDownload.of(tmp_path, REPOSITORY)
    listed = [model for model in model_store._downloads(tmp_path) if model.repository == REPOSITORY]
    assert len(listed) == 1 and 0 < listed[0].nbytes < listed[0].total_bytes and partial.folder.is_dir()
    hub.bytes_per_second = 0
    hub.requests.clear()
    another = LiveEngine()
    another.send(Download("d", REPOSITORY, str(tmp_path)))
    last = another.end_of("d")[1]
    another.client.close()
    assert isinstance(last, DownloadFinished), last
    assert_whole(tmp_path / REPOSITORY, hub)
    asked = next(asked for method, path, asked in hub.requests if method == "GET" and "00001-of" in path)
    assert asked and int(asked.removeprefix("bytes=").rstrip("-")) > MEGABYTE


def test_a_download_is_paused_by_a_stop_and_goes_on_by_the_same_request(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.bytes_per_second = 4 * MEGABYTE
    engine = LiveEngine()
    try:
        engine.send(Download("d", REPOSITORY, str(tmp_path)))
        wait_for_half(tmp_path)
        engine.send(Stop("s", "d"))
        assert isinstance(engine.end_of("d")[1], TurnFinished)
        hub.bytes_per_second = 0
        engine.send(Download("again", REPOSITORY, str(tmp_path)))
        assert isinstance(engine.end_of("again")[1], DownloadFinished), engine.end_of("again")
        assert_whole(tmp_path / REPOSITORY, hub)
        assert any(isinstance(event, DownloadProgress) for event in engine.events("d"))
    finally:
        engine.client.close()


def test_one_repository_is_downloaded_once_at_a_time(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.bytes_per_second = MEGABYTE
    engine = LiveEngine()
    try:
        engine.send(Download("d", REPOSITORY, str(tmp_path)), Download("e", REPOSITORY, str(tmp_path)))
        refused = engine.end_of("e")[1]
        assert isinstance(refused, EngineFailed) and refused.code == "download.running"
    finally:
        engine.client.close()


def test_a_download_worker_ends_with_the_engine(hub: ScriptedHub, tmp_path: Path) -> None:
    hub.bytes_per_second = MEGABYTE
    command = [sys.executable, "-m", "mlx_gemma4.engine.download_worker"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdin is not None and worker.stdout is not None
    from mlx_gemma4.protocol.wire import to_line

    worker.stdin.write(to_line(Download("d", REPOSITORY, str(tmp_path))).encode())
    worker.stdin.flush()
    wait_for_half(tmp_path)
    worker.stdin.close()
    assert worker.wait(2) == 0
    worker.stdout.close()

"""Whatever a server does, a question ends in one sentence with a way out, and the next one is served."""

from __future__ import annotations

import gc
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mlx_gemma4.engine.remote.loading import RemoteModel, connect, list_server
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event, TextDelta, TurnFinished
from mlx_gemma4.protocol.parts import ImagePart
from mlx_gemma4.protocol.requests import ListServer, LoadRemote
from tests.unit.engine.remote.conftest import SHORT, question
from tests.unit.engine.served import DONE, MODEL, Answer, Cut, Pause, ScriptedServer, Step, delta, error, said, serving

Ask = Callable[..., list[Event]]
KEY = "sk-secret-0123456789"
PAGE = b"<!DOCTYPE html><html><body>Welcome to nginx!</body></html>"


def failure(events: list[Event]) -> EngineFailed:
    last = events[-1]
    assert isinstance(last, EngineFailed), events
    return last


def refused(request: ListServer | LoadRemote) -> PrismError:
    with pytest.raises(PrismError) as caught:
        connect(request, SHORT) if isinstance(request, LoadRemote) else list_server(request, SHORT)
    return caught.value


ANSWERS: list[tuple[str, Answer, str, str]] = [
    ("wrong key", Answer(status=401, body=error("Bad key")), "remote.key", "asks for a key"),
    ("forbidden", Answer(status=403, body=error("No access")), "remote.forbidden", "“No access”"),
    ("no model", Answer(status=404, body=error("model 'x' not found")), "remote.model", "“model 'x' not found”"),
    (
        "busy",
        Answer(status=429, headers={"Retry-After": "20"}, body=error("Slow down")),
        "remote.busy",
        "in 20 seconds",
    ),
    ("busy without a time", Answer(status=429, body=b""), "remote.busy", "in a while"),
    ("broken", Answer(status=500, body=error("CUDA error")), "remote.server", "error 500: “CUDA error”"),
    ("away", Answer(status=503, body=b"upstream gone"), "remote.server", "“upstream gone”"),
    ("short of memory", Answer(status=500, body=error("model requires more system memory")), "remote.server", "memory"),
    ("strange", Answer(status=418, body=json.dumps({"detail": "teapot"}).encode()), "remote.request", "“teapot”"),
    (
        "elsewhere",
        Answer(status=307, headers={"Location": "https://else.example/v1"}, body=b""),
        "remote.moved",
        "else",
    ),
    ("a page", Answer(headers={"Content-Type": "text/html"}, body=PAGE), "remote.page", "web page"),
    (
        "a page with 404",
        Answer(status=404, headers={"Content-Type": "text/html"}, body=PAGE),
        "remote.page",
        "web page",
    ),
    ("not JSON", Answer(["{not json", DONE]), "remote.garbled", "OpenAI-compatible"),
    ("not an object", Answer(["[1]", DONE]), "remote.garbled", "OpenAI-compatible"),
    ("not even a stream", Answer(body=b"hello"), "remote.garbled", "OpenAI-compatible"),
    ("nothing", Answer([]), "remote.garbled", "OpenAI-compatible"),
    ("silent", Answer([Pause(9)]), "remote.slow", "said nothing"),
    ("no headers", Answer(before=9), "remote.slow", "said nothing"),
    (
        "too long",
        Answer(status=400, body=error("This model's maximum context length is 4096")),
        "remote.too_long",
        "4096",
    ),
    ("filtered", Answer(said("No", reason="content_filter")), "remote.filtered", "its own rules"),
    ("old vLLM", Answer(status=400, body=b'{"object":"error","message":"bad"}'), "remote.request", "“bad”"),
]


@pytest.mark.parametrize(("answer", "code", "words"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_an_answer_that_is_none(server: ScriptedServer, ask: Ask, answer: Answer, code: str, words: str) -> None:
    server.answer = lambda _: answer
    events = ask()
    failed = failure(events)
    assert failed.code == code and words in f"{failed.message} {failed.hint}"
    assert failed.recoverable and failed.message.endswith(".")
    server.always(*said("Yes."), DONE)
    assert ask()[-1] == TurnFinished("end_of_turn", seq=2, request_id="ask")


BREAKS: list[tuple[str, Step, str]] = [
    ("closed", Cut(), "remote.cut"),
    ("reset", Cut(reset=True), "remote.cut"),
    ("silent", Pause(9), "remote.silent"),
    ("an error", {"error": {"message": "KV cache is full", "code": 500}}, "remote.server"),
    ("llama.cpp's error", b'error: {"code":500,"message":"KV cache is full"}\n\n', "remote.server"),
    ("not JSON", "{", "remote.garbled"),
    ("a line without an end", b"data: " + b"x" * (5 << 20), "remote.garbled"),
]


@pytest.mark.parametrize(("step", "code"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_an_answer_that_breaks_off_keeps_what_came(server: ScriptedServer, ask: Ask, step: Step, code: str) -> None:
    server.always(*said("It is ", "a c", reason=None), step)
    events = ask()
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "It is a c"
    assert failure(events).code == code


def test_a_server_that_says_no_more_than_the_end_is_believed(server: ScriptedServer, ask: Ask) -> None:
    server.always(*said("Yes.", reason=None), DONE)
    assert ask()[-1] == TurnFinished("end_of_turn", seq=2, request_id="ask")


def test_the_key_goes_along_and_stands_in_no_sentence(server: ScriptedServer, address: str) -> None:
    server.key = KEY
    model = connect(LoadRemote("l", address, MODEL, KEY), SHORT)
    assert isinstance(list(model.engine.ask(question("?")))[-1], TurnFinished)
    assert server.asked[0].headers["Authorization"] == f"Bearer {KEY}"
    server.always(status=500, body=error(f"your key {KEY} is fine, but"))
    failed = failure(list(model.engine.ask(question("?"))))
    assert KEY not in failed.message and "your key … is fine" in failed.message
    model.engine.forget()
    for wrong in ("sk-wrong", ""):
        told = refused(LoadRemote("l", address, MODEL, wrong))
        assert told.code == "remote.key" and "sk-" not in str(told)
    assert KEY not in repr(LoadRemote("l", address, MODEL, KEY)) + repr(ListServer("l", address, KEY))
    assert refused(ListServer("l", address, "two words")).message.startswith("The key")


def test_a_server_without_the_model_names_one_it_has(server: ScriptedServer, address: str) -> None:
    told = refused(LoadRemote("l", address, "other"))
    assert told.code == "remote.model" and MODEL in told.hint


@pytest.mark.parametrize("body", [PAGE, b"nope", b'{"data": 3}', b"[]"])
def test_a_list_that_is_none(server: ScriptedServer, address: str, body: bytes) -> None:
    server.listing = Answer(body=body)
    assert refused(ListServer("l", address)).code in ("remote.page", "remote.garbled")


def test_a_list_that_does_not_come(server: ScriptedServer, address: str) -> None:
    server.listing = Answer(before=5)
    assert refused(ListServer("l", address)).code == "remote.slow"


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert refused(ListServer("l", address)).code == "remote.refused"


def test_a_computer_that_does_not_exist() -> None:
    assert refused(ListServer("l", "http://no-such-computer.local:1234")).code == "remote.unknown_host"


def test_a_port_where_something_else_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        assert refused(ListServer("l", f"http://{address}")).code == "remote.slow"
        assert refused(ListServer("l", f"https://{address}")).code in ("remote.slow", "remote.unreachable")


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # anyio leaves the socket to be collected
def test_https_where_there_is_none(address: str) -> None:
    told = refused(ListServer("l", address.replace("http", "https", 1)))
    gc.collect()
    assert told.code == "remote.tls" and "HTTPS" in told.message


def test_a_certificate_that_nobody_vouches_for(server: ScriptedServer, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem")
    command = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        *names,
        *files,
    )
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with serving(server, tls=context) as address:
        told = refused(ListServer("l", address, KEY))
    assert told.code == "remote.tls" and "certificate" in told.message


@pytest.mark.parametrize(
    "words",
    [
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        "Model does not support images. Please use a model that does.",
        "google/gemma is not a multimodal model",
        'Failed to parse messages: Unsupported content part type: "image_url"',
    ],
)
def test_a_model_without_eyes(server: ScriptedServer, ask: Ask, tmp_path: Path, words: str) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "red.png")
    server.always(status=500, body=error(words))
    failed = failure(ask(ImagePart(str(tmp_path / "red.png")), "What is it?"))
    assert failed.code == "remote.no_pictures" and MODEL in failed.message
    assert failure(ask("An image of what?")).code == "remote.server"


@pytest.mark.parametrize(
    "words",
    [
        "Unrecognized request arguments supplied: chat_template_kwargs, enable_thinking, top_k",
        '[{"loc": ["body", "reasoning_effort"], "msg": "Input should be low, medium or high"}]',
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
)
def test_what_a_strict_server_does_not_know_is_left_out(server: ScriptedServer, ask: Ask, words: str) -> None:
    named = {name for name in ("chat_template_kwargs", "enable_thinking", "top_k", "reasoning_effort") if name in words}
    named |= {"max_tokens"} if "max_tokens" in words else set()
    server.answer = lambda body: (
        Answer([*said("Yes."), DONE]) if not named & set(body) else Answer((), 400, {}, error(words))
    )
    for _ in range(2):
        assert isinstance(ask()[-1], TurnFinished)
    first, second, third = server.asked  # refused once; known from then on
    assert named <= set(first.body) and not named & set(second.body) and set(second.body) == set(third.body)
    assert ("max_completion_tokens" in second.body) == ("max_tokens" in named)


def test_a_refusal_that_stays_is_told(server: ScriptedServer, ask: Ask) -> None:
    server.always(status=400, body=error("temperature is wrong, whatever it is"))
    assert failure(ask()).code == "remote.request" and len(server.asked) == 2


def test_nothing_goes_unencrypted_to_a_stranger() -> None:
    for address in ("http://8.8.8.8:1234", "http://example.org"):
        assert refused(ListServer("l", address)).code == "remote.unencrypted"
        assert refused(LoadRemote("l", address, MODEL)).code == "remote.unencrypted"


def test_a_question_that_was_not_refused_is_asked_once(server: ScriptedServer, model: RemoteModel) -> None:
    server.always(delta("stop"), DONE)
    assert list(model.engine.ask(question("?")))[-1] == TurnFinished("end_of_turn", seq=1, request_id="ask")
    assert len(server.asked) == 1

"""What a server is sent: words, files, functions and settings, as its protocol has them."""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlx_gemma4.engine.remote.loading import RemoteModel, connect
from mlx_gemma4.protocol.care import EstimateAsk, MediaCost
from mlx_gemma4.protocol.cost import fit_picture
from mlx_gemma4.protocol.events import EngineFailed, Event, Remark, TranscriptSegment, TurnFinished
from mlx_gemma4.protocol.parts import (
    AudioPart,
    DocumentPart,
    ImagePart,
    Message,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResponsePart,
    VideoPart,
)
from mlx_gemma4.protocol.requests import GREEDY, Ask, LoadRemote, SamplingSettings, Transcribe
from tests.unit.engine.remote.conftest import SHORT, question
from tests.unit.engine.served import DONE, MODEL, Answer, ScriptedServer, said
from tests.unit.media_files import write_clip

AskIt = Callable[..., list[Event]]


def sent(server: ScriptedServer) -> list[dict[str, Any]]:
    return server.asked[-1].body["messages"]


def decoded(item: dict[str, Any]) -> Image.Image:
    kind, _, data = item["image_url"]["url"].partition(";base64,")
    assert kind in ("data:image/png", "data:image/jpeg")
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize("budget", [None, 70, 1120])
def test_a_picture_is_as_large_as_its_budget_means(
    server: ScriptedServer, ask: AskIt, tmp_path: Path, budget: int | None
) -> None:
    grain = Image.effect_noise((600, 400), 90) if budget == 1120 else Image.linear_gradient("L")  # JPEG, and PNG
    grain.resize((2400, 1600)).convert("RGB").save(tmp_path / "large.png", compress_level=1)
    ask(ImagePart(str(tmp_path / "large.png"), budget), "What is it?")
    (message,) = sent(server)
    assert message["role"] == "user" and [item["type"] for item in message["content"]] == ["image_url", "text"]
    size = fit_picture(2400, 1600, budget or 280)
    assert decoded(message["content"][0]).size == (size.width, size.height)


def test_a_small_picture_goes_as_it_is(server: ScriptedServer, ask: AskIt, picture_file: Path) -> None:
    ask(ImagePart(str(picture_file)), "What is it?")
    picture = decoded(sent(server)[0]["content"][0])
    assert picture.size == (120, 80) and picture.getpixel((3, 3)) == (255, 0, 0)


def test_a_clip_goes_as_frames_with_their_times(server: ScriptedServer, ask: AskIt, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=10, rate=1, sound_seconds=2)
    ask(VideoPart(str(clip)), "What happens?")
    content = sent(server)[0]["content"]
    assert [item["text"] for item in content if item["type"] == "text"] == [f"00:0{n}" for n in range(10)] + [
        "What happens?"
    ]
    assert sum(item["type"] == "image_url" for item in content) == 10
    assert not any(item["type"] == "input_audio" for item in content)  # nobody has said that it hears


def test_a_clips_sound_goes_to_a_model_that_hears(server: ScriptedServer, address: str, tmp_path: Path) -> None:
    server.models = ({"id": MODEL, "architecture": {"input_modalities": ["text", "image", "audio"]}},)
    model = connect(LoadRemote("l", address, MODEL), SHORT)
    assert (model.ready("p").sees, model.ready("p").hears) == (True, True)
    clip = write_clip(tmp_path / "clip.mp4", frames=33, rate=1, sound_seconds=31)
    events = list(model.engine.ask(question(VideoPart(str(clip)), "?")))
    model.engine.forget()
    assert next(event.text for event in events if isinstance(event, Remark)).endswith("30 seconds are sent.")
    content = sent(server)[0]["content"]
    assert content[-2]["type"] == "input_audio" and sum(item["type"] == "image_url" for item in content) == 32


def test_a_recording_goes_as_wav(server: ScriptedServer, ask: AskIt, talk_file: Path) -> None:
    ask("What is said?", AudioPart(str(talk_file), 4.0, 6.5))
    sound = sent(server)[0]["content"][1]["input_audio"]
    with wave.open(io.BytesIO(base64.b64decode(sound["data"]))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (16_000, 1, 40_000)
        assert any(file.readframes(40_000)) and sound["format"] == "wav"


def test_pages_go_as_pictures(server: ScriptedServer, ask: AskIt, tmp_path: Path) -> None:
    pages = [Image.new("RGB", (595, 842), colour) for colour in ("red", "green", "blue")]
    pages[0].save(tmp_path / "three.pdf", save_all=True, append_images=pages[1:])
    ask(DocumentPart(str(tmp_path / "three.pdf"), (2, 3)), "What?")
    shown = [decoded(item) for item in sent(server)[0]["content"][:-1]]
    assert [picture.convert("RGB").getpixel((9, 9))[2] > 200 for picture in shown] == [False, True]  # type: ignore[index]


def test_a_file_that_cannot_be_used_is_never_sent(server: ScriptedServer, ask: AskIt, tmp_path: Path) -> None:
    (tmp_path / "no.png").write_text("words")
    last = ask(ImagePart(str(tmp_path / "no.png")), "What?")[-1]
    assert isinstance(last, EngineFailed) and last.code == "media.not_a_picture" and not server.asked


def test_a_tool_loop_is_sent_with_ids_that_fit(server: ScriptedServer, model: RemoteModel, picture_file: Path) -> None:
    conversation = (
        Message("system", (TextPart("Be brief."),)),
        Message("user", (TextPart("Old question"),)),
        Message("assistant", (ThoughtPart("old thought"), ToolCallPart("look", {"n": 0}))),
        Message("tool", (ToolResponsePart("look", "dark"),)),
        Message("assistant", (ThoughtPart("old too"), TextPart("It is dark."))),
        Message("user", (TextPart("Again"),)),
        Message("assistant", (ThoughtPart("Twice."), ToolCallPart("look", {"n": 1}), ToolCallPart("count", {}))),
        Message("tool", (ToolResponsePart("count", {"stars": 7}), ImagePart(str(picture_file)))),
        Message("tool", (ToolResponsePart("look", "light"),)),
    )
    list(model.engine.ask(Ask("a", conversation)))
    written = sent(server)
    ids = [[call["id"] for call in message.get("tool_calls", [])] for message in written]
    assert [message["role"] for message in written] == (
        "system user assistant tool assistant user assistant tool user tool".split()
    )
    assert written[3]["tool_call_id"] == ids[2][0] and written[7]["tool_call_id"] == ids[6][1]
    assert written[9]["tool_call_id"] == ids[6][0] and json.loads(written[7]["content"]) == {"stars": 7}
    assert [message.get("reasoning_content") for message in written if message["role"] == "assistant"] == [
        None,
        None,
        "Twice.",
    ]
    assert json.loads(written[6]["tool_calls"][0]["function"]["arguments"]) == {"n": 1}
    assert written[8]["content"][1]["type"] == "image_url"


def test_settings_go_along(server: ScriptedServer, ask: AskIt) -> None:
    ask(sampling=SamplingSettings(0.5, 40, 0.9, seed=2**64 - 1), max_tokens=77)
    body = server.asked[0].body
    assert (body["temperature"], body["top_k"], body["top_p"], body["max_tokens"]) == (0.5, 40, 0.9, 77)
    assert 0 <= body["seed"] < 2**63 and body["stream"] and body["model"] == MODEL
    ask(sampling=GREEDY)
    assert "top_k" not in server.asked[1].body and server.asked[1].body["temperature"] == 0
    ask(thinking=True, thinking_budget=512)
    assert server.asked[2].body["thinking_budget"] == 512 and server.asked[2].body["reasoning_effort"] == "medium"


def test_a_recording_is_transcribed_piece_by_piece(server: ScriptedServer, model: RemoteModel, talk_file: Path) -> None:
    server.answer = lambda body: Answer([*said(f"Piece {len(server.asked)}."), DONE])
    events = list(model.engine.transcribe(Transcribe("t", str(talk_file))))
    segments = [event for event in events if isinstance(event, TranscriptSegment)]
    assert [segment.text for segment in segments] == ["Piece 1.", "Piece 2."]
    assert segments[0].start == 0 and segments[0].end == segments[1].start and isinstance(events[-1], TurnFinished)
    assert all(asked.body["temperature"] == 0 for asked in server.asked)


def test_of_a_recording_only_what_is_missing_is_sent(
    server: ScriptedServer, model: RemoteModel, talk_file: Path
) -> None:
    server.answer = lambda body: Answer([*said("The rest."), DONE])
    events = list(
        model.engine.transcribe(Transcribe("t", str(talk_file), start=28.0, first_piece=1, context="Before."))
    )
    (segment,) = [event for event in events if isinstance(event, TranscriptSegment)]
    assert (segment.start, segment.end, segment.piece) == (28.0, 40.0, 1)
    assert len(server.asked) == 1 and "Before." in json.dumps(server.asked[0].body)


def test_what_a_question_takes_is_estimated_without_asking(server: ScriptedServer, address: str) -> None:
    server.models = ({"id": MODEL, "max_model_len": 8192},)
    model = connect(LoadRemote("l", address, MODEL), SHORT)
    words = (Message("user", (ImagePart("/nowhere.png"), TextPart("w" * 400))),)
    estimate = model.engine.estimate(EstimateAsk("e", words, (MediaCost("picture", 280),)))
    assert 375 < estimate.prompt_tokens < 420 and (estimate.most_tokens, estimate.need_bytes) == (8192, 0)
    assert not server.asked

"""The Python API: load, prepare, logits and stream agree with each other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mlx_gemma4 import Gemma, load
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.errors import CheckpointError, MediaError, PromptError, RequestError
from mlx_gemma4.protocol.events import TextDelta, ThoughtDelta, TurnFinished, UsageReport
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings


@pytest.fixture(scope="module")
def gemma(model_folder: Path) -> Gemma:
    return load(model_folder)


def question(picture: Path | str) -> list[dict[str, object]]:
    parts = [{"type": "image", "path": str(picture)}, {"type": "text", "text": "the box?"}]
    return [{"role": "user", "content": parts}]


def test_logits_are_float32_with_a_row_for_every_token(gemma: Gemma, picture_file: Path) -> None:
    prepared = gemma.prepare(question(picture_file))
    logits = np.array(gemma.logits(prepared))
    assert logits.shape == (len(prepared.token_ids), gemma.tokenizer.vocabulary_size)
    assert logits.dtype == np.float32
    assert prepared.media[0].soft_tokens == 60, "6 rows of 10: the checkpoint's budget of 70 tokens"


def test_the_picture_changes_what_the_model_says(gemma: Gemma, picture_file: Path) -> None:
    prepared = gemma.prepare(question(picture_file))
    other = replace(prepared.media[0], patches=1 - prepared.media[0].patches)
    changed = np.array(gemma.logits(replace(prepared, media=(other,))))
    assert np.abs(changed[-1] - np.array(gemma.logits(prepared))[-1]).max() > 1e-3


def tool_loop(content: object) -> list[dict[str, object]]:
    """A tool has answered; the model's turn goes on."""
    called = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "screenshot", "arguments": {}}}]}
    return [{"role": "user", "content": "the box?"}, called, {"role": "tool", "tool_call_id": "c1", "content": content}]


def test_a_picture_in_a_tool_result_reaches_the_model(gemma: Gemma, picture_file: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.png"
    Image.open(picture_file).rotate(180).save(turned)
    last: list[np.ndarray] = []
    for file in (picture_file, turned):
        content = [{"type": "image", "path": str(file)}, {"type": "text", "text": "shot"}]
        prepared = gemma.prepare(tool_loop(content))
        (picture,) = prepared.media
        special = gemma.tokenizer.special
        before = prepared.token_ids[picture.start - 2 : picture.start].tolist()
        assert before == [special[Marker.TOOL_RESPONSE_CLOSE], special[Marker.IMAGE_OPEN]]
        last.append(np.array(gemma.logits(prepared))[-1])
        events = list(gemma.stream(tool_loop(content), max_tokens=1, sampling=GREEDY))
        said = "".join(event.text for event in events if isinstance(event, TextDelta))
        assert said == gemma.tokenizer.decode([int(last[-1].argmax())]), "what is streamed has seen it, too"
    assert np.abs(last[0] - last[1]).max() > 1e-3
    without = np.array(gemma.logits(gemma.prepare(tool_loop("shot"))))[-1]
    assert np.abs(last[0] - without).max() > 1e-3


def test_a_greedy_stream_says_what_the_logits_say(gemma: Gemma, picture_file: Path) -> None:
    prepared = gemma.prepare(question(picture_file))
    ids: list[int] = []
    for _ in range(12):
        grown = np.concatenate([prepared.token_ids, np.array(ids, np.int32)])
        ids.append(int(np.array(gemma.logits(Prepared(grown, prepared.media)))[-1].argmax()))
        if ids[-1] in gemma.tokenizer.special.end_ids:
            break
    events = list(gemma.stream(question(picture_file), max_tokens=12, sampling=GREEDY))
    said = "".join(event.text for event in events if isinstance(event, TextDelta | ThoughtDelta))
    assert said == gemma.tokenizer.decode(ids)
    usage = next(event for event in events if isinstance(event, UsageReport))
    assert usage.prompt_tokens == len(prepared.token_ids) and usage.completion_tokens == len(ids)
    assert isinstance(events[-1], TurnFinished)


def test_completing_a_text_says_what_the_logits_say_after_it_as_it_is(gemma: Gemma, picture_file: Path) -> None:
    special = gemma.tokenizer.special
    ids = [special[Marker.BOS], *gemma.tokenizer.encode_text(" the box ")]
    events = list(gemma.complete(" the box ", max_tokens=8, sampling=GREEDY))
    written = [*ids]
    while len(written) < len(ids) + 8 and written[-1] not in special.end_ids:
        logits = gemma.logits(Prepared(np.array(written, np.int32)))
        written.append(int(np.array(logits)[-1].argmax()))
    said = "".join(event.text for event in events if isinstance(event, TextDelta | ThoughtDelta))
    decoder = gemma.tokenizer.stream_decoder()
    assert said == "".join(map(decoder.feed, written[len(ids) :])) + decoder.flush()
    usage = next(event for event in events if isinstance(event, UsageReport))
    assert usage.prompt_tokens == len(ids)
    content = [{"type": "image", "path": str(picture_file)}, {"type": "text", "text": "the box"}]
    usage = next(event for event in gemma.complete(content, max_tokens=1) if isinstance(event, UsageReport))
    assert usage.prompt_tokens == 1 + 62 + len(gemma.tokenizer.encode_text("the box"))


def test_an_answer_ends_before_a_stop_string(gemma: Gemma) -> None:
    def said(**settings: object) -> tuple[str, str]:
        messages = [{"role": "user", "content": "the box?"}]
        events = list(gemma.stream(messages, max_tokens=30, sampling=SamplingSettings(seed=4), **settings))  # pyright: ignore[reportArgumentType]
        assert isinstance(events[-1], TurnFinished)
        return "".join(event.text for event in events if isinstance(event, TextDelta)), events[-1].reason

    whole, _ = said()
    stop = whole[5:8]
    assert said(stop=stop) == (whole[: whole.index(stop)], "stop_string")
    assert said(stop=["never said", stop]) == said(stop=stop)


def test_the_same_seed_gives_the_same_answer_in_a_conversation_that_goes_on(gemma: Gemma) -> None:
    question = {"role": "user", "content": "the box?"}

    def said(messages: list[dict[str, str]], seed: int) -> str:
        events = gemma.stream(messages, max_tokens=20, sampling=SamplingSettings(temperature=3.0, seed=seed))
        return "".join(event.text for event in events if isinstance(event, TextDelta | ThoughtDelta))

    longer = [question, {"role": "assistant", "content": "the user"}, question]
    fresh = [said([question], 1), said(longer, 1)]
    assert [said([question], 1), said(longer, 1)] == fresh, "also where the prompt has been read before"
    assert said([question], 2) != fresh[0]


def test_the_budget_is_the_checkpoints_unless_asked_otherwise(gemma: Gemma, picture_file: Path) -> None:
    assert gemma.prepare(question(picture_file), max_soft_tokens=140).media[0].soft_tokens > 70
    with pytest.raises(RequestError, match="99 soft tokens"):
        gemma.prepare(question(picture_file), max_soft_tokens=99)


def test_what_is_wrong_with_messages_or_files_is_raised_by_prepare(gemma: Gemma) -> None:
    with pytest.raises(PromptError, match="role 'king'"):
        gemma.prepare([{"role": "king", "content": "x"}])
    with pytest.raises(MediaError, match="There is no file"):
        gemma.prepare(question("gone.png"))


def test_a_folder_that_is_no_checkpoint_is_refused_with_the_reason(model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        load(tmp_path / "nowhere")
    with pytest.raises(CheckpointError):
        load(tmp_path)
    shutil.copytree(model_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(CheckpointError, match=r"has no tokenizer\.json"):
        load(tmp_path)


def test_importing_the_package_alone_loads_no_libraries() -> None:
    code = (
        "import sys, mlx_gemma4; sys.exit(any(name in sys.modules for name in ('mlx', 'numpy', 'PIL', 'tokenizers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_says_which_name_it_does_not_have() -> None:
    import mlx_gemma4

    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = mlx_gemma4.lode

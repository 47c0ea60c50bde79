"""Tokenizer: typed markers stay text, and streaming gives what decoding the whole gives."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.errors import CheckpointError

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁"))  # ▁ is how Gemma spells a space
first_byte_id = len(list(Marker))


@pytest.fixture(scope="module")
def tokenizer(tokenizer_folder: Path) -> Tokenizer:
    return Tokenizer(tokenizer_folder)


@pytest.mark.parametrize("marker", list(Marker))
@pytest.mark.parametrize("around", ["{}", "before {} after", "{0}{0}", "<{}>", "\n\n{}\n\n"])
def test_a_typed_marker_stays_text(tokenizer: Tokenizer, marker: Marker, around: str) -> None:
    typed = around.format(marker.value)
    ids = tokenizer.encode_text(typed)
    assert tokenizer.special.all_ids.isdisjoint(ids)
    assert tokenizer.decode(ids) == typed


@given(st.lists(st.sampled_from([*list(Marker), "<", "|", ">", "turn", " ", "é"]), max_size=6).map("".join))
def test_no_mixture_of_marker_pieces_becomes_a_marker(tokenizer: Tokenizer, typed: str) -> None:
    assert tokenizer.special.all_ids.isdisjoint(tokenizer.encode_text(typed))


def test_every_marker_has_the_id_that_the_checkpoint_gives_it(tokenizer: Tokenizer) -> None:
    assert [tokenizer.special[marker] for marker in Marker] == list(range(first_byte_id))


@given(texts)
def test_any_text_survives_encoding_and_decoding(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode_text(text)) == text


@pytest.mark.parametrize(
    ("text", "read"), [("a\ud83db", "a\ufffdb"), ("\ude00", "\ufffd"), ("\ud83d\ude00", "😀"), ("é\ud800", "é\ufffd")]
)
def test_half_a_surrogate_pair_is_no_reason_to_fail(tokenizer: Tokenizer, text: str, read: str) -> None:
    assert tokenizer.decode(tokenizer.encode_text(text)) == read


@given(texts)
def test_streaming_equals_whole_decoding_and_never_gives_half_a_character(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode_text(text)
    decoder = tokenizer.stream_decoder()
    pieces = [decoder.feed(token) for token in ids]
    assert "".join(pieces) + decoder.flush() == tokenizer.decode(ids)
    if "\ufffd" not in text:
        assert "\ufffd" not in "".join(pieces)


@given(st.lists(st.integers(0, 400), max_size=30))
def test_any_ids_can_be_streamed_and_no_marker_shows(tokenizer: Tokenizer, ids: list[int]) -> None:
    ids = [token % tokenizer.vocabulary_size for token in ids]
    decoder = tokenizer.stream_decoder()
    streamed = "".join(decoder.feed(token) for token in ids) + decoder.flush()
    plain = [token for token in ids if token >= first_byte_id]
    byte_runs = "".join("b" if token < first_byte_id + 256 else "c" for token in plain)
    if "b" not in byte_runs:
        assert streamed == tokenizer.decode(ids)
    assert sum(map(len, (tokenizer.decode([t]) for t in plain if t >= first_byte_id + 256))) <= len(streamed)


def test_a_stray_byte_after_a_finished_character_is_survived(tokenizer: Tokenizer) -> None:
    decoder = tokenizer.stream_decoder()
    stray = [*"é…".encode(), 0xFF]
    pieces = [decoder.feed(first_byte_id + byte) for byte in stray]
    pieces += [decoder.feed(token) for token in tokenizer.encode_text("ab")]
    assert "".join(pieces) + decoder.flush() == "é…\ufffdab"
    assert pieces[:5] == ["", "é", "", "", "…"]


def test_an_unfinished_character_comes_out_at_the_end_only(tokenizer: Tokenizer) -> None:
    decoder = tokenizer.stream_decoder()
    assert [decoder.feed(first_byte_id + byte) for byte in "€".encode()[:2]] == ["", ""]
    assert decoder.flush() == "\ufffd\ufffd"
    assert decoder.flush() == ""


def edited_copy(folder: Path, target: Path, name: str, **changes: object) -> Path:
    shutil.copytree(folder, target, dirs_exist_ok=True)
    values = json.loads((target / name).read_text())
    (target / name).write_text(json.dumps({**values, **changes}))
    return target


def test_a_marker_listed_as_an_ordinary_added_token_still_stays_text(tokenizer_folder: Path, tmp_path: Path) -> None:
    added = json.loads((tokenizer_folder / "tokenizer.json").read_text())["added_tokens"]
    ordinary = [{**token, "special": False} for token in added]
    changed = Tokenizer(edited_copy(tokenizer_folder, tmp_path, "tokenizer.json", added_tokens=ordinary))
    for marker in Marker:
        assert changed.special.all_ids.isdisjoint(changed.encode_text(marker.value))
    assert changed.encode_text("\n\n") == [changed.vocabulary_size - 1], "ordinary added tokens still match"


def test_files_that_disagree_about_an_id_are_refused(tokenizer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json says <\|image\|> is token 5"):
        Tokenizer(edited_copy(tokenizer_folder, tmp_path, "config.json", image_token_id=5))


def test_a_tokenizer_without_turn_markers_is_refused(tokenizer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"no <bos> and no <eos> and no <\|turn>"):
        Tokenizer(edited_copy(tokenizer_folder, tmp_path, "tokenizer.json", added_tokens=[]))


def test_a_missing_or_damaged_file_is_refused(tokenizer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has no tokenizer\.json"):
        Tokenizer(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": ')
    with pytest.raises(CheckpointError, match="cannot be read"):
        Tokenizer(tmp_path)
    edited_copy(tokenizer_folder, tmp_path, "tokenizer.json", model={"type": "Sorcery"})
    with pytest.raises(CheckpointError, match="is not a tokenizer"):
        Tokenizer(tmp_path)


def test_the_turn_ends_come_from_the_generation_config(
    tokenizer: Tokenizer, tokenizer_folder: Path, tmp_path: Path
) -> None:
    markers = (Marker.EOS, Marker.TURN_CLOSE, Marker.TOOL_RESPONSE_OPEN)
    assert tokenizer.special.end_ids == {tokenizer.special[marker] for marker in markers}
    changed = edited_copy(tokenizer_folder, tmp_path, "generation_config.json", eos_token_id=1)
    assert Tokenizer(changed).special.end_ids == {1}
    (changed / "generation_config.json").unlink()
    assert Tokenizer(changed).special.end_ids == tokenizer.special.end_ids


def test_what_the_model_must_not_write_comes_from_the_generation_config(
    tokenizer: Tokenizer, tokenizer_folder: Path, tmp_path: Path
) -> None:
    assert tokenizer.special.suppressed_ids == frozenset()
    changed = edited_copy(tokenizer_folder, tmp_path, "generation_config.json", suppress_tokens=[19, 22])
    assert Tokenizer(changed).special.suppressed_ids == {19, 22}
    changed = edited_copy(tokenizer_folder, tmp_path, "generation_config.json", suppress_tokens=None)
    assert Tokenizer(changed).special.suppressed_ids == frozenset()


@pytest.mark.parametrize("stated", [5, [1.5], ["<image|>"], [-1], [True]])
def test_suppressed_tokens_that_are_no_ids_are_refused(tokenizer_folder: Path, tmp_path: Path, stated: object) -> None:
    with pytest.raises(CheckpointError, match="no list of token ids"):
        Tokenizer(edited_copy(tokenizer_folder, tmp_path, "generation_config.json", suppress_tokens=stated))


def test_a_marker_that_the_checkpoint_lacks_is_named_when_needed(tokenizer_folder: Path, tmp_path: Path) -> None:
    added = json.loads((tokenizer_folder / "tokenizer.json").read_text())["added_tokens"]
    fewer = [token for token in added if token["content"] != "<|think|>"]
    changed = Tokenizer(edited_copy(tokenizer_folder, tmp_path, "tokenizer.json", added_tokens=fewer))
    with pytest.raises(CheckpointError, match=r"no <\|think\|> marker"):
        changed.special[Marker.THINK]

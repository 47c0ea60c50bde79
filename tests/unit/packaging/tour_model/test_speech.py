"""What is said and shown to the tour model: phrases, recordings and clips, and the truth about them."""

import json
from pathlib import Path

import numpy as np
import pytest
from tour_model.conversations import tokenizer
from tour_model.scenes import UNSEEN_BACKGROUNDS
from tour_model.speech.mixing import join, record
from tour_model.speech.motion import LEAST_WAY, WAYS, random_motion
from tour_model.speech.packing import unpack, write_shard
from tour_model.speech.phrases import LETTERS, is_unseen, phrase, spell, vocabulary, words_of
from tour_model.speech.score import WordErrors, edit_distance, plain
from tour_model.speech.store import Store
from tour_model.speech.voices import ACCENTS, UNSEEN, VARIANTS, training_voice, unseen_voice

WANTED = (
    "open close the red blue green door window at 7 call send report tomorrow please meeting start stop left right"
).split()


def test_the_vocabulary_is_large_and_mostly_single_tokens() -> None:
    words = vocabulary()
    assert len(words) >= 200
    assert set(WANTED) - {"7"} <= set(words)
    assert sum(len(tokenizer().encode_text(f" {word}")) == 1 for word in words) / len(words) > 0.9


def test_what_is_kept_for_evaluation_is_told_from_the_words_alone() -> None:
    rng = np.random.default_rng(1)
    seen = {" ".join(words_of(phrase(rng, unseen=False))) for _ in range(400)}
    kept = {" ".join(words_of(phrase(rng, unseen=True))) for _ in range(400)}
    assert not seen & kept
    assert all(is_unseen(text) for text in kept)
    assert {word for text in seen for word in text.split()} >= set("7 at the red".split())


def test_a_phrase_is_a_sentence() -> None:
    rng = np.random.default_rng(2)
    for text in (phrase(rng, unseen=False) for _ in range(200)):
        assert text[0].isupper() or text[0].isdigit()
        assert text[-1] in ".?"
        assert "{" not in text
        assert "".join(LETTERS[code - 1] for code in spell(text)) == text[:-1].lower()


def test_the_voice_kept_for_evaluation_never_trains() -> None:
    rng = np.random.default_rng(3)
    trained = {training_voice(rng).name.partition("+")[2] for _ in range(500)}
    assert UNSEEN not in VARIANTS
    assert UNSEEN not in trained
    assert {unseen_voice(rng).name for _ in range(100)} == {f"{accent}+{UNSEEN}" for accent in ACCENTS}


def test_shards_come_back_where_the_index_says(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    waves = [0.4 * np.sin(np.arange(n) * f).astype(np.float32) for n, f in ((8_000, 0.1), (12_345, 0.2), (9_000, 0.3))]
    write_shard(tmp_path / "shard-000", [("One.", "a", waves[0]), ("Two.", "b", waves[1])])
    write_shard(tmp_path / "shard-001", [("Three.", "a", waves[2])])
    unpack(tmp_path)
    store = Store(tmp_path)
    assert [spoken.text for spoken in store.spoken] == ["One.", "Two.", "Three."]
    for spoken, wave in zip(store.spoken, waves, strict=True):
        back = store.samples(spoken)
        assert len(back) == len(wave)
        assert np.corrcoef(back, wave)[0, 1] > 0.95
    assert {spoken.text for spoken in store.of_one_voice(rng)} in ({"One.", "Three."}, {"Two."})


def test_a_shard_without_an_index_is_not_there(tmp_path: Path) -> None:
    def broken_off():  # noqa: ANN202
        yield "One.", "a", np.zeros(4_000, np.float32)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shard(tmp_path / "shard-000", broken_off())
    assert not list(tmp_path.glob("*.json"))
    write_shard(tmp_path / "shard-000", [("One.", "a", np.zeros(4_000, np.float32))])
    assert json.loads((tmp_path / "shard-000.json").read_text()) == [["One.", "a", 0, 4_000]]


def test_recordings_have_pauses_and_keep_their_length_and_level() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        tones = [np.sin(np.arange(8_000) * 0.3).astype(np.float32)] * 2
        joined, starts = join(rng, tones)
        assert starts[1] - starts[0] >= 8_000 + 0.15 * 16_000
        assert all(np.array_equal(joined[start : start + 8_000], tones[0]) for start in starts)
        heard = record(rng, joined)
        assert heard.shape == joined.shape
        assert heard.dtype == np.float32
        assert 0.05 <= np.abs(heard).max() < 0.9


def test_the_mover_goes_its_way_and_nothing_is_in_it() -> None:
    rng = np.random.default_rng(6)
    for _ in range(12):
        motion = random_motion(rng, 400, 300, UNSEEN_BACKGROUNDS)
        assert 2 <= motion.seconds <= 6.1
        boxes = [motion.moved(frame).box for frame in range(motion.frames)]
        (left, top, *_), (far_left, far_top, *_) = boxes[0], boxes[-1]
        across, down = WAYS[motion.way]
        assert (far_left - left) * across >= LEAST_WAY * 400 * abs(across) - 1e-6
        assert (far_top - top) * down >= LEAST_WAY * 300 * abs(down) - 1e-6
        assert motion.mover.label not in {shape.label for shape in motion.shapes}
        for box in boxes:
            assert 0 <= box[0] < box[2] <= 400
            assert 0 <= box[1] < box[3] <= 300
        changed = np.abs(np.asarray(motion.draw(0), int) - np.asarray(motion.draw(motion.frames - 1), int)).max(2) > 30
        rows, columns = changed.nonzero()
        boxes_ends = np.array([boxes[0], boxes[-1]])
        assert columns.min() >= boxes_ends[:, 0].min() - 2
        assert rows.max() <= boxes_ends[:, 3].max() + 2
        assert changed.sum() > 100


@pytest.mark.parametrize(
    ("said", "heard", "edits"),
    [
        ("Open the red door at 7.", "open the red door at seven", 0),
        ("Open the red door.", "Open the door.", 1),
        ("Open the red door.", "Open the bed the door now.", 3),
        ("Stop.", "", 1),
        ("", "Stop.", 1),
    ],
)
def test_word_errors_are_counted(said: str, heard: str, edits: int) -> None:
    assert edit_distance(plain(said), plain(heard)) == edits
    errors = WordErrors()
    errors.add(said, heard)
    errors.add("One two.", "1 2")
    assert errors.rate == edits / (len(plain(said)) + 2)
    assert len(errors.failures) == (edits > 0)

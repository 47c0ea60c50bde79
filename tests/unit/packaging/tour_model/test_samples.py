"""A training sample is, token for token and pixel for pixel, what the engine would make of the same question."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tour_model.architecture import SHAPES_BUDGET, token_id
from tour_model.batches import grid_of, grids, least_padding, positions
from tour_model.batches import patchify as cut
from tour_model.samples import make_batch
from tour_model.tokenizer import build_tokenizer, write

from mlx_gemma4.media.patches import patchify
from mlx_gemma4.prompt.chat_template import ChatOptions
from mlx_gemma4.prompt.messages import read_messages
from mlx_gemma4.prompt.prepare import prepare
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.cost import fit_picture


@pytest.fixture(scope="module")
def engine_tokenizer(repository: Path) -> Tokenizer:
    return Tokenizer(repository / "resources" / "tour")


def test_tokens_are_those_of_the_engine(engine_tokenizer: Tokenizer, tmp_path: Path) -> None:
    batch = make_batch(np.random.default_rng(5), 3)
    picture = tmp_path / "picture.png"
    aspect = grids(SHAPES_BUDGET)[batch.columns, batch.rows][0]
    Image.new("RGB", (round(1024 * aspect), 1024)).save(picture)
    codec = build_tokenizer()
    for group in batch.groups:
        for tokens in group.tokens:
            text = codec.decode(tokens.tolist(), skip_special_tokens=False).replace("<pad>", "")
            turns = text.partition("<image|>")[2].removesuffix("<turn|>").split("<turn|>\n")
            said = [turn.split("\n", 1)[1] if turn.startswith("<|turn>") else turn for turn in turns]
            content = [{"type": "image", "path": str(picture)}, {"type": "text", "text": said[0]}]
            messages = [{"role": "user", "content": content}]
            messages += [{"role": ("assistant", "user")[n % 2], "content": words} for n, words in enumerate(said[1:-1])]
            prepared = prepare(read_messages(messages), engine_tokenizer, ChatOptions(), SHAPES_BUDGET)
            ids = prepared.token_ids.tolist()
            assert tokens.tolist()[: len(ids)] == ids


@pytest.mark.parametrize("size", [(256, 700), (2048, 1000), (400, 400), (300, 899)])
def test_grids_are_those_of_the_engine(size: tuple[int, int]) -> None:
    fitted = fit_picture(*size, SHAPES_BUDGET)
    assert grid_of(*size, SHAPES_BUDGET) == (fitted.width // 48, fitted.height // 48)


def test_patches_are_those_of_the_engine() -> None:
    picture = Image.effect_mandelbrot((384, 384), (-3, -2.5, 2, 2.5), 100).convert("RGB")
    ours = cut(picture.resize((384, 384), Image.Resampling.BICUBIC))
    engines = patchify(picture, SHAPES_BUDGET)
    assert np.array_equal(ours.astype(np.float32) / 255, engines.patches)
    assert np.array_equal(positions(8, 8), engines.positions)


def test_the_wanted_tokens_follow_the_asked_ones() -> None:
    batch = make_batch(np.random.default_rng(6), 4)
    for group in batch.groups:
        assert np.array_equal(group.tokens.reshape(-1)[group.asked + 1], group.wanted)
        assert (group.wanted == token_id("<turn|>")).sum() >= len(group.tokens)


def test_a_conversation_counts_by_the_root_of_its_tokens() -> None:
    for group in make_batch(np.random.default_rng(6), 4).groups:
        rows = group.asked // group.tokens.shape[1]
        sums = np.bincount(rows, group.weights, len(group.tokens))
        assert np.allclose(sums, np.sqrt(np.bincount(rows)))


def test_soft_tokens_stand_where_the_markers_do() -> None:
    batch = make_batch(np.random.default_rng(6), 4)
    for group in batch.groups:
        assert (group.tokens.reshape(-1)[group.places] == token_id("<|image|>")).all()
        assert len(group.places) == group.pictures.size * batch.columns * batch.rows


def test_groups_are_cut_where_the_least_is_padding() -> None:
    assert least_padding([3, 3, 3, 9, 20, 20], 3) == [3, 4, 6]
    assert least_padding([1, 9, 9, 9], 2) == [1, 4]
    lengths = sorted(np.random.default_rng(4).integers(1, 99, 12).tolist())
    all_cuts = (np.array([0, *cut, 12]) for cut in combinations(range(1, 12), 3))
    least = min(sum(np.diff(ends) * np.array(lengths)[ends[1:] - 1]) for ends in all_cuts)
    ends = np.array([0, *least_padding(lengths, 4)])
    assert sum(np.diff(ends) * np.array(lengths)[ends[1:] - 1]) == least
    assert least_padding([5, 7], 1) == [2]
    assert least_padding([4], 3) == [1]


def test_cells_hold_the_centres_of_boxes() -> None:
    batch = make_batch(np.random.default_rng(7), 6)
    assert batch.truth.present.sum() == len(set(batch.truth.cells.tolist()))
    for cell, (y0, x0, y1, x1) in zip(batch.truth.cells, batch.truth.boxes, strict=True):
        row, column = divmod(int(cell) % (batch.rows * batch.columns), batch.columns)
        assert row == pytest.approx((y0 + y1) / 2 * batch.rows - 0.5, abs=0.51)
        assert column == pytest.approx((x0 + x1) / 2 * batch.columns - 0.5, abs=0.51)


def test_write_makes_a_folder_the_engine_reads(tmp_path: Path) -> None:
    write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"tokenizer.json", "tokenizer_config.json"}

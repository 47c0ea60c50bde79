"""The bundled model does what its card says, on a small fixed part of the evaluation, and keeps to its size."""

import json
from pathlib import Path

import mlx.core as mx
import pytest
from tour_model import architecture
from tour_model.evaluate import evaluate

from mlx_gemma4 import load
from mlx_gemma4.gemma import Gemma

PICTURES, SEED = 25, 77


@pytest.fixture(scope="module")
def tour() -> Gemma:
    return load("tour")


def stored_parameters(file: Path) -> int:
    """Parameters of a checkpoint file, packed ones counted as what they stand for."""
    tensors = mx.load(str(file))
    assert isinstance(tensors, dict)
    packed = {name.removesuffix(".scales") for name in tensors if name.endswith(".scales")}
    total = 0
    for name, array in tensors.items():
        module = name.rpartition(".")[0]
        if module not in packed:
            total += array.size
        elif name.endswith(".weight"):
            total += array.size * 4
    return total


def audio_parameters() -> int:
    """Weights of the audio tower and its projector by the shapes of its config; norms and clip bounds left out."""
    config = architecture.audio_config()
    hidden, out = config["hidden_size"], config["output_proj_dims"]
    first, second = config["subsampling_conv_channels"]
    feed_forward = 2 * 2 * hidden * 4 * hidden
    attention = 5 * hidden * hidden
    convolution = hidden * 2 * hidden + hidden * hidden + config["conv_kernel_size"] * hidden
    layers = config["num_hidden_layers"] * (feed_forward + attention + convolution)
    subsampling = 9 * first + 9 * first * second + first // 4 * second * hidden
    return layers + subsampling + hidden * out + out * architecture.text_config()["hidden_size"]


def test_it_fits_with_its_tower(repository: Path) -> None:
    folder = repository / "resources" / "tour"
    hears = json.loads((folder / "config.json").read_text())["audio_config"]
    to_come = 0 if hears else audio_parameters() + 20_000  # norms and bounds
    assert stored_parameters(folder / "model.safetensors") + to_come <= architecture.MAX_PARAMETERS
    stored = sum(file.stat().st_size for file in folder.iterdir())
    assert stored + 1.07 * to_come <= 27_000_000


def test_every_matrix_has_columns_in_multiples_of_64(repository: Path) -> None:
    tensors = mx.load(str(repository / "resources" / "tour" / "model.safetensors"))
    assert isinstance(tensors, dict)
    for name, array in tensors.items():
        if array.ndim == 2 and name.endswith(".weight"):
            assert f"{name.removesuffix('weight')}scales" in tensors
            assert array.shape[1] * 4 % 64 == 0


def test_it_finds_what_is_there(tour: Gemma) -> None:
    figures = evaluate(tour, PICTURES, SEED)
    assert figures["all"]["json_valid"] == 1
    assert figures["all"]["recall"] >= 0.92
    assert figures["all"]["mean_iou"] >= 0.85
    assert figures["all"]["label_right"] >= 0.97
    assert figures["all"]["false_boxes"] <= 0.1  # one invented box in 25 pictures is a percent and a half
    assert figures["kind"]["precision"] >= 0.95
    assert figures["absent"]["absent_empty"] >= 0.9
    assert figures["sentence"]["sentence_names_all"] >= 0.85


def test_it_says_what_its_files_say(tour: Gemma, repository: Path) -> None:
    assert tour.tokenizer.special.end_ids == frozenset(architecture.generation_config()["eos_token_id"])
    assert not tour.report.ignored

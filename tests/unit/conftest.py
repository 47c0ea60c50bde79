"""Files that several tests need. Libraries are imported by the fixtures: the app's tests run without them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tokenizer.json, config.json, generation_config.json and processor_config.json, without weights."""
    from tests.unit.tiny_tokenizer import write_tokenizer_files

    folder = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer_files(folder)
    return folder


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint with random weights that fits the tokenizer; it sees, does not hear, and answers nonsense."""
    import mlx.core as mx

    from mlx_gemma4.weights.saving import write_checkpoint
    from tests.parity.tiny_checkpoints import E2B_LIKE, make_weights
    from tests.unit.tiny_tokenizer import build_tokenizer, marker_ids, write_tokenizer_files

    folder = tmp_path_factory.mktemp("model")
    write_tokenizer_files(folder)
    rows = build_tokenizer().get_vocab_size()
    text = {**E2B_LIKE["text_config"], "vocab_size": rows, "vocab_size_per_layer_input": rows}
    config = {**E2B_LIKE, **marker_ids(), "text_config": text, "audio_config": None}
    write_checkpoint(folder, {name: mx.array(values) for name, values in make_weights(config).items()}, config)
    return folder


@pytest.fixture(scope="session")
def picture_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small picture of two halves."""
    from PIL import Image

    picture = Image.new("RGB", (120, 80), "red")
    picture.paste("blue", (60, 0, 120, 80))
    file = tmp_path_factory.mktemp("pictures") / "halves.png"
    picture.save(file)
    return file


@pytest.fixture(scope="session", params=["tower", "frames"])
def hearing_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole tiny checkpoint that hears: once through an audio tower, once in frames of raw sound."""
    from tests.unit.hearing_models import write_hearing_model

    return write_hearing_model(tmp_path_factory.mktemp("hearing"), frames=request.param == "frames")


@pytest.fixture(scope="session")
def talk_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 40 seconds: tones in place of words, and a pause every four seconds."""
    import numpy as np

    from tests.unit.media.sound_files import tone, write_wav

    words = [np.concatenate([tone(3.5, 150 + 40 * number), tone(0.5, level=0.0)]) for number in range(10)]
    return write_wav(tmp_path_factory.mktemp("sounds") / "talk.wav", np.concatenate(words))

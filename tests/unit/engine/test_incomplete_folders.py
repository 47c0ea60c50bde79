"""Folders that lack small files, as base models and many conversions do, load with the defaults of the family."""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.engine.loading import LoadedModel, inspect_model, read_model
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.prompt.prepared import PreparedPicture, PreparedSound
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import AudioPart, ImagePart, Message, TextPart
from mlx_gemma4.protocol.requests import Ask
from mlx_gemma4.weights.parameters import load_lazily
from mlx_gemma4.weights.saving import transformers_tensors, write_checkpoint
from tests.parity.tiny_checkpoints import E2B_LIKE, make_token_ids
from tests.unit.media.sound_files import tone, write_wav
from tests.unit.tiny_models import full_logits, random_model
from tests.unit.tiny_tokenizer import build_tokenizer, marker_ids, write_tokenizer_files

AUDIO = {
    "model_type": "gemma4_audio",
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "output_proj_dims": 24,
    "subsampling_conv_channels": [128, 4],
}


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that sees and hears, with all its files."""
    folder = tmp_path_factory.mktemp("complete")
    write_tokenizer_files(folder)
    rows = build_tokenizer().get_vocab_size()
    config = deepcopy(E2B_LIKE) | marker_ids() | {"audio_config": AUDIO}
    config["text_config"] |= {"vocab_size": rows, "vocab_size_per_layer_input": rows}
    model = random_model(Gemma4Config.from_dict(config))
    write_checkpoint(folder, transformers_tensors(model), config)
    (folder / "preprocessor_config.json").write_text(json.dumps({"max_soft_tokens": 70}))
    return folder


@pytest.fixture
def folder(complete: Path, tmp_path: Path) -> Path:
    """A copy from which a test may take files away."""
    return Path(shutil.copytree(complete, tmp_path / "model"))


def _load(folder: Path) -> LoadedModel:
    return read_model(inspect_model(folder))


def _prepare(loaded: LoadedModel, *parts: Any) -> Any:
    return loaded.engine.prepare(Ask("1", (Message("user", (*parts, TextPart("?"))),)))


def _stored(folder: Path) -> dict[str, mx.array]:
    """The tensors, read, so that their file can be written anew."""
    stored = load_lazily(folder / "model.safetensors")
    mx.eval(stored)
    return stored


def _edit(folder: Path, name: str, **changes: Any) -> None:
    values = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**values, **changes}))


def test_without_processor_files_pictures_have_the_default_budget(folder: Path, picture_file: Path) -> None:
    assert _prepare(_load(folder), ImagePart(str(picture_file))).media[0].soft_tokens <= 70
    (folder / "processor_config.json").unlink()
    assert _prepare(_load(folder), ImagePart(str(picture_file))).media[0].soft_tokens <= 70
    (folder / "preprocessor_config.json").unlink()
    loaded = _load(folder)
    assert loaded.defaults.max_soft_tokens == 280
    picture = _prepare(loaded, ImagePart(str(picture_file))).media[0]
    assert isinstance(picture, PreparedPicture)
    assert 240 < picture.soft_tokens <= 280


@pytest.mark.parametrize("lost", ["the block", "the file"])
def test_sound_is_heard_without_a_feature_extractor(folder: Path, tmp_path: Path, lost: str) -> None:
    """Early conversions lack its config, and other implementations then ignore sounds without a word."""
    file = write_wav(tmp_path / "a.wav", tone(1.0))
    if lost == "the file":
        for name in ("processor_config.json", "preprocessor_config.json"):
            (folder / name).unlink()
    else:
        assert "feature_extractor" not in json.loads((folder / "processor_config.json").read_text())
    loaded = _load(folder)
    assert loaded.ready("x").hears
    prepared = _prepare(loaded, AudioPart(str(file)))
    sound = prepared.media[0]
    assert isinstance(sound, PreparedSound)
    assert sound.soft_tokens == 25
    special = loaded.tokenizer.special
    assert (prepared.token_ids == special[Marker.AUDIO]).sum() == 25
    silence = write_wav(tmp_path / "b.wav", tone(1.0, level=0.01))
    heard = (prepared, _prepare(loaded, AudioPart(str(silence))))
    logits = [full_logits(loaded.model, prompt) for prompt in heard]
    assert np.abs(logits[0][-1] - logits[1][-1]).max() > 1e-3


def test_sound_is_refused_by_a_conversion_that_lost_the_tower(folder: Path, tmp_path: Path) -> None:
    stored = _stored(folder)
    text = {name: array for name, array in stored.items() if "language_model" in name}
    config = json.loads((folder / "config.json").read_text())
    write_checkpoint(folder, text, config)
    loaded = _load(folder)
    assert loaded.report.absent == ("vision", "audio")
    assert not loaded.ready("x").hears
    assert not loaded.ready("x").sees
    with pytest.raises(MediaError, match="does not hear"):
        _prepare(loaded, AudioPart(str(write_wav(tmp_path / "a.wav", tone(1.0)))))


@pytest.mark.parametrize("named", [None, 1, [1]])
def test_without_a_generation_config_the_markers_end_a_turn(folder: Path, named: object) -> None:
    (folder / "generation_config.json").unlink()
    _edit(folder, "config.json", eos_token_id=named)
    special = _load(folder).tokenizer.special
    wanted = {special[marker] for marker in (Marker.EOS, Marker.TURN_CLOSE, Marker.TOOL_RESPONSE_OPEN)}
    assert special.end_ids == wanted


def test_a_base_model_has_no_template_and_answers_all_the_same(folder: Path) -> None:
    for name in ("generation_config.json", "processor_config.json", "preprocessor_config.json"):
        (folder / name).unlink()
    assert {file.name for file in folder.iterdir()} == {"config.json", "model.safetensors", "tokenizer.json"}
    loaded = _load(folder)
    asked = Ask("1", (Message("user", (TextPart("the box"),)),), max_tokens=3, chat_format=False)
    assert [type(event).__name__ for event in loaded.engine.ask(asked)][-1] == "TurnFinished"


@pytest.mark.parametrize("kind", ["gemma4_text"])
def test_a_decoder_alone_is_a_model_of_text(folder: Path, kind: str) -> None:
    whole = _load(folder)
    config = json.loads((folder / "config.json").read_text())
    stored = _stored(folder)
    prefix = "model.language_model."
    alone = {"model." + name.removeprefix(prefix): array for name, array in stored.items() if name.startswith(prefix)}
    write_checkpoint(folder, alone, config["text_config"] | {"model_type": kind})
    loaded = _load(folder)
    assert not loaded.ready("x").sees
    assert not loaded.defaults.empty_thought
    ids = make_token_ids(20)
    np.testing.assert_array_equal(np.array(loaded.model.logits(ids)), np.array(whole.model.logits(ids)))

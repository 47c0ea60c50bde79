"""Training on recordings and clips computes what the reference does, and goes on from the weights that ship."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.unit.packaging.tour_model.spoken import write_store

torch = pytest.importorskip("torch", reason="torch trains the tour model; the environment of `make parity` has it")


@pytest.fixture(scope="module")
def model():  # noqa: ANN201
    from tour_model.network import build_model

    torch.manual_seed(0)
    return build_model().eval()


def test_the_tower_gives_the_reference_s_soft_tokens(model) -> None:  # noqa: ANN001
    from tour_model.speech.tower import sound_tokens

    from mlx_gemma4.media.log_mel import log_mel

    rng = np.random.default_rng(2)
    lengths = [52_345, 16_000, 9_001]
    samples = np.zeros((3, max(lengths)), np.int16)
    for row, length in zip(samples, lengths, strict=True):
        row[:length] = rng.normal(0, 2_000, length)
    with torch.no_grad():
        ours, counts = sound_tokens(model, torch.from_numpy(samples), torch.tensor(lengths))
        for row, length, soft, count in zip(samples, lengths, ours, counts, strict=True):
            features = torch.from_numpy(log_mel(row[:length].astype(np.float32) / 32768))[None]
            real = torch.ones(features.shape[:2], dtype=torch.bool)
            theirs = model.model.get_audio_features(features, real).pooler_output
            assert soft[:count].shape == theirs.reshape(-1, 384).shape
            assert (soft[:count] - theirs.reshape(-1, 384)).abs().max() < 1e-4


def test_losses_equal_the_reference_model_on_every_conversation(model, tmp_path: Path) -> None:  # noqa: ANN001
    import torch.nn.functional as F
    from tour_model import network
    from tour_model.loading import tensors
    from tour_model.speech.samples import make_clip_batch, make_speech_batch

    rng, store = np.random.default_rng(6), write_store(tmp_path)
    head = network.CellHead(384)
    batches = [make_speech_batch(rng, store, 8), make_clip_batch(rng, store, 3)]
    assert sorted(group.sounds.shape[1] for group in batches[1].groups) == [0, 1]
    for batch in batches:
        with torch.no_grad():
            ours = network.losses(model, head, tensors(batch.arrays()), batch.columns, batch.rows)
        expected = _reference_loss(model, batch, F)
        assert ours.answer.item() == pytest.approx(expected, abs=2e-5)
        assert ours.letters.item() > 0


def _reference_loss(model, batch, F) -> float:  # noqa: ANN001
    from tour_model.batches import positions

    total, count = 0.0, 0
    for group in batch.groups:
        width = group.tokens.shape[1]
        for row, tokens in enumerate(group.tokens):
            seen = {}
            if len(frames := group.pictures[row]):
                seen["pixel_values_videos"] = torch.from_numpy(batch.patches[frames]).float() / 255
                places = torch.from_numpy(positions(batch.columns, batch.rows))
                seen["video_position_ids"] = places[None].repeat(len(frames), 1, 1)
                seen["num_frames_per_video"] = torch.tensor([len(frames)])
            if len(sounds := group.sounds[row]):
                seen |= _heard(batch.sounds, sounds[0])
            with torch.no_grad():
                logits = model(input_ids=torch.from_numpy(tokens)[None], **seen).logits[0]
            mine = group.asked // width == row
            asked, wanted = group.asked[mine] % width, torch.from_numpy(group.wanted[mine])
            total += F.cross_entropy(logits[asked], wanted, reduction="sum").item()
            count += int(mine.sum())
    return total / count


def _heard(sounds, index: int) -> dict:  # noqa: ANN001
    from mlx_gemma4.media.log_mel import log_mel

    samples = sounds.samples[index, : sounds.lengths[index]].astype(np.float32) / 32768
    features = torch.from_numpy(log_mel(samples))[None]
    return {"input_features": features, "input_features_mask": torch.ones(features.shape[:2], dtype=torch.bool)}


def test_three_steps_from_the_shipped_weights_and_one_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tour_model import train

    write_store(tmp_path / "spoken")
    settings = (
        f"--minutes 9 --workers 0 --every 1 --device cpu --shapes 1 --speech 2 --clips 1 --spoken {tmp_path}/spoken"
    )
    for steps, start in ((3, "--bundled --old-rate 0.5"), (1, f"--resume {tmp_path}/run")):
        given = f"train {settings} --steps {steps} --out {tmp_path}/run {start}"
        monkeypatch.setattr(sys, "argv", given.split())
        train.main()
        assert f"done: {steps} steps" in capsys.readouterr().out
    assert len((tmp_path / "run" / "log.jsonl").read_text().splitlines()) == 4

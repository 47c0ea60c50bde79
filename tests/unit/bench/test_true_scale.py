"""Random checkpoints of the published sizes, and the measurement on them, run on sizes that are shrunk."""

from __future__ import annotations

import gc
import math
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.bench.config_json import config_json
from mlx_gemma4.bench.contenders import load_ours
from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.bench.measure import run_once
from mlx_gemma4.bench.peer_media import mlx_vlm_media
from mlx_gemma4.bench.prediction import predicted_peak
from mlx_gemma4.bench.prompts import make_prompt
from mlx_gemma4.bench.random_folder import random_pieces, write_random_folder
from mlx_gemma4.bench.sizes import SIZES, shrunk
from mlx_gemma4.bench.true_scale import LONG_PROMPT, figures_of, jobs_for, main
from mlx_gemma4.generation.soft_tokens import check_media, encode
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.weights.loader import load_model
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.recipe import protecting

PLAIN = NumberPolicy(floats=mx.float32, keep_quantized=False)


def _none(_name: str, _shape: tuple[int, ...]) -> None:
    return None


@pytest.mark.parametrize("size", SIZES)
def test_a_config_written_as_json_is_read_as_itself(size: str) -> None:
    for config in (SIZES[size], shrunk(SIZES[size])):
        assert Gemma4Config.from_dict(config_json(config, "bfloat16")) == config


@pytest.mark.parametrize("size", SIZES)
def test_a_shrunk_size_has_every_part_of_the_full_one(size: str) -> None:
    def parts(config: Gemma4Config) -> set[str]:
        names = [form.name for piece in random_pieces(config, protecting(Packing(4, 64)))[0] for form in piece.forms]
        return {"".join(letter for letter in name if not letter.isdigit()) for name in names}

    assert parts(shrunk(SIZES[size])) == parts(SIZES[size])


@pytest.mark.parametrize(
    ("size", "bits", "gigabytes"),
    [("E2B", 16, 10.21), ("E4B", 16, 15.88), ("12B", 16, 23.92), ("26B-A4B", 4, 15.34), ("31B", 4, 18.42)],
)
def test_full_sizes_take_what_the_published_ones_do(size: str, bits: int, gigabytes: float) -> None:
    pieces, config = random_pieces(SIZES[size], _none if bits == 16 else protecting(Packing(4, 64)))
    assert sum(piece.nbytes for piece in pieces) / 1e9 == pytest.approx(gigabytes, rel=0.01)
    assert ("quantization" in config) == (bits == 4)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bits", [4, 8, 16])
def test_values_are_as_wide_as_they_should_be_however_they_are_stored(size: str, bits: int, tmp_path: Path) -> None:
    config = shrunk(SIZES[size])
    write_random_folder(config, tmp_path, _none if bits == 16 else protecting(Packing(bits, 64)))
    model, report = load_model(tmp_path, PLAIN)
    assert not report.ignored
    assert not report.absent
    for layer in model.text.layers:
        weight = layer.feed_forward.down_proj.weight
        assert float(mx.std(weight)) * math.sqrt(weight.shape[1]) == pytest.approx(1, rel=0.03)
    for job in jobs_for(config, small=True):
        prompt = make_prompt(job, 1, config)
        check_media(model, prompt.token_ids, prompt.media)
        logits = np.array(model.logits(prompt.token_ids, [encode(model, item) for item in prompt.media]))
        assert np.isfinite(logits).all()
        assert 0.5 < logits.std() < 2


def test_a_job_on_a_published_size_has_the_lengths_that_it_names() -> None:
    jobs = {job.name: job for job in jobs_for(SIZES["E2B"], small=False)}
    lengths = {name: len(make_prompt(job, 1, SIZES["E2B"]).token_ids) for name, job in jobs.items()}
    lengths_of_text = {"short prompt": 32, "sampled": 32, "long prompt": LONG_PROMPT}
    assert lengths == lengths_of_text | {"picture": 32 + 280, "sound": 32 + 250}
    assert "sound" not in {job.name for job in jobs_for(SIZES["31B"], small=False)}
    assert len({figure.title for figure in figures_of(list(jobs.values()))}) == 13


@pytest.mark.parametrize("size", ["E2B", "12B"])
def test_mlx_vlm_is_handed_the_same_media(size: str) -> None:
    config = shrunk(SIZES[size])
    prompt = make_prompt(Job("both", 20, 1, picture=(9, 6), sound_seconds=1.0), 1, config)
    picture, sound = prompt.media
    handed = mlx_vlm_media(prompt, config)
    squares = 6 if size == "12B" else 54
    assert handed["pixel_values"].shape == (1, squares, 768 * 54 // squares)
    assert handed["image_position_ids"].shape == (1, squares, 2)
    assert handed["image_position_ids"].max(axis=1).tolist() == [[2, 1] if size == "12B" else [8, 5]]
    assert handed["input_features"].shape == (1, *sound.features.shape)
    kinds = handed["mm_token_type_ids"][0].tolist()
    assert (kinds.count(1), kinds.count(3), kinds.count(0)) == (picture.soft_tokens, sound.soft_tokens, 20)
    assert mlx_vlm_media(make_prompt(Job("text", 20, 1), 1, config), config) == {}


@pytest.mark.parametrize("floats", [mx.bfloat16, mx.float32])
@pytest.mark.parametrize("bits", [4, 16])
def test_the_weights_of_a_prediction_are_those_that_are_loaded(tmp_path: Path, floats: mx.Dtype, bits: int) -> None:
    config = shrunk(SIZES["E2B"])
    write_random_folder(config, tmp_path, _none if bits == 16 else protecting(Packing(bits, 64)), floats)
    _, report = load_model(tmp_path)
    short, long = (predicted_peak(tmp_path, Job("text", tokens, 1)) for tokens in (8, 2_000))
    assert 0.98 * report.nbytes < short < 1.1 * report.nbytes
    assert long > short + 100_000


@pytest.mark.parametrize("bits", [4, 16])
def test_a_peak_is_predicted_as_on_a_gpu_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    config, job = shrunk(SIZES["E2B"]), Job("text", 2_000, 1)
    write_random_folder(config, tmp_path, _none if bits == 16 else protecting(Packing(bits, 64)))
    on_cpu = predicted_peak(tmp_path, job)
    monkeypatch.setattr(NumberPolicy, "for_device", classmethod(lambda cls, _: cls(floats=None, keep_quantized=True)))
    assert 0 < predicted_peak(tmp_path, job) < on_cpu  # 16 bits and packed where a CPU has 32


@pytest.mark.parametrize("size", ["E2B", "12B"])
def test_the_peak_of_a_sound_is_predicted_within_10_percent(size: str, tmp_path: Path) -> None:
    config = shrunk(SIZES[size])
    write_random_folder(config, tmp_path, protecting(Packing(4, 64)))
    gc.collect()  # what earlier tests have left must not go while this one counts
    mx.synchronize()
    before, job = mx.get_active_memory(), Job("sound", 32, 4, sound_seconds=4.0)
    generate = load_ours(tmp_path)
    counted = max(run_once(generate, job, seed, config).peak_memory for seed in range(3)) - before
    assert predicted_peak(tmp_path, job) == pytest.approx(counted, rel=0.1)


@pytest.mark.slow
def test_the_report_has_all_contenders_and_the_prediction(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mlx_vlm")
    words = ["12B", "--shrink", "--rounds", "1", "--folder", str(tmp_path / "kept")]
    assert main(words) == 0
    printed = capsys.readouterr().out
    rows = [line.split() for line in printed.splitlines()]
    decode = next(row for row in rows if row[:2] == ["decode", "after"])
    assert all(float(figure) > 0 for figure in decode[5:8])
    sound = next(row for row in rows if row[:3] == ["first", "token,", "sound"])
    assert sound[5] == "–"
    peak = next(row for row in rows if row[:2] == ["long", "prompt"])
    assert abs(float(peak[-1].rstrip("%"))) < 15
    first = (tmp_path / "kept" / "model.safetensors").stat().st_mtime_ns
    assert main([*words, "--contenders", "ours"]) == 0
    assert (tmp_path / "kept" / "model.safetensors").stat().st_mtime_ns == first


@pytest.mark.parametrize("words", [["E4B", "--bits", "4"], ["E2B", "--bits", "8"], ["E2B", "--bits", "16"]])
def test_a_kept_folder_is_not_measured_under_another_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    write_random_folder(shrunk(SIZES["E2B"]), tmp_path, protecting(Packing(4, 64)))
    with pytest.raises(SystemExit):
        main([*words, "--shrink", "--folder", str(tmp_path)])
    assert "holds another checkpoint" in capsys.readouterr().err

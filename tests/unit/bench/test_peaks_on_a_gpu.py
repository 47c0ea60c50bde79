"""Peaks that were measured on a GPU are what is predicted from the config and the bytes of the weights."""

from __future__ import annotations

from functools import cache

import pytest

from mlx_gemma4.bench.prediction import peak_of
from mlx_gemma4.bench.random_folder import random_pieces
from mlx_gemma4.bench.sizes import SIZES
from mlx_gemma4.bench.true_scale import jobs_for
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.recipe import protecting

ON_AN_H200 = {
    ("E2B", 4): {"short prompt": 4_777, "long prompt": 6_585, "sampled": 4_780, "picture": 5_515, "sound": 5_022},
    ("E2B", 16): {"short prompt": 10_230, "long prompt": 12_021, "sampled": 10_228, "picture": 10_972, "sound": 10_658},
    ("E4B", 4): {"short prompt": 6_697, "long prompt": 9_075, "sampled": 6_704, "picture": 7_373, "sound": 6_954},
    ("E4B", 16): {"short prompt": 15_969, "long prompt": 18_309, "sampled": 15_969, "picture": 16_646, "sound": 16_157},
    ("12B", 4): {"short prompt": 8_148, "long prompt": 11_739, "sampled": 8_123, "picture": 8_167, "sound": 8_183},
    ("26B-A4B", 4): {"short prompt": 16_096, "long prompt": 21_687, "sampled": 15_652, "picture": 16_281},
    ("31B", 4): {"short prompt": 21_297, "long prompt": 25_616, "sampled": 21_232, "picture": 20_924},
}
"""MB that MLX 0.32.4 counted at most while `bench.true_scale` ran a job, by size, bits of most weights, and job."""


@cache
def _weights(size: str, bits: int) -> int:
    """Bytes of a checkpoint, none of whose tensors is made."""
    pieces, _ = random_pieces(
        SIZES[size], (lambda _name, _shape: None) if bits == 16 else protecting(Packing(bits, 64))
    )
    return sum(piece.nbytes for piece in pieces)


@pytest.mark.parametrize(
    ("size", "bits", "name"), [(*model, name) for model, peaks in ON_AN_H200.items() for name in peaks]
)
def test_a_measured_peak_is_predicted_within_5_percent(size: str, bits: int, name: str) -> None:
    job = next(job for job in jobs_for(SIZES[size], small=False) if job.name == name)
    predicted = peak_of(job, SIZES[size], _weights(size, bits), itemsize=2, computes="cuda")
    assert predicted / 1e6 == pytest.approx(ON_AN_H200[size, bits][name], rel=0.05)


@pytest.mark.parametrize(("size", "bits"), [("E2B", 4), ("E4B", 4), ("12B", 4), ("26B-A4B", 4), ("31B", 4)])
def test_what_is_not_weights_grows_with_the_prompt_as_measured(size: str, bits: int) -> None:
    peaks, weights = ON_AN_H200[size, bits], _weights(size, bits) / 1e6
    job = next(job for job in jobs_for(SIZES[size], small=False) if job.name == "long prompt")
    predicted = peak_of(job, SIZES[size], _weights(size, bits), itemsize=2, computes="cuda") / 1e6
    assert predicted - weights == pytest.approx(peaks["long prompt"] - weights, rel=0.2)

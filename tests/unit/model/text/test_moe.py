"""The mixture of experts against a loop over tokens and experts, written out in numpy."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten, tree_unflatten

from mlx_gemma4.generation.fixed_weights import with_fixed_weights
from mlx_gemma4.model.config import ExpertsConfig
from mlx_gemma4.model.layers.expert_linear import ExpertLinear
from mlx_gemma4.model.text.moe import MixtureOfExperts
from tests.unit.tiny_models import EXPERTS, random_ids, random_model

HIDDEN, CONFIG, EPS = 32, ExpertsConfig(experts=6, experts_per_token=2, width=64), 1e-6
TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def mixture() -> MixtureOfExperts:
    """A mixture in which nothing is trivially zero or one."""
    drawn = MixtureOfExperts(HIDDEN, CONFIG, EPS)
    random = np.random.default_rng(3)
    values = [
        (path, mx.array((1 + 0.3 * noise if array.ndim == 1 else 0.5 * noise).astype(np.float32)))
        for path, array in tree_flatten(drawn.parameters())
        for noise in [random.standard_normal(array.shape)]
    ]
    drawn.update(tree_unflatten(values))
    return drawn


def rows(count: int) -> np.ndarray:
    return np.random.default_rng(count).standard_normal((count, HIDDEN)).astype(np.float32)


def normed(x: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    return x / np.sqrt((x.astype(np.float64) ** 2).mean(-1, keepdims=True) + EPS) * weight


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def in_numpy(mixture: MixtureOfExperts, x_LD: np.ndarray, dense_LD: np.ndarray) -> np.ndarray:
    """Every expert for every token, weighed as the reference does: softmax, the largest, a sum of one, scales."""
    w = {path: np.array(array, dtype=np.float64) for path, array in tree_flatten(mixture.parameters())}
    scores = normed(x_LD) * w["router.scale"] * HIDDEN**-0.5 @ w["router.proj.weight"].T
    shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    mixed = np.zeros(x_LD.shape)
    for token, (row, share) in enumerate(zip(normed(x_LD, w["input_norm.weight"]), shares, strict=True)):
        best = np.argsort(share)[-CONFIG.experts_per_token :]
        for expert in best:
            gate, up = np.split(w["experts.gate_up_proj.weight"][expert] @ row, 2)
            output = w["experts.down_proj.weight"][expert] @ (gelu(gate) * up)
            mixed[token] += share[expert] / share[best].sum() * w["router.per_expert_scale"][expert] * output
    return normed(dense_LD, w["dense_norm.weight"]) + normed(mixed, w["output_norm.weight"])


@pytest.mark.parametrize("tokens", [1, 2, 7, 50])
def test_it_is_what_a_loop_over_experts_gives(mixture: MixtureOfExperts, tokens: int) -> None:
    x, dense = rows(tokens), rows(tokens + 100)[:tokens]
    mixed = mixture(mx.array(x), mx.array(dense))
    np.testing.assert_allclose(np.array(mixed), in_numpy(mixture, x, dense), rtol=0, atol=TOLERANCE)


def test_tokens_can_have_batch_axes(mixture: MixtureOfExperts) -> None:
    x = mx.array(rows(12))
    batched = mixture(x.reshape(3, 4, HIDDEN), x.reshape(3, 4, HIDDEN))
    assert mx.allclose(batched.reshape(12, HIDDEN), mixture(x, x), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("tokens", [1, 40])
@pytest.mark.parametrize(("bits", "mode", "group"), [(4, "affine", 32), (8, "affine", 32), (4, "nvfp4", 16)])
def test_packed_matrices_compute_their_values(tokens: int, bits: int, mode: str, group: int) -> None:
    plain = ExpertLinear(6, HIDDEN, 48)
    plain.weight = mx.random.normal(plain.weight.shape, key=mx.random.key(1))
    packed = plain.to_quantized(group, bits, mode)
    parts = (packed.weight, packed.scales, packed.get("biases"))
    plain.weight = mx.dequantize(*parts, group_size=group, bits=bits, mode=mode, dtype=mx.float32)
    x, chosen = mx.array(rows(tokens))[:, None], mx.sort(mx.array(np.arange(tokens) % 6))
    assert mx.allclose(packed(x, chosen), plain(x, chosen), rtol=0, atol=1e-3)


def test_fixed_weights_turn_experts_without_a_copy() -> None:
    model = random_model(EXPERTS)
    size = sum(array.nbytes for _, array in tree_flatten(model.parameters()))
    before = mx.get_active_memory()
    fixed = with_fixed_weights(model)
    assert mx.get_active_memory() - before < size / 10
    assert fixed.text.layers[0].mixture is not model.text.layers[0].mixture
    x = model.text.embed(mx.array(random_ids(1)))
    mixed, turned = (text.layers[0].mixture(x, x) for text in (model.text, fixed.text))
    assert mx.allclose(mixed, turned, rtol=0, atol=TOLERANCE)


def test_bfloat16_weights_give_bfloat16() -> None:
    """Only told from the graph: MLX has no products of gathered 16-bit matrices on the CPU."""
    mixture = MixtureOfExperts(HIDDEN, CONFIG, EPS)
    mixture.set_dtype(mx.bfloat16)
    for tokens in (1, 5):
        x = mx.zeros((tokens, HIDDEN), dtype=mx.bfloat16)
        chosen, weights = mixture.router(x)
        assert weights.dtype == mx.float32
        assert mixture.experts(x, chosen, weights).dtype == mixture(x, x).dtype == mx.bfloat16

"""The model of the compiled steps shares its weights with the model that was loaded, and leaves it alone."""

from __future__ import annotations

import mlx.core as mx
from mlx import nn
from mlx.utils import tree_flatten

from mlx_gemma4.generation.fixed_weights import with_fixed_weights
from tests.unit.tiny_models import random_model


def test_fixing_the_weights_copies_none_of_them() -> None:
    model = random_model()
    size = sum(array.nbytes for _, array in tree_flatten(model.parameters()))
    before = mx.get_active_memory()
    fixed = with_fixed_weights(model)
    assert mx.get_active_memory() - before < size / 10
    assert fixed.text.embed_tokens.weight is model.text.embed_tokens.weight


def test_the_loaded_model_keeps_its_modules() -> None:
    model = random_model()
    paths = [path for path, _ in tree_flatten(model.parameters())]
    with_fixed_weights(model)
    assert [path for path, _ in tree_flatten(model.parameters())] == paths
    assert type(model.text.layers[0].attention.qkv_proj) is nn.Linear


def test_quantized_linears_stay_as_they_are() -> None:
    model = random_model()
    nn.quantize(model.text, group_size=32, bits=8, class_predicate=lambda path, _: path.endswith("gate_up_proj"))
    fixed = with_fixed_weights(model)
    assert isinstance(fixed.text.layers[0].feed_forward.gate_up_proj, nn.QuantizedLinear)

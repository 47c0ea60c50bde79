"""Single parts equal the reference's, so that a difference in logits can be found where it begins."""

from __future__ import annotations

import mlx.core as mx
import numpy as np
import pytest

from mlx_gemma4.model.layers.rope import Rotation, rope_frequencies
from mlx_gemma4.model.text.attention import attend
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.forward_pass import ForwardPass
from mlx_gemma4.model.text.kv_store import Uncached
from mlx_gemma4.model.text.masks import prefill_masks
from tests.parity.cases import COMPONENT_CASES, HEARING, ROPE_LENGTH, ROPE_OFFSET
from tests.parity.fixtures import reference_arrays, tiny_model
from tests.parity.tiny_checkpoints import CONFIGS

TOLERANCE = 3e-5
STREAM_TOLERANCE = 2e-4  # the residual stream is ten times larger than what the parts add to it
TOWER_ROUNDING = 3e-5  # without clipping, a tower gives numbers near 20, and float32 differs from float64 by as much
KINDS = {"local": AttentionType.SLIDING, "global": AttentionType.GLOBAL}

each_model = pytest.mark.parametrize("name", CONFIGS)
each_mixture = pytest.mark.parametrize("name", [name for name in CONFIGS if "router.input" in reference_arrays(name)])
each_kind = pytest.mark.parametrize("kind", KINDS)


@each_model
@each_kind
def test_rotation(name: str, kind: str) -> None:
    arrays, text = reference_arrays(name), tiny_model(name).text
    shape = text.config.sliding if kind == "local" else text.config.full
    frequencies = rope_frequencies(shape.head_dim, shape.rope_theta, shape.rotated_fraction)
    rotation = Rotation.of(mx.arange(ROPE_OFFSET, ROPE_OFFSET + ROPE_LENGTH), frequencies)
    rotated = rotation(mx.array(arrays[f"rope.{kind}.input"]))
    np.testing.assert_allclose(np.array(rotated), arrays[f"rope.{kind}.output"], rtol=0, atol=TOLERANCE)


@each_model
@each_kind
def test_attention_of_one_layer(name: str, kind: str) -> None:
    arrays, text = reference_arrays(name), tiny_model(name).text
    x_LD = mx.array(arrays[f"attention.{kind}.input"])
    attention = text.layers[text.config.layer_types.index(KINDS[kind])].attention
    rotation = text.rotations(mx.arange(len(x_LD)))[KINDS[kind]]
    mask = prefill_masks(len(x_LD), earlier_in_window=0, window=text.config.window)[KINDS[kind]]
    q_NLH, k_KLH, v_KLH = attention.project(x_LD, rotation)
    assert k_KLH is not None
    assert v_KLH is not None
    output_LD = attention.output(attend(q_NLH, k_KLH, v_KLH, mask))
    np.testing.assert_allclose(np.array(output_LD), arrays[f"attention.{kind}.output"], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", [name for name in CONFIGS if "per_layer_input.0" in reference_arrays(name)])
def test_per_layer_inputs(name: str) -> None:
    text, ids_L = tiny_model(name).text, mx.array(COMPONENT_CASES.text.token_ids)
    vectors = text.per_layer_vectors(ids_L, text.embed(ids_L), text.config.layers)
    assert vectors is not None
    expected = reference_arrays(name)["per_layer_input.0"]
    np.testing.assert_allclose(np.array(vectors[0]), expected, rtol=0, atol=TOLERANCE)


@each_model
def test_every_decoder_layer(name: str) -> None:
    arrays, text = reference_arrays(name), tiny_model(name).text
    ids_L = mx.array(COMPONENT_CASES.text.token_ids)
    tokens, x_LD = len(ids_L), text.embed(ids_L)
    stream = text.begin(x_LD)
    vectors = text.per_layer_vectors(ids_L, x_LD, text.config.layers)
    masks = prefill_masks(tokens, earlier_in_window=0, window=text.config.window)
    stores = dict.fromkeys(text.plan.owners, Uncached())
    forward = ForwardPass(text.rotations(mx.arange(tokens)), masks, stores)
    for layer in range(text.config.layers):
        stream = text.run_layers(stream, vectors, forward, [layer])
        last_D, expected = np.array(stream.x_LD[-1]), arrays[f"layer.{layer}.last"]
        np.testing.assert_allclose(last_D, expected, rtol=0, atol=STREAM_TOLERANCE, err_msg=f"layer {layer}")


@each_mixture
def test_the_router_gives_each_expert_its_weight(name: str) -> None:
    arrays, mixture = reference_arrays(name), tiny_model(name).text.layers[0].mixture
    assert mixture is not None
    chosen_LX, weights_LX = mixture.router(mx.array(arrays["router.input"]))
    weights_LE = mx.put_along_axis(mx.zeros(arrays["router.weights"].shape), chosen_LX, weights_LX, axis=1)
    np.testing.assert_allclose(np.array(weights_LE), arrays["router.weights"], rtol=0, atol=TOLERANCE)


@each_mixture
@pytest.mark.parametrize("tokens", [slice(None), slice(7, 8)], ids=["all tokens", "a single one"])
def test_experts_weigh_their_outputs(name: str, tokens: slice) -> None:
    arrays, mixture = reference_arrays(name), tiny_model(name).text.layers[0].mixture
    assert mixture is not None
    chosen_LX, weights_LX = mixture.router(mx.array(arrays["router.input"][tokens]))
    output_LD = mixture.experts(mx.array(arrays["experts.input"][tokens]), chosen_LX, weights_LX)
    np.testing.assert_allclose(np.array(output_LD), arrays["experts.output"][tokens], rtol=0, atol=TOLERANCE)


@each_model
@pytest.mark.parametrize("number", [0, 1])
def test_soft_tokens_of_a_picture(name: str, number: int) -> None:
    picture, model = COMPONENT_CASES.pictures.items[number], tiny_model(name)
    patches, positions = mx.array(picture.patches_P768), mx.array(picture.positions_P2)
    assert model.vision is not None
    for stage, soft in (
        ("tower", model.vision(patches, positions)),
        ("soft_tokens", model.encode_picture(patches, positions)),
    ):
        expected = reference_arrays(name)[f"{stage}.{number}"]
        np.testing.assert_allclose(np.array(soft), expected, rtol=TOWER_ROUNDING, atol=STREAM_TOLERANCE, err_msg=stage)


@each_model
@pytest.mark.parametrize("number", [0, 1, 2])
def test_soft_tokens_of_a_frame(name: str, number: int) -> None:
    frame = COMPONENT_CASES.frames.items[number]
    soft = tiny_model(name).encode_picture(mx.array(frame.patches_P768), mx.array(frame.positions_P2))
    expected = reference_arrays(name)[f"soft_frames.{number}"]
    np.testing.assert_allclose(np.array(soft), expected, rtol=TOWER_ROUNDING, atol=STREAM_TOLERANCE)


def test_soft_tokens_do_not_depend_on_the_order_of_patches() -> None:
    picture = COMPONENT_CASES.pictures.items[0]
    order = np.random.default_rng(0).permutation(len(picture.patches_P768))
    patches, positions = picture.patches_P768[order], picture.positions_P2[order]
    soft = tiny_model("e2b_like").encode_picture(mx.array(patches), mx.array(positions))
    expected = reference_arrays("e2b_like")["soft_tokens.0"]
    np.testing.assert_allclose(np.array(soft), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", HEARING)
@pytest.mark.parametrize("number", [0, 1])
def test_soft_tokens_of_a_sound(name: str, number: int) -> None:
    sound, model = COMPONENT_CASES.sounds.items[number], tiny_model(name)
    features = mx.array(sound.features_TC)
    assert model.audio is not None
    for stage, soft in (("audio_tower", model.audio(features)), ("soft_sound", model.encode_sound(features))):
        expected = reference_arrays(name)[f"{stage}.{number}"]
        np.testing.assert_allclose(np.array(soft), expected, rtol=TOWER_ROUNDING, atol=STREAM_TOLERANCE, err_msg=stage)

"""What single parts of the reference compute, to say where a difference begins. Runs in the parity environment."""

from __future__ import annotations

import torch
from numpy.typing import NDArray
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel
from transformers.models.gemma4.modeling_gemma4 import apply_rotary_pos_emb

from tests.parity.cases import COMPONENT_CASES, ROPE_LENGTH, ROPE_OFFSET, Case
from tests.parity.reference import frame_features, model_inputs, picture_features, sound_features
from tests.parity.tiny_checkpoints import make_normals

KINDS = {"local": "sliding_attention", "global": "full_attention"}


@torch.no_grad()
def component_arrays(model: PreTrainedModel) -> dict[str, NDArray]:
    """Inputs and outputs of rope, attention, per-layer inputs, decoder layers and the towers, by name."""
    arrays = _rotations(model) | _layers(model, COMPONENT_CASES.text)
    for number, picture in enumerate(COMPONENT_CASES.pictures.items):
        arrays[f"tower.{number}"], arrays[f"soft_tokens.{number}"] = picture_features(model, picture)
    for number, soft in enumerate(frame_features(model, COMPONENT_CASES.frames.items)):
        arrays[f"soft_frames.{number}"] = soft
    if getattr(model.model, "audio_tower", None) is not None:
        for number, (tower, soft) in enumerate(sound_features(model, COMPONENT_CASES.sounds.items)):
            arrays[f"audio_tower.{number}"], arrays[f"soft_sound.{number}"] = tower, soft
    return arrays


def _rotations(model: PreTrainedModel) -> dict[str, NDArray]:
    """One head's queries [1, 1, L, H] before and after the rotation, at positions far from zero."""
    text, arrays = model.model.language_model, {}
    positions = torch.arange(ROPE_OFFSET, ROPE_OFFSET + ROPE_LENGTH)[None]
    for kind, layer_type in KINDS.items():
        cos, sin = text.rotary_emb(torch.zeros(1), positions, layer_type)
        q_1LH = torch.from_numpy(make_normals(f"rope/{kind}", (1, ROPE_LENGTH, cos.shape[-1])))
        arrays[f"rope.{kind}.input"] = q_1LH[:, None].numpy()
        arrays[f"rope.{kind}.output"] = apply_rotary_pos_emb(q_1LH[:, None], cos, sin, unsqueeze_dim=1).numpy()
    return arrays


def _layers(model: PreTrainedModel, case: Case) -> dict[str, NDArray]:
    """One local and one global attention, per-layer inputs, a mixture, and the residual stream after every layer."""
    text, arrays, hooks = model.model.language_model, {}, []

    def record_attention(name: str, layer: int) -> None:
        def hook(_module: object, _args: object, kwargs: dict, output: tuple) -> None:
            arrays[f"attention.{name}.input"] = kwargs["hidden_states"][0].numpy().copy()
            arrays[f"attention.{name}.output"] = output[0][0].numpy().copy()

        hooks.append(text.layers[layer].self_attn.register_forward_hook(hook, with_kwargs=True))

    def record_layer(index: int) -> None:
        def hook(_module: object, args: tuple, output: torch.Tensor) -> None:
            arrays[f"layer.{index}.last"] = output[0, -1].numpy().copy()
            if index == 0 and len(args) > 1 and args[1] is not None:
                arrays["per_layer_input.0"] = args[1][0].numpy().copy()

        hooks.append(text.layers[index].register_forward_hook(hook))

    if getattr(text.config, "enable_moe_block", False):
        hooks += _mixture_hooks(text.layers[0], arrays)
    for name, layer_type in KINDS.items():
        record_attention(name, text.config.layer_types.index(layer_type))
    for index in range(len(text.layers)):
        record_layer(index)
    model(**model_inputs(model, case.token_ids, []), use_cache=False)
    for hook in hooks:
        hook.remove()
    return arrays


def _mixture_hooks(layer: torch.nn.Module, arrays: dict[str, NDArray]) -> list[RemovableHandle]:
    """What the first layer's router sees, every token's weight for every expert [L, E], and what the experts give."""

    def record_router(module: torch.nn.Module, args: tuple, output: tuple) -> None:
        _, weights, chosen = output
        by_expert = torch.zeros(len(chosen), module.config.num_experts).scatter(1, chosen, weights)
        arrays["router.input"], arrays["router.weights"] = args[0].numpy().copy(), by_expert.numpy()

    def record_experts(_module: torch.nn.Module, args: tuple, output: torch.Tensor) -> None:
        arrays["experts.input"], arrays["experts.output"] = args[0].numpy().copy(), output.numpy().copy()

    return [
        layer.router.register_forward_hook(record_router),
        layer.experts.register_forward_hook(record_experts),
    ]

"""The reference: transformers in float32 with eager attention. Runs in the parity environment, which has torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from transformers import AutoConfig, PreTrainedModel

from tests.parity.tiny_checkpoints import Frame, Item, MelSound, Picture, RawSound
from tests.parity.unified_reference import MODEL_TYPE as UNIFIED
from tests.parity.unified_reference import sliding_only_masks, squares


def load_reference(folder: Path) -> PreTrainedModel:
    """The reference model of a checkpoint folder; every tensor must be used and none may be missing.

    Raises:
        ValueError: the folder's tensors are not exactly those of the model.
    """
    kind = getattr(transformers, AutoConfig.from_pretrained(folder).architectures[0])
    model, report = kind.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        experts_implementation="eager",
        output_loading_info=True,
    )
    wrong = [f"{kind}: {sorted(names)}" for kind in ("missing_keys", "unexpected_keys") if (names := report[kind])]
    if wrong:
        raise ValueError("; ".join(wrong))
    return model.eval()


@torch.no_grad()
def reference_logits(
    model: PreTrainedModel, token_ids: NDArray[np.int32], media: Sequence[Item]
) -> NDArray[np.float32]:
    """Logits float32 [L, vocabulary] of a whole prompt, without a cache."""
    inputs = model_inputs(model, token_ids, media)
    masks = sliding_only_masks(model, inputs) if _is_unified(model) else None
    return model(**inputs, attention_mask=masks, use_cache=False).logits[0].numpy()


@torch.no_grad()
def logits_by_forward(
    model: PreTrainedModel, token_ids: NDArray[np.int32], media: Sequence[Item]
) -> NDArray[np.float32]:
    """The same with the masks that the reference's forward makes by itself."""
    return model(**model_inputs(model, token_ids, media), use_cache=False).logits[0].numpy()


@torch.no_grad()
def greedy_tokens(
    model: PreTrainedModel,
    token_ids: NDArray[np.int32],
    media: Sequence[Item],
    count: int,
    stop_ids: int | list[int] | None = None,
    suppressed_ids: Sequence[int] = (),
) -> NDArray[np.int32]:
    """At most `count` ids int32 that greedy decoding with the reference's own cache adds to a prompt."""
    inputs = model_inputs(model, token_ids, media)
    settings = {"max_new_tokens": count, "do_sample": False, "eos_token_id": stop_ids, "pad_token_id": 0}
    if suppressed_ids:
        settings["suppress_tokens"] = list(suppressed_ids)
    if _is_unified(model):
        settings["cache_implementation"] = "static"  # with any other, pictures see themselves in global layers, too
    generated = model.generate(**inputs, attention_mask=torch.ones_like(inputs["input_ids"]), **settings)
    return generated[0, len(token_ids) :].numpy().astype(np.int32)


@torch.no_grad()
def picture_features(model: PreTrainedModel, picture: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One picture's soft tokens, float32: as the tower gives them [N, tower width], and projected [N, hidden]."""
    patches, positions = _batch_of_patches(model, [picture])
    features = model.model.get_image_features(patches, positions)
    tower = features.last_hidden_state
    return tower.reshape(-1, tower.shape[-1]).numpy(), features.pooler_output[0].numpy()


@torch.no_grad()
def frame_features(model: PreTrainedModel, frames: Sequence[Frame]) -> list[NDArray[np.float32]]:
    """The projected soft tokens [N, hidden] of the frames of a video, which go through the tower together."""
    patches, positions = _batch_of_patches(model, frames)
    features = model.model.get_video_features(patches, positions, num_frames_per_video=torch.tensor([len(frames)]))
    stops = np.cumsum([frame.soft_tokens for frame in frames])[:-1]
    return np.split(features.pooler_output[0].numpy(), stops)


@torch.no_grad()
def sound_features(
    model: PreTrainedModel, sounds: Sequence[MelSound]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Soft tokens of sounds that go through the tower together: as it gives them, and projected, without padding."""
    heard = model.model.get_audio_features(*_batch_of_sounds(sounds))
    return [
        (tower[real].numpy(), soft[real].numpy())
        for tower, soft, real in zip(heard.last_hidden_state, heard.pooler_output, heard.attention_mask, strict=True)
    ]


def model_inputs(
    model: PreTrainedModel, token_ids: NDArray[np.int32], media: Sequence[Item]
) -> dict[str, torch.Tensor]:
    """The arguments of the reference's forward for one prompt, as its processor would make them.

    All frames of a prompt are given as one video, which makes no difference.
    """
    inputs = {"input_ids": torch.from_numpy(token_ids).long()[None]}
    if not media:
        return inputs
    inputs["mm_token_type_ids"] = torch.zeros_like(inputs["input_ids"])
    for item in media:
        inputs["mm_token_type_ids"][inputs["input_ids"] == item.markers[1]] = item.token_type
    pictures, frames = ([item for item in media if type(item) is kind] for kind in (Picture, Frame))
    if pictures:
        inputs["pixel_values"], inputs["image_position_ids"] = _batch_of_patches(model, pictures)
    if frames:
        inputs["pixel_values_videos"], inputs["video_position_ids"] = _batch_of_patches(model, frames)
        inputs["num_frames_per_video"] = torch.tensor([len(frames)])
    sounds = [item for item in media if isinstance(item, RawSound)]
    if sounds:
        inputs["input_features"], inputs["input_features_mask"] = _batch_of_sounds(sounds)
    return inputs


def _is_unified(model: PreTrainedModel) -> bool:
    return model.config.model_type == UNIFIED


def _batch_of_patches(model: PreTrainedModel, pictures: Sequence[Picture]) -> tuple[torch.Tensor, torch.Tensor]:
    """Patches and positions padded to the longest picture, padding positions −1, as the reference wants them."""
    parts = [
        squares(picture) if _is_unified(model) else (picture.patches_P768, picture.positions_P2) for picture in pictures
    ]
    longest = max(len(places) for _, places in parts)
    patches = np.zeros((len(parts), longest, parts[0][0].shape[1]), dtype=np.float32)
    positions = np.full((len(parts), longest, 2), -1, dtype=np.int64)
    for row, (values, places) in enumerate(parts):
        patches[row, : len(values)] = values
        positions[row, : len(places)] = places
    return torch.from_numpy(patches), torch.from_numpy(positions)


def _batch_of_sounds(sounds: Sequence[RawSound]) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames padded to the longest sound, and which of them are no padding."""
    longest = max(len(sound.features_TC) for sound in sounds)
    features = np.zeros((len(sounds), longest, sounds[0].features_TC.shape[1]), dtype=np.float32)
    real = np.zeros((len(sounds), longest), dtype=bool)
    for row, sound in enumerate(sounds):
        features[row, : len(sound.features_TC)] = sound.features_TC
        real[row, : len(sound.features_TC)] = True
    return torch.from_numpy(features), torch.from_numpy(real)

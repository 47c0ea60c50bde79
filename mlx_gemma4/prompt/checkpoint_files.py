"""The small JSON files of a model folder that decide how a prompt is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_gemma4.prompt.special_tokens import Marker, SpecialTokens
from mlx_gemma4.protocol.cost import (
    DEFAULT_SOFT_TOKENS,
    FRAME_SOFT_TOKENS,
    FRAMES_PER_CLIP,
    SOFT_TOKEN_BUDGETS,
    MediaBudgets,
    SoundForm,
)
from mlx_gemma4.protocol.errors import CheckpointError

_TEMPLATES = ("chat_template.jinja", "chat_template.json")


def read_json(folder: Path, name: str, *, required: bool = False) -> dict[str, Any]:
    """The object in a JSON file of a model folder; empty if the file is optional and not there.

    Raises:
        CheckpointError: the file is required and missing, or is not a JSON object.
    """
    try:
        values = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not required:
            return {}
        raise CheckpointError(
            f"{folder} has no {name}, so it is not a complete model.",
            "Download the model again.",
            code="checkpoint.missing_file",
        ) from None
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder / name} cannot be read: {error}.", "Download the model again.", code="checkpoint.damaged"
        ) from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{folder / name} is not a JSON object.", code="checkpoint.damaged")
    return values


@dataclass(frozen=True)
class PromptDefaults:
    """What a checkpoint fixes about its prompts.

    Attributes:
        max_soft_tokens: picture budget when nobody asks for another.
        empty_thought: without thinking, the prompt ends with an empty thought block. The published templates do this
            for the sizes without per-layer embeddings (12B and larger), and that is their only difference.
        sound: how it takes sound; None for a model that does not hear.
        frame_soft_tokens: budget of a clip's frame when nobody asks for another.
        frames_per_clip: how many frames of a clip are shown.
    """

    max_soft_tokens: int = DEFAULT_SOFT_TOKENS
    empty_thought: bool = False
    sound: SoundForm | None = None
    frame_soft_tokens: int = FRAME_SOFT_TOKENS
    frames_per_clip: int = FRAMES_PER_CLIP

    @property
    def budgets(self) -> MediaBudgets:
        """What the model is given of media."""
        return MediaBudgets(self.max_soft_tokens, self.frame_soft_tokens, self.frames_per_clip, self.sound)


def read_prompt_defaults(folder: Path) -> PromptDefaults:
    """The defaults of the model in a folder.

    Raises:
        CheckpointError: a file is damaged, or names a picture budget that does not exist.
    """
    config = read_json(folder, "config.json", required=True)
    text = config.get("text_config") or config  # of a decoder alone, config.json is the text config
    processor = read_json(folder, "processor_config.json")
    picture = processor.get("image_processor") or read_json(folder, "preprocessor_config.json")
    clip = processor.get("video_processor") or read_json(folder, "video_preprocessor_config.json")
    frames = clip.get("num_frames") or FRAMES_PER_CLIP
    if type(frames) is not int or frames < 1:
        raise CheckpointError(f"{folder} asks for {frames!r} frames of a clip.")
    return PromptDefaults(
        max_soft_tokens=_budget(folder, picture, DEFAULT_SOFT_TOKENS, "a picture"),
        empty_thought=not text.get("hidden_size_per_layer_input"),
        sound=_read_sound_form(config),
        frame_soft_tokens=_budget(folder, clip, FRAME_SOFT_TOKENS, "a frame"),
        frames_per_clip=frames,
    )


def has_learnt_to_answer(folder: Path, special: SpecialTokens) -> bool:
    """Whether a model has been taught the chat format; base models only go on with texts.

    Instruction-tuned checkpoints bring a chat template, or at least end their turns with its marker; base models have
    no template, and state no end but that of the text. One that states no ends at all says nothing either way.

    Raises:
        CheckpointError: a file is damaged.
    """
    if any((folder / name).is_file() for name in _TEMPLATES) or read_json(folder, "tokenizer_config.json").get(
        "chat_template"
    ):
        return True
    return not special.end_ids or special.ids.get(Marker.TURN_CLOSE) in special.end_ids


def _budget(folder: Path, processor: dict[str, Any], default: int, of_what: str) -> int:
    budget = processor.get("max_soft_tokens", default)
    if budget not in SOFT_TOKEN_BUDGETS:
        raise CheckpointError(f"{folder} asks for {budget!r} soft tokens {of_what}, which is not a known budget.")
    return budget


def _read_sound_form(config: Mapping[str, Any]) -> SoundForm | None:
    if not config.get("audio_config"):
        return None
    return "frames" if config.get("model_type") == "gemma4_unified" else "mel"

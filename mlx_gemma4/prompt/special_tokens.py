"""The markers of Gemma 4's prompt language, and their ids as the checkpoint gives them."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlx_gemma4.protocol.errors import CheckpointError


class Marker(enum.StrEnum):
    """A token that only we and the model may write; the value is its spelling in tokenizer.json."""

    PAD = "<pad>"
    EOS = "<eos>"
    BOS = "<bos>"
    UNKNOWN = "<unk>"
    MASK = "<mask>"
    TURN_OPEN = "<|turn>"
    TURN_CLOSE = "<turn|>"
    CHANNEL_OPEN = "<|channel>"
    CHANNEL_CLOSE = "<channel|>"
    THINK = "<|think|>"
    TOOL_OPEN = "<|tool>"
    TOOL_CLOSE = "<tool|>"
    TOOL_CALL_OPEN = "<|tool_call>"
    TOOL_CALL_CLOSE = "<tool_call|>"
    TOOL_RESPONSE_OPEN = "<|tool_response>"
    TOOL_RESPONSE_CLOSE = "<tool_response|>"
    STRING = '<|"|>'
    IMAGE_OPEN = "<|image>"
    IMAGE = "<|image|>"
    IMAGE_CLOSE = "<image|>"
    AUDIO_OPEN = "<|audio>"
    AUDIO = "<|audio|>"
    AUDIO_CLOSE = "<audio|>"
    VIDEO = "<|video|>"


_REQUIRED = (Marker.BOS, Marker.EOS, Marker.TURN_OPEN, Marker.TURN_CLOSE)
_END_OF_TURN = (Marker.EOS, Marker.TURN_CLOSE, Marker.TOOL_RESPONSE_OPEN)
_RESERVED = re.compile(r"<unused\d+>|\[multimodal\]")
_CONFIG_NAMES = {
    "image_token_id": Marker.IMAGE,
    "boi_token_id": Marker.IMAGE_OPEN,
    "eoi_token_id": Marker.IMAGE_CLOSE,
    "audio_token_id": Marker.AUDIO,
    "boa_token_id": Marker.AUDIO_OPEN,
    "eoa_token_id": Marker.AUDIO_CLOSE,
    "eoa_token_index": Marker.AUDIO_CLOSE,
    "video_token_id": Marker.VIDEO,
}


@dataclass(frozen=True)
class SpecialTokens:
    """Ids of one checkpoint.

    Attributes:
        ids: of the markers that this checkpoint has.
        all_ids: every id that no text may turn into, reserved ones included.
        end_ids: ids that end the model's turn.
        suppressed_ids: ids that the model must not write: in 12B those that close a picture and a sound.
    """

    ids: Mapping[Marker, int]
    all_ids: frozenset[int]
    end_ids: frozenset[int]
    suppressed_ids: frozenset[int] = frozenset()

    def __getitem__(self, marker: Marker) -> int:
        """The marker's id.

        Raises:
            CheckpointError: this checkpoint's vocabulary does not have the marker.
        """
        if marker not in self.ids:
            raise CheckpointError(
                f"This model's vocabulary has no {marker} marker, so it cannot do what was asked.",
                "Use a checkpoint that was trained for it.",
                code="checkpoint.missing_marker",
            )
        return self.ids[marker]


def is_special(added_token: Mapping[str, Any]) -> bool:
    """Whether an entry of tokenizer.json's `added_tokens` must never come out of text."""
    content = added_token["content"]
    return bool(added_token.get("special")) or content in set(Marker) or bool(_RESERVED.fullmatch(content))


def read_special_tokens(
    tokenizer_json: Mapping[str, Any], config: Mapping[str, Any], generation_config: Mapping[str, Any]
) -> SpecialTokens:
    """The ids that three files of a checkpoint agree on.

    Raises:
        CheckpointError: a marker that every prompt needs is missing, the files disagree about an id, or what
            generation_config.json suppresses are no ids.
    """
    added = {token["content"]: token["id"] for token in tokenizer_json.get("added_tokens", []) if is_special(token)}
    ids = {marker: added[marker] for marker in Marker if marker in added}
    missing = [marker.value for marker in _REQUIRED if marker not in ids]
    if missing:
        raise CheckpointError(f"tokenizer.json has no {' and no '.join(missing)}: it is not Gemma 4's tokenizer.")
    for name, marker in _CONFIG_NAMES.items():
        stated = config.get(name)
        if stated is not None and marker in ids and stated != ids[marker]:
            raise CheckpointError(
                f"config.json says {marker} is token {stated}, tokenizer.json says {ids[marker]}.",
                "The files belong to different models; download the model again.",
            )
    ends = _end_ids(ids, config, generation_config)
    return SpecialTokens(ids, frozenset(added.values()), ends, _suppressed_ids(generation_config))


def _end_ids(
    ids: Mapping[Marker, int], config: Mapping[str, Any], generation_config: Mapping[str, Any]
) -> frozenset[int]:
    stated = generation_config.get("eos_token_id")
    if stated is None:
        # Conversions that lost the file would never end a turn by the one <eos> that config.json may name.
        named, markers = config.get("eos_token_id"), frozenset(ids[marker] for marker in _END_OF_TURN if marker in ids)
        return markers if named is None else markers | _as_ids(named)
    return _as_ids(stated)


def _as_ids(stated: int | list[int]) -> frozenset[int]:
    return frozenset(stated if isinstance(stated, list) else [stated])


def _suppressed_ids(generation_config: Mapping[str, Any]) -> frozenset[int]:
    stated = generation_config.get("suppress_tokens") or []
    if not isinstance(stated, list) or not all(type(token) is int and token >= 0 for token in stated):
        raise CheckpointError(
            f"generation_config.json suppresses {stated!r}, which is no list of token ids.",
            "Download the file again.",
        )
    return frozenset(stated)

"""What a prompt really is, and the points of it that later prompts are likely to share.

Letters: L tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.prompt.special_tokens import Marker, SpecialTokens

Identity = npt.NDArray[np.int64]

CLOSE = 8
"""Tokens that are cheaper to read again than to keep a point for."""
_TURNS_APART = 256  # older turns of a conversation that is read at once: each point costs a pass of its own
_MOST_POINTS = 16


def identify(prepared: Prepared) -> Identity:
    """One number for each token [L]: its id, or below 0 what the media it belongs to consists of.

    Two prompts whose numbers agree up to a place look the same to the model up to there.
    """
    identity = prepared.token_ids.astype(np.int64)
    for item in prepared.media:
        kind = int(prepared.token_ids[item.start])
        content = int.from_bytes(item.digest[:8], "little") >> 1
        identity[item.start : item.start + item.soft_tokens] = -1 - (content ^ kind)
    return identity


def blocks_of(prepared: Prepared) -> list[range]:
    """Where soft tokens lie: no point can be inside."""
    return [range(item.start, item.start + item.soft_tokens) for item in prepared.media]


@dataclass(frozen=True)
class TurnMarkers:
    """Ids that show where turns begin and thoughts open; None where the checkpoint has no such marker."""

    turn_open: int | None
    channel_open: int | None

    @classmethod
    def of(cls, special: SpecialTokens) -> TurnMarkers:
        """Those of a checkpoint."""
        return cls(special.ids.get(Marker.TURN_OPEN), special.ids.get(Marker.CHANNEL_OPEN))

    def model_turn(self, identity: Identity) -> int:
        """Where the last turn's marker is: 0 without one."""
        return int(max(np.flatnonzero(identity == self.turn_open), default=0))

    def thought(self, identity: Identity) -> int | None:
        """Where the last turn's first thought opens: it and all after it are gone from the next question's prompt."""
        start = self.model_turn(identity)
        return next((start + int(place) for place in np.flatnonzero(identity[start:] == self.channel_open)), None)


def points_to_keep(identity: Identity, blocks: Sequence[range], markers: TurnMarkers, read: int) -> list[int]:
    """Counts of tokens after which to take a snapshot while the rest of a prompt is read, in order.

    These are the start of the model's words (before a thought, which will vanish), the end of the prompt, the ends of
    media, and the starts of turns: of the last one always, of older ones at some distance.

    Args:
        identity: of the whole prompt.
        blocks: its soft tokens, in order.
        markers: of the checkpoint.
        read: tokens that need not be read again; there is a snapshot there already.

    Returns:
        At most 16 points beyond `read`, the last ones.
    """
    total = len(identity)
    thought = markers.thought(identity)
    ends = [block.stop for block in blocks if not _adjoins_another(block, blocks)]
    opened = [int(place) for place in np.flatnonzero(identity == markers.turn_open)[:-1]]  # the last: the model's turn
    wanted: set[int] = {*ends, *opened[-1:], total, *([] if thought is None else [thought])}
    points: list[int] = []
    for point in sorted({*wanted, *opened}):
        before = points[-1] if points else read
        near = [other for other in wanted if 0 < other - point < _TURNS_APART]
        if point - before > CLOSE and (point in wanted or (point - before >= _TURNS_APART and not near)):
            points.append(point)
    return points[-_MOST_POINTS:]


def _adjoins_another(block: range, blocks: Sequence[range]) -> bool:
    """Whether one more follows at once, as frames of a clip do."""
    return any(0 <= other.start - block.stop <= 2 * CLOSE for other in blocks)

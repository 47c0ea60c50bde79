"""The models that Prism offers, and which of them for which Mac: the one table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlx_gemma4.engine.memory import weight_bytes
from mlx_gemma4.engine.model_needs import need_bytes
from mlx_gemma4.protocol.model_events import Drafter, OfferedModel
from mlx_gemma4.weights.published_sizes import PUBLISHED
from mlx_gemma4.weights.quantization import Packing

_GIB = 1 << 30
_GROUP = 64  # numbers that share a scale, in all these conversions
_LICENCE = "Apache License 2.0, by Google"
_QUICK = "The smallest and quickest; sees and hears."
_ALL_ROUND = "Twice the smallest; sees and hears."
_CAREFUL = "Finer weights, nearer to the original."
_NO_ENCODERS = "Sees and hears, without towers of its own."
_WIDE = "Sees; four of its 26 billion weights work at a time, so it is quick for its size."
_LARGEST = "The largest, and the slowest; sees."


@dataclass(frozen=True)
class _Row:
    """One conversion on the Hub; `nbytes` as its repository lists them, round numbers computed from the shapes."""

    repository: str
    size: str
    bits: int
    nbytes: int
    words: str

    def packing(self, path: str, shape: tuple[int, ...]) -> Packing | None:
        """How a matrix is packed, all alike."""
        del path, shape
        return Packing(self.bits, _GROUP) if self.bits < 16 else None


_ROWS = (
    _Row("mlx-community/gemma-4-e2b-it-4bit", "E2B", 4, 3_550_670_554, _QUICK),
    _Row("mlx-community/gemma-4-e4b-it-4bit", "E4B", 4, 5_146_800_534, _ALL_ROUND),
    _Row("mlx-community/gemma-4-e2b-it-8bit", "E2B", 8, 5_866_581_158, _CAREFUL),
    _Row("mlx-community/gemma-4-e4b-it-8bit", "E4B", 8, 8_880_976_964, _CAREFUL),
    _Row("google/gemma-4-E2B-it", "E2B", 16, 10_246_621_918, "As Google publishes it, nothing rounded."),
    _Row("mlx-community/gemma-4-12B-it-8bit", "12B", 8, 12_730_000_000, _NO_ENCODERS),
    _Row("mlx-community/gemma-4-26b-a4b-it-4bit", "26B-A4B", 4, 15_340_000_000, _WIDE),
    _Row("google/gemma-4-E4B-it", "E4B", 16, 15_992_595_884, "As Google publishes it, nothing rounded."),
    _Row("mlx-community/gemma-4-31b-it-4bit", "31B", 4, 18_420_000_000, _LARGEST),
    _Row("mlx-community/gemma-4-26b-a4b-it-8bit", "26B-A4B", 8, 27_950_000_000, _WIDE),
    _Row("mlx-community/gemma-4-31b-it-8bit", "31B", 8, 33_760_000_000, _LARGEST),
)

# The drafter of each size. How many numbers of 16 bits it has is published, 78 million to half a billion; what they
# take is computed from that, and so round.
_DRAFTERS = {
    "E2B": ("google/gemma-4-E2B-it-assistant", 156_000_000),
    "E4B": ("google/gemma-4-E4B-it-assistant", 158_000_000),
    "12B": ("google/gemma-4-12B-it-assistant", 800_000_000),
    "26B-A4B": ("google/gemma-4-26B-A4B-it-assistant", 800_000_000),
    "31B": ("google/gemma-4-31B-it-assistant", 1_000_000_000),
}

# From this much memory on, this model: it leaves the system and other programs what they usually take. Not 4-bit 12B,
# whose answers are reported to suffer from the rounding.
_TIERS = (
    (0, "mlx-community/gemma-4-e2b-it-4bit"),
    (16 * _GIB, "mlx-community/gemma-4-e4b-it-4bit"),
    (24 * _GIB, "mlx-community/gemma-4-e4b-it-8bit"),
    (36 * _GIB, "mlx-community/gemma-4-26b-a4b-it-4bit"),
    (64 * _GIB, "mlx-community/gemma-4-26b-a4b-it-8bit"),
    (96 * _GIB, "mlx-community/gemma-4-31b-it-8bit"),
)


def recommended(total_memory: int) -> str:
    """The repository for a machine with this much memory, in bytes."""
    return [repository for least, repository in _TIERS if total_memory >= least * 0.98][-1]


def offered_drafter(size: str) -> Drafter | None:
    """The drafter to download for a published size; None for another shape."""
    return Drafter(*_DRAFTERS[size]) if size in _DRAFTERS else None


def offered(total_memory: int) -> tuple[OfferedModel, ...]:
    """All of them, smallest first; the one for this machine is marked."""
    best = recommended(total_memory)
    return tuple(replace(_offer(row), recommended=row.repository == best) for row in _ROWS)


def _offer(row: _Row) -> OfferedModel:
    config = PUBLISHED[row.size]
    need = need_bytes(config, row.nbytes)
    ple = config.text.per_layer_embeddings
    table = weight_bytes({"table": (ple.vocab_size, ple.width * config.text.layers)}, 2, row.packing) if ple else 0
    return OfferedModel(
        row.repository,
        f"Gemma 4 {row.size}",
        row.size,
        row.bits,
        row.nbytes,
        need,
        row.words,
        _LICENCE,
        hears=config.audio is not None,
        lean_bytes=need - table if ple else 0,
    )

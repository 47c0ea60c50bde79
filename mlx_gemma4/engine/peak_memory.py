"""What a request will take at its peak, in bytes: arithmetic on a config, before anything is allocated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlx_gemma4.cache.global_cache import grown_capacity
from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.engine.queued_work import QUEUES, text_layer
from mlx_gemma4.engine.tower_memory import picture_work, sound_work
from mlx_gemma4.generation.pace import LARGEST_CHUNKS, largest_chunks
from mlx_gemma4.kernels.backend import Backend
from mlx_gemma4.model.config import Gemma4Config, TextConfig
from mlx_gemma4.model.text.kv_sharing import KVSharingPlan
from mlx_gemma4.protocol.kv_packing import KVPacking

_TABLE_WIDE = 3  # results as wide as the per-layer embeddings of all layers that fill caches
_RING_COPIES: Mapping[Backend, int] = {"cpu": 0, "cuda": 2, "metal": 1}
_LOGITS = 4  # rows of float32 as wide as the vocabulary that a choice makes


@dataclass(frozen=True)
class PeakMemory:
    """Bytes at the peak, by what they are for.

    Attributes:
        weights: parameters.
        caches: the branch at its end, the old buffers while they are copied into larger ones, and the snapshots.
        features: soft tokens of the prompt's media.
        work: the most that any phase has in flight: a tower, a chunk of the prompt, or a decode step.
    """

    weights: int
    caches: int
    features: int
    work: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.caches + self.features + self.work


def predict_peak(
    config: Gemma4Config,
    weights: int,
    *,
    prompt_tokens: int,
    new_tokens: int = 0,
    pictures: Sequence[int] = (),
    sounds: Sequence[int] = (),
    kept: Sequence[int] = (),
    snapshots: Sequence[int] = (),
    chunk: int | None = None,
    itemsize: int = 2,
    backend: Backend = "metal",
    block: int = 1,
    packing: KVPacking | None = None,
) -> PeakMemory:
    """The peak of reading a prompt and answering it.

    Args:
        config: of the model.
        weights: bytes of its parameters, as `weight_bytes` or a load report has them.
        prompt_tokens: soft tokens included.
        new_tokens: of the answer.
        pictures: soft tokens of each picture or frame.
        sounds: soft tokens of each sound.
        kept: soft tokens of each picture or sound whose features are there already, and so take nothing more.
        snapshots: the lengths at which snapshots are taken.
        chunk: most tokens of a prefill pass, None for what suits the backend; a longer picture or sound is one by
            itself.
        itemsize: bytes of a number that is computed with: 4 on the CPU, else 2.
        backend: that computes.
        block: most tokens of a decode step, more than one where a drafter guesses.
        packing: of global layers' keys and values; None keeps them as they are.

    Raises:
        PrismError: this model's keys and values cannot be packed.
    """
    sizes, text = CacheSizes.of(config.text, itemsize, packing), config.text
    end = prompt_tokens + new_tokens
    media = max(*pictures, *sounds, *kept, 0, 0)
    chunk = chunk or LARGEST_CHUNKS[backend]
    phases = [
        _prompt_work(text, prompt_tokens, chunk, media, itemsize, backend, packing),
        decode_work(text, sizes, backend, block),
        *[picture_work(config, tokens, itemsize, backend) for tokens in set(pictures)],
        *[sound_work(config, tokens, itemsize, backend) for tokens in set(sounds)],
    ]
    outgrown = sizes.one_buffer(end, _last_capacity_before(grown_capacity(0, end)))
    return PeakMemory(
        weights=weights,
        caches=sizes.branch(end) + sum(map(sizes.snapshot, snapshots)),
        features=(sum(pictures) + sum(sounds)) * text.hidden_size * itemsize,
        work=max(*phases, outgrown, _before_packing(text, sizes, end, chunk, media, itemsize, backend)),
    )


def _prompt_work(
    text: TextConfig,
    tokens: int,
    chunk: int,
    media: int,
    itemsize: int,
    backend: Backend,
    packing: KVPacking | None = None,
) -> int:
    """In flight while a prompt is read: in chunks of its text, or in the largest of its media."""
    chunks = [*largest_chunks(chunk, tokens, text.query_heads), (min(media, tokens), max(tokens - media, 0))]
    return max(chunk_work(text, rows, earlier, itemsize, backend, packing) for rows, earlier in chunks)


def _before_packing(
    text: TextConfig, sizes: CacheSizes, end: int, chunk: int, media: int, itemsize: int, backend: Backend
) -> int:
    """What a branch that is packed on its way to `end` takes beside that: as it was, or being packed."""
    packing = sizes.packing
    if packing is None or packing.from_tokens == 0 or not packing.packs(end):
        return 0
    longest = packing.from_tokens
    as_it_was = sizes.branch(longest) + _prompt_work(text, longest, chunk, media, itemsize, backend)
    return max(sizes.at_most(end), as_it_was) - sizes.branch(end)


def chunk_work(
    text: TextConfig, rows: int, earlier: int, itemsize: int, backend: Backend, packing: KVPacking | None = None
) -> int:
    """In flight while a chunk of `rows` tokens is read behind `earlier` ones."""
    bits = packing.bits if packing is not None and packing.packs(earlier + rows) else None
    plan = KVSharingPlan(text.layer_types, text.borrowing_layers)
    layers = [text_layer(text, layer, rows, earlier, itemsize, backend, bits=bits) for layer in plan.filling_layers]
    table = text.per_layer_embeddings.width * plan.last_owner if text.per_layer_embeddings else 0
    return int(QUEUES[backend].most(layers) + _TABLE_WIDE * rows * table * itemsize)


def decode_work(text: TextConfig, sizes: CacheSizes, backend: Backend, block: int = 1) -> int:
    """In flight in a decode step: logits, which are computed in float32, and on GPUs further sets of rings.

    A block of several tokens has one more, the rings with its rows behind them; a drafter's logits count as a row.

    A step is queued while the one before it may still read the rings; then it writes into copies of them. On an H200
    these were 1.4 to 3 sets (31B, 26B-A4B, 12B).
    """
    rows, copies = (block + 1, 1) if block > 1 else (1, 0)
    return _LOGITS * rows * text.vocab_size * 4 + sizes.rings * (copies + _RING_COPIES[backend])


def _last_capacity_before(capacity: int) -> int:
    """The capacity that a buffer of this one has grown from."""
    before = 0
    while (larger := grown_capacity(before, before + 1)) < capacity:
        before = larger
    return before

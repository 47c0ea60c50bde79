"""What a request will take at its peak, in bytes: arithmetic on a config, before anything is allocated.

MLX allocates the result of an operation when the operation is queued, and frees what it has read once it has run. So
work takes what the queue holds: ten batches of ten operations on the CPU, where a layer has about as many; ten command
buffers on a GPU. The CPU's allocator adds eight bytes to an array and keeps nothing back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlx_gemma4.cache.global_cache import grown_capacity
from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.generation.session import LARGEST_CHUNK
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import Gemma4Config, TextConfig, VisionConfig
from mlx_gemma4.model.layers.backend import Backend
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.model.text.kv_sharing import KVSharingPlan

LAYERS_IN_FLIGHT: Mapping[Backend, int] = {"cpu": 1, "cuda": 8, "metal": 8}
"""How many layers of work the queue holds at once: measured on the CPU, estimated and not measured on GPUs."""
_METAL_QUEUE_BYTES = 500_000_000  # ten command buffers that are sent off at 40 to 50 MB each, and the one being filled

# Results of one layer, measured on the CPU by the peaks of 26 random shapes: rows as wide as …
_HIDDEN_WIDE = 12  # … the residual stream: norms, projections, sums
_FEED_FORWARD_WIDE = 2.5  # … the feed-forward layer: gate and up in one, and their product
_HEADS_WIDE = 6  # … all heads: projected, normed, turned, attended, joined
_TABLE_WIDE = 3  # … the per-layer embeddings of all layers that fill caches
_LOGITS = 4  # rows of float32 as wide as the vocabulary that a choice makes

# Results of the audio tower, measured on the CPU by the peaks of 24 random shapes:
_HALVINGS = 5  # of each strided convolution: its product, three of its norm, and what is padded for the next
_SOUND_WIDE = 9  # rows as wide as the tower that are queued while the convolutions run
_CONFORMER_WIDE = 21  # of a conformer layer
_KERNEL = 9  # numbers under a kernel of the convolutions


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
    snapshots: Sequence[int] = (),
    chunk: int = LARGEST_CHUNK,
    itemsize: int = 2,
    backend: Backend = "metal",
) -> PeakMemory:
    """The peak of reading a prompt and answering it.

    Args:
        config: of the model.
        weights: bytes of its parameters, as `weight_bytes` or a load report has them.
        prompt_tokens: soft tokens included.
        new_tokens: of the answer.
        pictures: soft tokens of each picture or frame.
        sounds: soft tokens of each sound.
        snapshots: the lengths at which snapshots are taken.
        chunk: most tokens of a prefill pass; a picture or sound that is longer is one by itself.
        itemsize: bytes of a number that is computed with: 4 on the CPU, else 2.
        backend: that computes.
    """
    sizes, text = CacheSizes.of(config.text, itemsize), config.text
    end = prompt_tokens + new_tokens
    rows = min(prompt_tokens, max(chunk, *pictures, *sounds, 0))
    phases = [
        chunk_work(text, rows, prompt_tokens - rows, itemsize, backend),
        decode_work(text),
        *[picture_work(config, tokens, itemsize, backend) for tokens in set(pictures)],
        *[sound_work(config, tokens, itemsize, backend) for tokens in set(sounds)],
    ]
    outgrown = sizes.global_row * _last_capacity_before(grown_capacity(0, end)) if end > prompt_tokens else 0
    return PeakMemory(
        weights=weights,
        caches=sizes.branch(end) + sum(map(sizes.snapshot, snapshots)),
        features=(sum(pictures) + sum(sounds)) * text.hidden_size * itemsize,
        work=max(*phases, outgrown),
    )


def chunk_work(text: TextConfig, rows: int, earlier: int, itemsize: int, backend: Backend) -> int:
    """In flight while a chunk of `rows` tokens is read behind `earlier` ones."""
    plan = KVSharingPlan(text.layer_types, text.borrowing_layers)
    in_window = min(earlier, text.window - 1)
    sliding = _layer_results(text, 0, rows, in_window, itemsize)
    full = _layer_results(text, text.layer_types.index(AttentionType.GLOBAL), rows, earlier, itemsize)
    in_flight = max(full, sliding) + _others_in_flight(backend, sliding) * sliding
    shape = text.sliding
    # A pass holds what its sliding owners attend over, for those who borrow it, and their new rings beside the old.
    owned = len(plan.owners_of(AttentionType.SLIDING)) * 2 * shape.kv_heads * shape.head_dim * itemsize
    kept = owned * (in_window + rows)
    table = text.per_layer_embeddings.width * plan.last_owner if text.per_layer_embeddings else 0
    return int(in_flight + kept + _TABLE_WIDE * rows * table * itemsize)


def decode_work(text: TextConfig) -> int:
    """In flight in a decode step: little but logits, which are computed in float32."""
    return _LOGITS * text.vocab_size * 4


def picture_work(config: Gemma4Config, soft_tokens: int, itemsize: int, backend: Backend) -> int:
    """In flight while a picture goes through the tower; what an encoder-free model does with it is next to nothing."""
    vision = config.vision
    if not isinstance(vision, VisionConfig):
        return 0
    patches = soft_tokens * vision.pooling**2
    pixels = patches * 3 * vision.patch_size**2 * 4
    heads = vision.heads * vision.head_dim
    wide = _HIDDEN_WIDE * vision.hidden_size + _FEED_FORWARD_WIDE * vision.intermediate_size + _HEADS_WIDE / 2 * heads
    layer = patches * wide * itemsize
    scores = vision.heads * patches**2 * itemsize if backend == "cpu" else 0  # fused on GPUs
    return int(pixels + scores + (1 + _others_in_flight(backend, layer)) * layer)


def sound_work(config: Gemma4Config, soft_tokens: int, itemsize: int, backend: Backend) -> int:
    """In flight while a sound goes through the tower; an encoder-free model has none."""
    audio = config.audio
    if not isinstance(audio, AudioConfig):
        return 0
    layer = soft_tokens * _CONFORMER_WIDE * audio.hidden_size * itemsize
    layers = min(LAYERS_IN_FLIGHT[backend], audio.layers) * layer
    return max(layers, halving_work(audio, soft_tokens, itemsize, backend))


def halving_work(audio: AudioConfig, soft_tokens: int, itemsize: int, backend: Backend) -> int:
    """In flight while two strided convolutions make a sound's soft tokens of four times as many mel frames.

    A CPU multiplies by matrices: the numbers under the kernel are laid out for every place that it stands at.
    """
    frames, bands = 4 * soft_tokens, audio.frame_width
    first_places, second_places = frames * bands // 4, frames * bands // 16
    first, second = audio.conv_channels
    results = _HALVINGS * (first_places * first + second_places * second) + 2 * frames * bands
    laid_out = _KERNEL * (first_places + second_places * first) if backend == "cpu" else 0
    return (results + laid_out + _SOUND_WIDE * soft_tokens * audio.hidden_size) * itemsize


def _others_in_flight(backend: Backend, layer: float) -> float:
    """How many layers of that many bytes are queued behind one that runs."""
    others = LAYERS_IN_FLIGHT[backend] - 1
    return min(others, _METAL_QUEUE_BYTES / layer) if backend == "metal" else others


def _layer_results(text: TextConfig, layer: int, rows: int, earlier: int, itemsize: int) -> float:
    """What the operations of one layer put out for a chunk."""
    shape = text.shape(layer)
    heads = (text.query_heads + 2 * shape.kv_heads) * shape.head_dim
    wide = _HIDDEN_WIDE * text.hidden_size + _HEADS_WIDE * heads
    wide += _FEED_FORWARD_WIDE * text.feed_forward_width(layer)
    if text.experts is not None:
        chosen = text.experts.experts_per_token
        wide += chosen * (_FEED_FORWARD_WIDE * text.experts.width + 2 * text.hidden_size)
    return rows * itemsize * (wide + text.query_heads * (rows + earlier))


def _last_capacity_before(capacity: int) -> int:
    """The capacity that a buffer of this one has grown from."""
    before = 0
    while (larger := grown_capacity(before, before + 1)) < capacity:
        before = larger
    return before

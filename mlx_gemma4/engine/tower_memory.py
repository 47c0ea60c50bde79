"""What towers have in flight, in bytes: pictures and sounds on their way to soft tokens."""

from __future__ import annotations

from mlx_gemma4.engine.queued_work import QUEUES, LayerWork
from mlx_gemma4.kernels.backend import Backend
from mlx_gemma4.model.audio.config import AudioConfig
from mlx_gemma4.model.config import Gemma4Config, VisionConfig

# Results of a layer of the picture tower on a GPU, as many rows as wide as …
_PICTURE_WIDE = 15  # … the tower: three inputs for q, k and v, which are made and turned, and two for gate and up
_PICTURE_FEED_FORWARD = 3  # … its feed-forward layer

# The same on the CPU, measured by the peaks of 26 random shapes, the tour model's and two published ones:
_PICTURE_WIDE_ON_CPU, _PICTURE_FEED_FORWARD_ON_CPU, _PICTURE_HEADS_ON_CPU = 10, 3.3, 13

# Results of the audio tower, measured on the CPU by the peaks of 24 random shapes:
_HALVINGS = 5  # of each strided convolution: its product, three of its norm, and what is padded for the next
_SOUND_WIDE = 9  # rows as wide as the tower that are queued while the convolutions run
_CONFORMER_WIDE = 21  # of a conformer layer
_KERNEL = 9  # numbers under a kernel of the convolutions


def picture_work(config: Gemma4Config, soft_tokens: int, itemsize: int, backend: Backend) -> int:
    """In flight while a picture goes through the tower; what an encoder-free model does with it is next to nothing."""
    vision = config.vision
    if not isinstance(vision, VisionConfig):
        return 0
    patches = soft_tokens * vision.pooling**2
    pixels = patches * 3 * vision.patch_size**2 * 4
    if backend == "cpu":
        wide = _PICTURE_WIDE_ON_CPU * vision.hidden_size + _PICTURE_FEED_FORWARD_ON_CPU * vision.intermediate_size
        wide += _PICTURE_HEADS_ON_CPU * vision.heads * vision.head_dim
        wide += vision.heads * patches  # which GPUs never write down
    else:
        wide = _PICTURE_WIDE * vision.hidden_size + _PICTURE_FEED_FORWARD * vision.intermediate_size
    layer = LayerWork(patches * wide * itemsize)
    return int(pixels + QUEUES[backend].most([layer] * vision.layers))


def sound_work(config: Gemma4Config, soft_tokens: int, itemsize: int, backend: Backend) -> int:
    """In flight while a sound goes through the tower; an encoder-free model has none."""
    audio = config.audio
    if not isinstance(audio, AudioConfig):
        return 0
    layer = LayerWork(soft_tokens * _CONFORMER_WIDE * audio.hidden_size * itemsize)
    layers = QUEUES[backend].most([layer] * audio.layers)
    return int(max(layers, halving_work(audio, soft_tokens, itemsize, backend)))


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

"""Random prompts: ids of text, a picture's patches in the middle, a sound at the end, each from a seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.media.log_mel import log_mel
from mlx_gemma4.media.raw_frames import raw_frames
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.model.unified.config import UnifiedAudioConfig
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia, PreparedPicture, PreparedSound
from mlx_gemma4.protocol.cost import SAMPLE_RATE

FIRST_TEXT_ID = 300  # above the special tokens of every vocabulary used here
HIGHEST_TEXT_ID = 2_000
PATCH_VALUES = 768


def read_config(folder: Path) -> Gemma4Config:
    """The config of a checkpoint folder."""
    return Gemma4Config.from_dict(json.loads((folder / "config.json").read_text(encoding="utf-8")))


def make_prompt(job: Job, seed: int, config: Gemma4Config) -> Prepared:
    """A job's prompt for a model; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    ids = rng.integers(FIRST_TEXT_ID, HIGHEST_TEXT_ID, job.prompt_tokens, dtype=np.int32)
    media: list[PreparedMedia] = []
    middle = job.prompt_tokens // 2
    pieces = [ids[:middle]]
    if job.picture is not None:
        picture = _picture(rng, *job.picture, start=middle, pooling=config.vision.pooling if config.vision else 1)
        media.append(picture)
        pieces.append(np.full(picture.soft_tokens, config.image_token_id, np.int32))
    pieces.append(ids[middle:-1])
    if job.sound_seconds:
        sound = _sound(rng, job.sound_seconds, start=sum(map(len, pieces)), config=config)
        media.append(sound)
        pieces.append(np.full(sound.soft_tokens, config.audio_token_id, np.int32))
    return Prepared(np.concatenate([*pieces, ids[-1:]]), tuple(media))


def _picture(rng: np.random.Generator, columns: int, rows: int, *, start: int, pooling: int) -> PreparedPicture:
    patches = rng.random((columns * rows, PATCH_VALUES), dtype=np.float32)
    y, x = np.divmod(np.arange(columns * rows, dtype=np.int32), columns)
    return PreparedPicture(patches, np.stack([x, y], axis=1), start, columns * rows // pooling**2)


def _sound(rng: np.random.Generator, seconds: float, *, start: int, config: Gemma4Config) -> PreparedSound:
    assert config.audio is not None, "a job with sound for a model that does not hear"
    noise = rng.uniform(-0.5, 0.5, round(seconds * SAMPLE_RATE)).astype(np.float32)
    features = raw_frames(noise) if isinstance(config.audio, UnifiedAudioConfig) else log_mel(noise)
    return PreparedSound(features, start, config.audio.soft_tokens(len(features)))

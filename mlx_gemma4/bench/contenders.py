"""The three implementations behind one door: load a checkpoint folder, then stream tokens for a prompt.

Each peer runs its own generate loop with its own sampler, called the way its command line calls it. Everything is
imported inside the functions: a process that measures one of them loads nothing of the others.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.requests import SamplingSettings

Generate = Callable[[Prepared, SamplingSettings, int], Iterator[int]]


def load_ours(folder: Path) -> Generate:
    """This package."""
    from mlx_gemma4.generation.session import Session
    from mlx_gemma4.weights.loader import load_model

    model, _ = load_model(folder)
    steps = Session(model).steps  # compiled once for all sessions over a model, as the engine does

    def generate(prompt: Prepared, sampling: SamplingSettings, max_tokens: int) -> Iterator[int]:
        session = Session(model, steps=steps)
        for _ in session.prefill(prompt):
            pass
        yield from session.decode(sampling, frozenset(), max_tokens)

    return generate


def load_mlx_lm(folder: Path) -> Generate:
    """mlx-lm: text only."""
    import mlx.core as mx
    from mlx_lm.generate import generate_step
    from mlx_lm.sample_utils import make_sampler
    from mlx_lm.utils import load_model

    model, _ = load_model(folder)

    def generate(prompt: Prepared, sampling: SamplingSettings, max_tokens: int) -> Iterator[int]:
        sampler = make_sampler(temp=sampling.temperature, top_p=sampling.top_p, top_k=sampling.top_k)
        for token, _ in generate_step(mx.array(prompt.token_ids), model, max_tokens=max_tokens, sampler=sampler):
            yield int(token)

    return generate


def load_mlx_vlm(folder: Path) -> Generate:
    """mlx-vlm, media as its processor hands them over."""
    import mlx.core as mx
    from mlx_vlm.generate import generate_step
    from mlx_vlm.utils import load_model

    from mlx_gemma4.bench.peer_media import mlx_vlm_media
    from mlx_gemma4.bench.prompts import read_config

    model, config = load_model(folder), read_config(folder)

    def generate(prompt: Prepared, sampling: SamplingSettings, max_tokens: int) -> Iterator[int]:
        media = mlx_vlm_media(prompt, config)
        steps = generate_step(
            mx.array(prompt.token_ids)[None],
            model,
            media.pop("pixel_values", None),
            None,
            max_tokens=max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            **media,
        )
        for token, _ in steps:
            yield int(token)

    return generate


OURS = "ours"
WITHOUT_SENSES = frozenset({"mlx-lm"})
LOADERS: dict[str, Callable[[Path], Generate]] = {OURS: load_ours, "mlx-lm": load_mlx_lm, "mlx-vlm": load_mlx_vlm}

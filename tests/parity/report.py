"""docs/PARITY.md: what `make parity` found, as tables."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import mlx.core as mx
import numpy as np
import torch
import transformers

from tests.parity.cases import MEDIA_TOLERANCE, TEXT_TOLERANCE
from tests.parity.comparisons import FORWARD, FORWARD_LAST, GREEDY, SNAPSHOT_GREEDY, SUPPRESSED_GREEDY, TURNS, Line
from tests.parity.peer_rows import MLX_LM, MLX_VLM, NOT_MEASURED, NOT_OFFERED, PARTS, ROWS

TARGET = Path(__file__).parents[2] / "docs" / "PARITY.md"
KINDS = {"text": "text", "picture": "pictures", "video": "video", "sound": "sound"}
TOKENS = {
    GREEDY: "as the reference",
    SUPPRESSED_GREEDY: "with suppressed ids, as the reference",
    SNAPSHOT_GREEDY: "after a snapshot, as a fresh run",
    TURNS: "in turns, as alone",
}

_INTRO = """\
# Parity with transformers

Written by `make parity`. Every published type of Gemma 4 has a tiny random checkpoint, which transformers computes in
float32 with eager attention, without a cache. Our model must give the same logits on every way through its caches and
decode steps. In random weights, in which nothing is trivially zero or one, each mistake shows. Allowed are
{text:.0e} for text and {media:.0e} where there are media; the best token must always be the same.

{versions}.
"""

_CHOICES = """\
## Where there are two answers

- **Pictures that see themselves** (26B-A4B, 31B): in sliding layers, a query sees a key that is within the window and
  comes up to it or is of the same picture or frame; in global layers everything is causal. (transformers:
  `create_masks_for_vision_model`.)
- **The same in 12B**, where transformers differs from itself. Its forward, and generation with the default cache, let
  pictures see themselves in global layers, too, and beyond the window; the masks it makes for a static cache follow
  the rule above. They differ by up to {forward:.2g} here ({forward_last:.2g} at the last token). We follow the rule:
  transformers has no other for 26B-A4B and 31B, Google's authors brought it there, and into vLLM for 12B as well, and
  an answer cannot depend on the kind of its cache. The figures for 12B are against these masks.
- **The window bounds only backwards.** In a picture longer than the window a query sees all that follows it in the
  picture, as in transformers; Google's JAX code bounds forwards, too. Only pictures of more than 1,024 tokens differ.
"""


_PEERS = """\
How far they are from transformers with the same checkpoints and prompts; where a figure has a ¹, with other tiny random
models of the same types, measured once. Bold is what passes the tolerance.
"""


def write_report(lines: Sequence[Line], mlx_vlm: Sequence[Line], mlx_lm: Sequence[Line], target: Path = TARGET) -> None:
    """Write the page from our lines and the peers'; the order of types, paths and prompts is that of the lines."""
    versions = ", ".join(
        f"{name} {version}"
        for name, version in (
            ("transformers", transformers.__version__),
            ("torch", torch.__version__),
            ("mlx", mx.__version__),
            ("numpy", np.__version__),
            ("Python", platform.python_version()),
        )
    )
    parts = [
        _INTRO.format(text=TEXT_TOLERANCE, media=MEDIA_TOLERANCE, versions=versions),
        "## Logits\n\nLargest absolute difference of a logit, over all prompts and both forms of the decode step.\n",
        *_table(("type", "path", *KINDS.values(), "same best token"), _logit_rows(lines)),
        "\n## Greedy tokens\n",
        *_table(("type", "prompt", *TOKENS.values()), _token_rows(lines)),
        f"\n## Beside {MLX_VLM} and {MLX_LM}\n",
        _PEERS,
        *_table(("comparison", "here", MLX_VLM, MLX_LM), _peer_rows(lines, mlx_vlm, mlx_lm)),
        "\n" + _CHOICES.format(forward=_largest(lines, FORWARD), forward_last=_largest(lines, FORWARD_LAST)),
    ]
    target.write_text("\n".join(parts), encoding="utf-8")


def _logit_rows(lines: Sequence[Line]) -> Iterator[list[str]]:
    logits = [line for line in lines if line.path not in (*TOKENS, *PARTS)]
    for checkpoint, path in dict.fromkeys((line.checkpoint, line.path) for line in logits):
        mine = [line for line in logits if (line.checkpoint, line.path) == (checkpoint, path)]
        columns = (_worst(line for line in mine if kind in (line.media or ("text",))) for kind in KINDS)
        yield [checkpoint, path, *columns, _agreement(mine)]


def _token_rows(lines: Sequence[Line]) -> Iterator[list[str]]:
    tokens = [line for line in lines if line.path in TOKENS]
    for checkpoint, case in dict.fromkeys((line.checkpoint, line.case) for line in tokens):
        mine = [line for line in tokens if (line.checkpoint, line.case) == (checkpoint, case)]
        columns = (_agreement([line for line in mine if line.path == path]) for path in TOKENS)
        yield [checkpoint, case.replace("_", " "), *columns]


def _peer_rows(lines: Sequence[Line], mlx_vlm: Sequence[Line], mlx_lm: Sequence[Line]) -> Iterator[list[str]]:
    for row in ROWS:
        here = _found([line for line in lines if row.select(line)]) or row.instead
        cells = [
            _found([line for line in found if row.select(line)]) or _once(once)
            for found, once in ((mlx_vlm, row.mlx_vlm), (mlx_lm, row.mlx_lm))
        ]
        yield [row.what, here, *cells]


def _once(figure: str) -> str:
    """A cell for what a peer once gave."""
    return figure if figure in (NOT_OFFERED, NOT_MEASURED) else f"{figure} ¹"


def _found(lines: Sequence[Line]) -> str:
    """A cell: the largest difference and how often the best token is the same; empty without lines."""
    agreement = _agreement(lines)
    if lines and all(line.path in TOKENS for line in lines):
        return f"{agreement} identical"
    allowed = MEDIA_TOLERANCE if any(line.media for line in lines) else TEXT_TOLERANCE
    mark = "**" if any(line.difference > allowed for line in lines) else ""
    return f"{mark}{_worst(lines)}{mark}" + (f", best token the same in {agreement}" if agreement else "")


def _largest(lines: Sequence[Line], path: str) -> float:
    return max(line.difference for line in lines if line.path == path)


def _worst(lines: Iterable[Line]) -> str:
    differences = [line.difference for line in lines]
    return f"{max(differences):.1e}" if differences else ""


def _agreement(lines: Sequence[Line]) -> str:
    rows = sum(line.rows for line in lines)
    return f"{sum(line.agreeing for line in lines):,} of {rows:,}" if rows else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)

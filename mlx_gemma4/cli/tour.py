"""`prism`: the bundled model looks at the bundled pictures, and the boxes are drawn."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlx_gemma4.cli.terminal import box_line, checked, print_answer, run
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import BoxFound, UsageReport
from mlx_gemma4.protocol.requests import GREEDY

if TYPE_CHECKING:
    from mlx_gemma4.gemma import Gemma

PROGRAM = "prism"
_LONGEST_ANSWER = 512


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tour; returns the exit code."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description="A look at what the bundled tour model can do.")
    parser.add_argument("--out", type=Path, default=Path("prism-out"), metavar="DIR", help="where drawings are saved")
    options = parser.parse_args(arguments)
    return run(PROGRAM, lambda: _tour(options.out))


def _tour(out: Path) -> None:
    from mlx_gemma4.gemma import TOUR, bundled, load
    from mlx_gemma4.host import first_answer_note, slow_reasons

    for reason in (*slow_reasons(), first_answer_note()):
        if reason:
            print(f"{PROGRAM}: {reason}", file=sys.stderr)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"The folder {out} cannot be made: {error}.", "Choose another with --out.") from error
    gemma = load(TOUR)
    samples = bundled("samples")
    for sample in json.loads((samples / "samples.json").read_text(encoding="utf-8")):
        if sample["job"] != "ask":  # a page is `prism page`
            continue
        _show(gemma, samples / sample["file"], sample["question"], out / sample["file"])


def _show(gemma: Gemma, file: Path, question: str, target: Path) -> None:
    """One picture: the question, the streamed answer, its boxes, and the drawing."""
    from mlx_gemma4.cli import drawing
    from mlx_gemma4.media.pictures import load_picture

    picture = load_picture(file)
    print(f"{file.name} · {question}")
    content = [{"type": "image", "path": str(file)}, {"type": "text", "text": question}]
    found: list[BoxFound] = []
    speed = ""
    for event in checked(
        gemma.stream([{"role": "user", "content": content}], max_tokens=_LONGEST_ANSWER, sampling=GREEDY)
    ):
        print_answer(event)
        if isinstance(event, BoxFound):
            found.append(event)
        elif isinstance(event, UsageReport):
            speed = f"{event.completion_tokens} tokens, {event.tokens_per_second:.0f} a second"
    print()
    for event in found:
        print(f"  {box_line(event, drawing.pixel_box(event.box, *picture.size))}")
    drawing.save(drawing.draw_boxes(picture, found), target)
    print(f"  {speed} · drawn in {target}\n")


if __name__ == "__main__":
    sys.exit(main())

"""`mlx-gemma4 ask FILE… "question"`, `mlx-gemma4 detect FILE ["what"]`, and the door to other commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlx_gemma4.cli.convert import add_convert
from mlx_gemma4.cli.terminal import box_line, checked, print_answer, print_json, run
from mlx_gemma4.protocol.cost import SOFT_TOKEN_BUDGETS
from mlx_gemma4.protocol.errors import PromptError
from mlx_gemma4.protocol.events import BoxFound, Event, TextDelta, Unparsed
from mlx_gemma4.protocol.requests import SamplingSettings

PROGRAM = "mlx-gemma4"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 2 for bad input, 1 for a failed device, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    return run(PROGRAM, lambda: options.command(options))


def detect_question(what: str) -> str:
    """How boxes are asked for."""
    return f"Detect {what}." if what else "Detect all objects."


def _ask(options: argparse.Namespace) -> None:
    *files, question = options.words
    if Path(question).is_file() or not question.strip():
        raise PromptError("There is no question.", f'Put it last: {PROGRAM} ask picture.png "What is this?"')
    from mlx_gemma4.media.pictures import load_picture

    for file in files:
        load_picture(file)  # a bad file is noticed before the slow load of the model
    show = print_json if options.json else print_answer
    for event in _stream(options, files, question):
        show(event)
    if not options.json:
        print()


def _detect(options: argparse.Namespace) -> None:
    from mlx_gemma4.cli import drawing
    from mlx_gemma4.media.pictures import load_picture

    if options.draw:
        drawing.check_output(options.draw)
    picture = load_picture(options.file)
    found: list[BoxFound] = []
    answer = ""
    for event in _stream(options, [options.file], detect_question(options.what.strip().rstrip("."))):
        answer += event.text if isinstance(event, TextDelta) else ""
        if isinstance(event, BoxFound):
            found.append(event)
        if options.json:
            print_json(event)
        elif isinstance(event, BoxFound):
            print(box_line(event, drawing.pixel_box(event.box, *picture.size)), flush=True)
        elif isinstance(event, Unparsed):
            print(f"{PROGRAM}: a box could not be read: {event.text}", file=sys.stderr)
    if not found and not options.json:
        print("Nothing found." if answer.strip(" \n`jsno") == "[]" else f"No boxes in the answer: {answer.strip()}")
    if options.draw:
        drawing.save(drawing.draw_boxes(picture, found), options.draw)


def _stream(options: argparse.Namespace, files: Sequence[str], question: str) -> Iterator[Event]:
    """Load the model and ask it about the files."""
    sampling = SamplingSettings(temperature=options.temperature, seed=options.seed)

    from mlx_gemma4.gemma import load

    gemma = load(options.model)
    content: list[dict[str, Any]] = [{"type": "image", "path": file} for file in files]
    content.append({"type": "text", "text": question})
    return checked(
        gemma.stream(
            [{"role": "user", "content": content}],
            thinking=options.thinking,
            max_soft_tokens=options.budget,
            max_tokens=options.max_tokens,
            sampling=sampling,
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Ask Gemma 4 about pictures, on this computer.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    ask = commands.add_parser("ask", help="ask about pictures, or without any", description="Stream an answer.")
    ask.add_argument("words", nargs="+", metavar="FILE… QUESTION", help="pictures, then the question")
    _add_common(ask, temperature=1.0)
    ask.set_defaults(command=_ask)

    detect = commands.add_parser("detect", help="find things in a picture", description="Print a box for each thing.")
    detect.add_argument("file", metavar="FILE", help="a picture")
    detect.add_argument("what", nargs="?", default="", metavar="WHAT", help="what to find (default: all objects)")
    detect.add_argument("--draw", type=Path, metavar="OUT.png", help="save the picture with its boxes")
    _add_common(detect, temperature=0.0)
    detect.set_defaults(command=_detect)

    add_convert(commands)
    return parser


def _add_common(parser: argparse.ArgumentParser, temperature: float) -> None:
    parser.add_argument("--model", default="tour", metavar="FOLDER", help="a checkpoint (default: the bundled one)")
    parser.add_argument("--json", action="store_true", help="print one event a line")
    parser.add_argument("--max-tokens", type=int, default=2048, metavar="N", help="longest answer (default: 2048)")
    help_text = f"0 takes the likeliest token each time (default: {temperature:g})"
    parser.add_argument("--temperature", type=float, default=temperature, metavar="T", help=help_text)
    parser.add_argument("--seed", type=int, metavar="N", help="give the same answer each time")
    parser.add_argument("--thinking", action="store_true", help="let the model think first")
    parser.add_argument("--budget", type=int, choices=SOFT_TOKEN_BUDGETS, help="tokens a picture may take")


if __name__ == "__main__":
    sys.exit(main())

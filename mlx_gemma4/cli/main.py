"""`mlx-gemma4 ask FILE… "question"`, `complete "text"`, `detect FILE ["what"]`, and the door to other commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlx_gemma4.cli.bench import add_bench
from mlx_gemma4.cli.content import Part, add_file_options, ask_content
from mlx_gemma4.cli.convert import add_convert
from mlx_gemma4.cli.page import add_page
from mlx_gemma4.cli.terminal import box_line, checked, print_answer, print_json, run
from mlx_gemma4.cli.transcribe import add_transcribe
from mlx_gemma4.protocol.cost import SOFT_TOKEN_BUDGETS
from mlx_gemma4.protocol.errors import PromptError, RequestError
from mlx_gemma4.protocol.events import BoxFound, Event, TextDelta, Unparsed
from mlx_gemma4.protocol.kv_packing import KV_BITS, KVPacking
from mlx_gemma4.protocol.requests import SamplingSettings

if TYPE_CHECKING:
    from mlx_gemma4.gemma import Gemma

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
    _show(options, _stream(options, ask_content(options, files, question)))


def _complete(options: argparse.Namespace) -> None:
    sampling = _sampling(options)

    events = _loaded(options).complete(
        options.text, max_tokens=options.max_tokens, stop=options.stop, sampling=sampling
    )
    if not options.json:
        print(options.text, end="", flush=True)
    _show(options, checked(events))


def _show(options: argparse.Namespace, events: Iterator[Event]) -> None:
    show = print_json if options.json else print_answer
    for event in events:
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
    question = detect_question(options.what.strip().rstrip("."))
    content = [{"type": "image", "path": options.file}, {"type": "text", "text": question}]
    for event in _stream(options, content):
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


def _stream(options: argparse.Namespace, content: list[Part]) -> Iterator[Event]:
    """Load the model and ask it."""
    sampling = _sampling(options)
    gemma = _loaded(options)
    return checked(
        gemma.stream(
            [{"role": "user", "content": content}],
            thinking=options.thinking or options.thinking_budget is not None,
            thinking_budget=options.thinking_budget,
            max_soft_tokens=options.budget,
            max_tokens=options.max_tokens,
            stop=options.stop,
            sampling=sampling,
        )
    )


def _sampling(options: argparse.Namespace) -> SamplingSettings:
    return SamplingSettings(temperature=options.temperature, seed=options.seed)


def _loaded(options: argparse.Namespace) -> Gemma:
    from mlx_gemma4.gemma import load

    return load(options.model, drafter=options.drafter, map_ple=options.map_ple, kv_packing=_kv_packing(options))


def _kv_packing(options: argparse.Namespace) -> KVPacking | None:
    if options.kv_bits is None:
        if options.kv_from:
            raise RequestError("--kv-from says from where on, but not in how many bits.", "Add --kv-bits 8.")
        return None
    return KVPacking(options.kv_bits, options.kv_from)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Ask Gemma 4 about files, on this computer.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    ask = commands.add_parser("ask", help="ask about files, or without any", description="Stream an answer.")
    help_text = "pictures, PDFs, clips and sounds of up to 30 seconds, then the question"
    ask.add_argument("words", nargs="+", metavar="FILE… QUESTION", help=help_text)
    add_file_options(ask)
    _add_common(ask, temperature=1.0)
    _add_stop(ask)
    _add_seeing(ask)
    help_text = "let it think for that many tokens at most"
    ask.add_argument("--think-budget", type=int, metavar="N", dest="thinking_budget", help=help_text)
    ask.set_defaults(command=_ask)

    complete = commands.add_parser("complete", help="go on with a text", description="Let a base model go on.")
    complete.add_argument("text", metavar="TEXT", help="the beginning, as it is")
    _add_common(complete, temperature=1.0)
    _add_stop(complete)
    complete.set_defaults(command=_complete)

    detect = commands.add_parser("detect", help="find things in a picture", description="Print a box for each thing.")
    detect.add_argument("file", metavar="FILE", help="a picture")
    detect.add_argument("what", nargs="?", default="", metavar="WHAT", help="what to find (default: all objects)")
    detect.add_argument("--draw", type=Path, metavar="OUT.png", help="save the picture with its boxes")
    _add_common(detect, temperature=0.0)
    _add_seeing(detect)
    detect.set_defaults(command=_detect, thinking_budget=None, stop=())

    add_bench(commands)
    add_convert(commands)
    add_page(commands)
    add_transcribe(commands)
    return parser


def _add_common(parser: argparse.ArgumentParser, temperature: float) -> None:
    parser.add_argument("--model", default="tour", metavar="FOLDER", help="a checkpoint (default: the bundled one)")
    help_text = "the model's drafter, which guesses ahead; answers stay the same"
    parser.add_argument("--drafter", default="", metavar="FOLDER", help=help_text)
    help_text = "read per-layer embeddings from the disk: less memory, slower (default: if it does not fit otherwise)"
    parser.add_argument("--map-ple", action=argparse.BooleanOptionalAction, help=help_text)
    help_text = "keep keys and values of global layers in so many bits, so that long prompts take less memory"
    parser.add_argument("--kv-bits", type=int, choices=KV_BITS, help=help_text)
    help_text = "only in conversations longer than N tokens"
    parser.add_argument("--kv-from", type=int, default=0, metavar="N", help=help_text)
    parser.add_argument("--json", action="store_true", help="print one event a line")
    parser.add_argument("--max-tokens", type=int, default=2048, metavar="N", help="longest answer (default: 2048)")
    help_text = f"0 takes the likeliest token each time (default: {temperature:g})"
    parser.add_argument("--temperature", type=float, default=temperature, metavar="T", help=help_text)
    parser.add_argument("--seed", type=int, metavar="N", help="give the same answer each time")


def _add_stop(parser: argparse.ArgumentParser) -> None:
    help_text = "end the answer before this text; can be given again"
    parser.add_argument("--stop", action="append", default=[], metavar="TEXT", help=help_text)


def _add_seeing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--think", "--thinking", action="store_true", dest="thinking", help="let the model think first")
    parser.add_argument("--budget", type=int, choices=SOFT_TOKEN_BUDGETS, help="tokens a picture may take")


if __name__ == "__main__":
    sys.exit(main())

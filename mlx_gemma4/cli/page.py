"""`mlx-gemma4 page shot.png -o page.html`: a screenshot's page, written in one go and looked at by nobody."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mlx_gemma4.cli.terminal import checked, print_answer, print_json
from mlx_gemma4.parsing.code_blocks import code_blocks
from mlx_gemma4.protocol.cost import SOFT_TOKEN_BUDGETS
from mlx_gemma4.protocol.errors import MediaError, PrismError
from mlx_gemma4.protocol.events import TextDelta, TurnFinished
from mlx_gemma4.protocol.page_answers import page_answer
from mlx_gemma4.protocol.page_requests import LONGEST_PAGE, page_message
from mlx_gemma4.protocol.requests import SamplingSettings


def add_page(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "page", help="rebuild the page of a screenshot", description="Write the HTML of a screenshot's page to a file."
    )
    parser.add_argument("file", metavar="FILE", help="a screenshot")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.html", help="the file to write")
    parser.add_argument("--model", default="tour", metavar="FOLDER", help="a checkpoint (default: the bundled one)")
    parser.add_argument("--json", action="store_true", help="print one event a line")
    help_text = f"longest answer (default: {LONGEST_PAGE})"
    parser.add_argument("--max-tokens", type=int, default=LONGEST_PAGE, metavar="N", help=help_text)
    help_text = "0 takes the likeliest token each time (default: 0)"
    parser.add_argument("--temperature", type=float, default=0.0, metavar="T", help=help_text)
    parser.add_argument("--seed", type=int, metavar="N", help="write the same page each time")
    parser.add_argument("--budget", type=int, choices=SOFT_TOKEN_BUDGETS, help="tokens a picture may take")
    parser.set_defaults(command=_page)


def _page(options: argparse.Namespace) -> None:
    from mlx_gemma4.media.pictures import load_picture

    sampling = SamplingSettings(temperature=options.temperature, seed=options.seed)
    _check_output(options.output)
    load_picture(options.file)

    from mlx_gemma4.gemma import TOUR, load

    message = page_message(options.file, in_full=options.model != TOUR, budget=options.budget)
    answer, whole = "", True
    events = load(options.model).stream([message], max_tokens=options.max_tokens, sampling=sampling)
    try:
        for event in checked(events):
            (print_json if options.json else print_answer)(event)
            answer += event.text if isinstance(event, TextDelta) else ""
            whole = not isinstance(event, TurnFinished) or event.reason == "end_of_turn"
    except KeyboardInterrupt:
        if page_answer(answer, code_blocks(answer)) is not None:
            _save(answer, options.output, whole=False)
        raise
    if not options.json:
        print()
    _save(answer, options.output, whole=whole)


def _save(answer: str, output: Path, *, whole: bool) -> None:
    """Write the page that is in an answer.

    Raises:
        PrismError: there is none, or it cannot be written.
    """
    page = page_answer(answer, code_blocks(answer))
    if page is None:
        beginning = " ".join(answer.split())[:80]
        said = f"It begins: {beginning}" if beginning else "It is empty."
        raise PrismError(f"The answer has no HTML in it, so {output} was not written.", said, code="page.no_html")
    try:
        output.write_text(page.html + "\n", encoding="utf-8")
    except OSError as error:
        raise MediaError(f"{output} cannot be written: {error}.", code="media.output") from error
    broken = "" if whole and page.complete else ", as far as it was written"
    print(f"{output}: {len(page.html)} characters{broken}", file=sys.stderr)


def _check_output(path: Path) -> None:
    """Raise MediaError, before any work is done, unless a file can be written there."""
    if not path.absolute().parent.is_dir():
        raise MediaError(f"The folder of {path} does not exist.", "Make it first.", code="media.output")
    if path.is_dir():
        raise MediaError(f"{path} is a folder.", "Give the name of a file.", code="media.output")

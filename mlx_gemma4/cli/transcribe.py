"""`mlx-gemma4 transcribe FILE… --srt`: recordings of any length to words, on the terminal and as subtitles."""

from __future__ import annotations

import argparse
import itertools
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mlx_gemma4.cli.terminal import checked, print_json, print_segment
from mlx_gemma4.cli.transcripts import BESIDE, open_writers, plan_outputs
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import EngineFailed, Event, TranscriptSegment
from mlx_gemma4.protocol.requests import SamplingSettings, Transcribe
from mlx_gemma4.protocol.transcripts import WRITERS


def add_transcribe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "transcribe",
        help="write down recordings",
        description="Write down recordings of any length, and clips with sound, as they are heard. "
        "Ctrl-C ends it; what was heard up to there is kept.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="recordings, or clips with sound")
    for kind in WRITERS:
        text = f"also write a .{kind} file, beside each recording or to OUT: a .{kind} file, or a folder"
        parser.add_argument(f"--{kind}", type=Path, nargs="?", const=BESIDE, metavar="OUT", help=text)
    parser.add_argument("--events", action="store_true", help="print one event a line, as JSON")
    parser.add_argument("--language", metavar="NAME", help="what is spoken, such as English (default: found out)")
    parser.add_argument("--translate-to", metavar="NAME", help="translate into this language")
    parser.add_argument("--model", default="tour", metavar="FOLDER", help="a checkpoint that hears")
    parser.add_argument("--max-tokens", type=int, default=512, metavar="N", help="longest text of a piece (512)")
    help_text = "0 takes the likeliest token each time (default: 0)"
    parser.add_argument("--temperature", type=float, default=0.0, metavar="T", help=help_text)
    parser.add_argument("--seed", type=int, metavar="N", help="give the same transcript each time")
    parser.set_defaults(command=_transcribe)


def _transcribe(options: argparse.Namespace) -> None:
    from mlx_gemma4.media.sound import open_sound

    files, outputs = _sorted(options)
    requests = [_request(options, file) for file in files]
    for file in files:
        open_sound(file)  # a bad file is noticed before the slow load of the model
    plan = plan_outputs(files, outputs)

    from mlx_gemma4.gemma import load

    gemma = load(options.model)
    for request, places in zip(requests, plan, strict=True):
        if len(requests) > 1 and not options.events:
            print(f"{request.path}:", flush=True)
        with _ended_by_interrupt(lambda: gemma.engine.stop(request.id)):  # noqa: B023  # called in this round only
            _write_down(gemma.engine.transcribe(request), places, in_events=options.events)


def _write_down(events: Iterator[Event], places: dict[str, Path], *, in_events: bool) -> None:
    """Show and write a recording's segments as they land."""
    first = next(events)
    # what cannot be done at all replaces no file
    with open_writers({} if isinstance(first, EngineFailed) else places) as writers:
        for event in checked(itertools.chain([first], events)):
            if in_events:
                print_json(event)
            if isinstance(event, TranscriptSegment):
                for write in writers:
                    write(event)
                if not in_events:
                    print_segment(event)


@contextmanager
def _ended_by_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl-C end the transcript in good order, files included, before it ends the program."""
    interrupts: list[int] = []

    def on_interrupt(number: int, _frame: object) -> None:
        interrupts.append(number)
        stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # who insists need not wait

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupts:
        raise KeyboardInterrupt


def _sorted(options: argparse.Namespace) -> tuple[list[str], dict[str, Path]]:
    """The recordings and where transcripts go; a recording that stands behind `--srt` is meant as a recording."""
    files: list[str] = list(options.files)
    outputs: dict[str, Path] = {}
    for kind in WRITERS:
        out: Path | None = getattr(options, kind)
        if out is not None and out != BESIDE and out.suffix.lower() != f".{kind}" and out.is_file():
            files.insert(0, str(out))
            out = BESIDE
        if out is not None:
            outputs[kind] = out
    if not files:
        raise MediaError("There is nothing to write down.", "Name a recording: mlx-gemma4 transcribe talk.mp3 --srt")
    return files, outputs


def _request(options: argparse.Namespace, file: str) -> Transcribe:
    """The request for a file; its values are checked here, so that a bad one is noticed before anything is opened."""
    sampling = SamplingSettings(temperature=options.temperature, seed=options.seed)
    return Transcribe("transcribe", file, options.language, options.translate_to, sampling, options.max_tokens)

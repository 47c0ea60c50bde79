"""`mlx-gemma4 transcribe FILE…`: recordings of any length to words, on the terminal and as subtitles."""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from mlx_gemma4.cli.terminal import checked, print_json, print_segment
from mlx_gemma4.cli.transcripts import WRITERS, open_writers, plan_outputs
from mlx_gemma4.protocol.events import EngineFailed, TranscriptSegment
from mlx_gemma4.protocol.requests import SamplingSettings, Transcribe


def add_transcribe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "transcribe",
        help="write down recordings",
        description="Write down recordings of any length, and clips with sound, as they are heard.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="recordings, or clips with sound")
    for kind in WRITERS:
        text = f"also write a .{kind} file; with several recordings, a folder to write them to"
        parser.add_argument(f"--{kind}", type=Path, metavar="OUT", help=text)
    parser.add_argument("--json", action="store_true", help="print one event a line")
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

    requests = [_request(options, file) for file in options.files]
    for file in options.files:
        open_sound(file)  # a bad file is noticed before the slow load of the model
    outputs = {kind: getattr(options, kind) for kind in WRITERS if getattr(options, kind) is not None}
    plan = plan_outputs(options.files, outputs)

    from mlx_gemma4.gemma import load

    gemma = load(options.model)
    for request, places in zip(requests, plan, strict=True):
        if len(requests) > 1 and not options.json:
            print(f"{request.path}:", flush=True)
        events = gemma.engine.transcribe(request)
        first = next(events)
        # what cannot be done at all replaces no file
        with open_writers({} if isinstance(first, EngineFailed) else places) as writers:
            for event in checked(itertools.chain([first], events)):
                if options.json:
                    print_json(event)
                if isinstance(event, TranscriptSegment):
                    for write in writers:
                        write(event)
                    if not options.json:
                        print_segment(event)


def _request(options: argparse.Namespace, file: str) -> Transcribe:
    """The request for a file; its values are checked here, so that a bad one is noticed before anything is opened."""
    sampling = SamplingSettings(temperature=options.temperature, seed=options.seed)
    return Transcribe("transcribe", file, options.language, options.translate_to, sampling, options.max_tokens)

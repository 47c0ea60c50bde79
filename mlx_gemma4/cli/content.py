"""Files and a question on the command line as one message; what a file is, is told from its content."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from mlx_gemma4.protocol.cost import MAX_SOUND_SECONDS, SOFT_TOKEN_BUDGETS
from mlx_gemma4.protocol.errors import PromptError

Part = dict[str, Any]


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """The options for clips and documents."""
    parser.add_argument("--pages", type=_pages, metavar="A-B", help="of a PDF only these pages, counted from 1")
    help_text = "tokens a frame of a clip may take (default: 70)"
    parser.add_argument("--frame-budget", type=int, choices=SOFT_TOKEN_BUDGETS, help=help_text)
    parser.add_argument("--no-sound", action="store_false", dest="sound", help="let the model not hear a clip's sound")


def ask_content(options: argparse.Namespace, files: Sequence[str], question: str) -> list[Part]:
    """The parts of a message that asks about files: what is seen comes before the question, sound after it.

    (That order is the one that Gemma 4's model card recommends.) Every file is opened, so that one that cannot be used
    is noticed before the slow load of a model.

    Raises:
        MediaError: a file cannot be used.
        PromptError: an option is for another kind of file.
    """
    parts = [_part(file, options) for file in files]
    if options.pages and not any(part["type"] == "document" for part in parts):
        raise PromptError("Pages were chosen, but no file is a PDF.", "Leave out --pages, or give a PDF.")
    heard = [part for part in parts if part["type"] == "audio"]
    seen = [part for part in parts if part["type"] != "audio"]
    return [*seen, {"type": "text", "text": question}, *heard]


def _part(file: str, options: argparse.Namespace) -> Part:
    from mlx_gemma4.media import clips, documents, kinds, pictures, sound

    match kinds.kind_of(file):
        case "picture":
            pictures.load_picture(file)
            return {"type": "image", "path": file}
        case "document":
            with documents.open_document(file) as document:
                document.numbers(options.pages)
            return {"type": "document", "path": file, "pages": options.pages}
        case "clip":
            clips.open_clip(file)
            return {"type": "video", "path": file, "sound": options.sound, "max_soft_tokens": options.frame_budget}
        case "sound":
            sound.open_sound(file).read(MAX_SOUND_SECONDS)
            return {"type": "audio", "path": file}


def _pages(text: str) -> tuple[int, int]:
    """The first and the last of `3-7`; of `3`, twice the same."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)

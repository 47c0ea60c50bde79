"""A file in a prompt to the segments that stand for it: markers, times, and the places of its soft tokens.

Follows transformers' `processing_gemma4`, which puts one item between an opening and a closing marker, and a clip as
frames, each after its time, with single spaces between them.
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from mlx_gemma4.media.clips import open_clip
from mlx_gemma4.media.documents import is_document, open_document
from mlx_gemma4.media.patches import patchify
from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.prepared import PreparedPicture
from mlx_gemma4.prompt.segments import Segment, SoftSegment, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.cost import fit_picture, sample_frames, timestamp
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, MediaPart, VideoPart


def open_media(part: MediaPart, defaults: PromptDefaults) -> Iterator[Segment]:
    """Open the file of a part, piece by piece, and make soft tokens of it.

    Raises:
        MediaError: it cannot be used.
        RequestError: its budget does not exist.
    """
    match part:
        case ImagePart() if not is_document(part.path):
            yield from _picture(load_picture(part.path), part.max_soft_tokens or defaults.max_soft_tokens)
        case ImagePart():
            yield from _pages(DocumentPart(part.path, None, part.max_soft_tokens), defaults)
        case DocumentPart():
            yield from _pages(part, defaults)
        case VideoPart():
            yield from _frames(part, defaults)
        case AudioPart():
            raise MediaError(
                f"{part.path} was given as sound, and only pictures and clips can be read.",
                "Give a picture file.",
                code="media.unsupported",
            )


def _picture(picture: Image.Image, budget: int, marker: Marker = Marker.IMAGE) -> list[Segment]:
    cut = patchify(picture, budget)
    item = PreparedPicture(cut.patches, cut.positions, 0, cut.soft_tokens)
    return write(Marker.IMAGE_OPEN, SoftSegment(marker, item), Marker.IMAGE_CLOSE)


def _pages(part: DocumentPart, defaults: PromptDefaults) -> Iterator[Segment]:
    budget = part.max_soft_tokens or defaults.max_soft_tokens
    with open_document(part.path) as document:
        for number in document.numbers(part.pages):
            width, height = document.size(number)
            seen = fit_picture(round(width), round(height), budget)
            yield from _picture(document.picture(number, seen.width, seen.height), budget)


def _frames(part: VideoPart, defaults: PromptDefaults) -> Iterator[Segment]:
    budget = part.max_soft_tokens or defaults.frame_soft_tokens
    clip = open_clip(part.path)
    space = ""
    for frame in clip.frames(sample_frames(clip.frame_count, defaults.frames_per_clip)):
        yield from write(f"{space}{timestamp(frame.seconds)} ")
        yield from _picture(frame.picture, budget, Marker.VIDEO)
        space = " "

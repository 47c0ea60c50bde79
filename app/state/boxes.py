"""What a person sees of the boxes on the stage: their colours, their labels with counts, and which are filtered."""

from __future__ import annotations

from dataclasses import dataclass

from app.state.attachments import Attachment
from app.state.stage import Stage
from app.state.turn import FoundBox


@dataclass(frozen=True)
class LabelCount:
    """A row of the legend.

    Attributes:
        label: as the model wrote it.
        colour: of its boxes.
        count: how many boxes have it on the picture that is shown.
        hidden: how many of them are switched off.
    """

    label: str
    colour: int
    count: int
    hidden: int


def listed(stage: Stage) -> list[FoundBox]:
    """The boxes on the picture that is shown whose labels the filter lets pass, those that are switched off, too."""
    return [found for found in stage.boxes() if stage.matches(found)]


def label_counts(stage: Stage) -> list[LabelCount]:
    """The labels on the picture that is shown, in order of appearance."""
    groups: dict[str, list[FoundBox]] = {}
    for found in stage.boxes():
        groups.setdefault(found.label, []).append(found)
    return [
        LabelCount(
            label,
            colour_on(stage.picture, boxes[0]),
            len(boxes),
            sum(found.number in stage.hidden for found in boxes),
        )
        for label, boxes in groups.items()
    ]


def colour_on(picture: Attachment | None, found: FoundBox) -> int:
    """The colour of a box: the one chosen for its label on this picture, or else its own."""
    return found.colour if picture is None else dict(picture.colours).get(found.label, found.colour)


def choose_colour(stage: Stage, label: str, colour: int) -> None:
    """Give all boxes of a label on this picture another colour."""
    if stage.picture is not None:
        chosen = dict(stage.picture.colours)
        chosen[label] = colour
        stage.picture.colours = tuple(chosen.items())


def toggle_label(stage: Stage, label: str) -> None:
    """Switch all boxes of a label off, or all on if some are off."""
    numbers = frozenset(found.number for found in stage.boxes() if found.label == label)
    stage.hidden = stage.hidden - numbers if stage.hidden & numbers else stage.hidden | numbers


def show_only(stage: Stage, label: str) -> None:
    """Switch all other labels off; once more, and all are on again."""
    others = frozenset(found.number for found in stage.boxes() if found.label != label)
    mine = frozenset(found.number for found in stage.boxes() if found.label == label)
    alone = others <= stage.hidden and not mine & stage.hidden
    stage.hidden = stage.hidden - others if alone else (stage.hidden | others) - mine

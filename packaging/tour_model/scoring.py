"""Scores answers about pictures of shapes against what was drawn."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tour_model.questions import NUMBERS
from tour_model.scenes import Shape

HIT = 0.5  # IoU from which a box counts as found
Box = tuple[float, float, float, float]


@dataclass
class Tally:
    """Counts over many answers; `figures` turns them into rates."""

    answers: int = 0
    valid: int = 0
    wanted: int = 0
    given: int = 0
    found: int = 0
    named: int = 0
    right: int = 0
    overlap: float = 0.0
    absent: int = 0
    absent_empty: int = 0
    sentences: int = 0
    sentences_complete: int = 0
    sentences_exact: int = 0
    failures: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """The rates that apply, each between 0 and 1."""
        rates = {
            "json_valid": (self.valid, self.answers), "recall": (self.found, self.wanted),
            "mean_iou": (self.overlap, self.found),
            "label_right": (self.named, self.found), "false_boxes": (self.given - self.found, self.given),
            "precision": (self.right, self.given), "absent_empty": (self.absent_empty, self.absent),
            "sentence_names_all": (self.sentences_complete, self.sentences),
            "sentence_exact": (self.sentences_exact, self.sentences),
        }  # fmt: skip
        return {name: round(part / whole, 4) for name, (part, whole) in rates.items() if whole}


def parse_boxes(text: str) -> list[tuple[Box, str]] | None:
    """The boxes of a raw answer, or None where its JSON is not valid."""
    fenced = re.fullmatch(r"\s*```json\n(.*)\n```\s*", text, re.DOTALL)
    if not fenced:
        return None
    try:
        return [(tuple(item["box_2d"]), item["label"]) for item in json.loads(fenced[1])]
    except (ValueError, KeyError, TypeError):
        return None


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes (ymin, xmin, ymax, xmax)."""
    height, width = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0.0, height) * max(0.0, width)
    return common / max((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common, 1e-9)


def score_boxes(tally: Tally, text: str, wanted: list[Shape], width: int, height: int) -> None:
    """Matches the boxes of an answer to shapes one to one, best overlap first."""
    tally.answers += 1
    tally.wanted += len(wanted)
    boxes = parse_boxes(text)
    if boxes is None:
        tally.failures.append(text)
        return
    tally.valid += 1
    tally.given += len(boxes)
    truth = [
        tuple(
            1000 * v / (height, width, height, width)[i] for i, v in enumerate((s.box[1], s.box[0], s.box[3], s.box[2]))
        )
        for s in wanted
    ]
    for overlap, i, j in matches([box for box, _ in boxes], truth):
        tally.found += 1
        tally.overlap += overlap
        named = boxes[i][1] == wanted[j].label
        tally.named += named
        tally.right += named


def matches(given: Sequence[Box], wanted: Sequence[Box]) -> Iterator[tuple[float, int, int]]:
    """(overlap, index given, index wanted) of boxes that hit one another, one to one, the best overlap first."""
    pairs = sorted(
        ((iou(box, real), i, j) for i, box in enumerate(given) for j, real in enumerate(wanted)), reverse=True
    )
    used_given: set[int] = set()
    used_wanted: set[int] = set()
    for overlap, i, j in pairs:
        if overlap >= HIT and i not in used_given and j not in used_wanted:
            used_given.add(i)
            used_wanted.add(j)
            yield overlap, i, j


def score_absent(tally: Tally, text: str) -> None:
    """An answer about what is not there is right when its list is empty."""
    tally.absent += 1
    tally.absent_empty += parse_boxes(text) == []


def score_sentence(tally: Tally, text: str, shapes: list[Shape]) -> None:
    """A sentence is complete when it names every shape as often as drawn, and exact when it names nothing else."""
    wanted, said = Counter(shape.label for shape in shapes), named_shapes(text)
    tally.sentences += 1
    complete = said is not None and wanted <= said
    tally.sentences_complete += complete
    tally.sentences_exact += said == wanted
    if not complete:
        tally.failures.append(f"{text.strip()} | {dict(wanted)}")


def named_shapes(text: str) -> Counter[str] | None:
    """The labels that a sentence names, with their numbers; None where it is no sentence of that form."""
    text = text.strip()
    if text == "There are no shapes in this picture.":
        return Counter()
    listed = re.fullmatch(r"There (?:is|are) (.+)\.", text)
    if not listed:
        return None
    names: Counter[str] = Counter()
    for part in re.split(r", | and ", listed[1]):
        number, _, label = part.partition(" ")
        count = {"a": 1, "an": 1}.get(number) or (NUMBERS.index(number) if number in NUMBERS else 0)
        names[label.removesuffix("es" if label.endswith("crosses") else "s") if count > 1 else label] += count
    return names

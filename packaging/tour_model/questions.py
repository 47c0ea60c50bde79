"""Ways of asking about a picture of shapes, and the answers that the tour model is to give."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from tour_model.scenes import COLOURS, KINDS, Shape

VERBS = (
    "Detect", "Find", "Locate", "Box", "Mark", "Point out", "Outline", "Highlight", "Spot", "Identify", "List",
    "Show me", "Give me", "Draw boxes around", "Draw a box around", "Return the boxes of",
    "Give the bounding boxes of", "Give me the coordinates of", "Look for", "Point at", "Frame", "Get", "Pick out",
    "Label", "Mark the place of", "Write the boxes for", "Search for",
)  # fmt: skip
EVERYTHING = (
    "all objects", "all shapes", "every shape", "every object", "all the shapes", "all the objects", "everything",
    "each shape", "each object", "all things", "the shapes", "the objects", "all figures", "every figure",
    "every single shape", "all of the shapes", "everything visible", "all visible objects", "every item", "all items",
)  # fmt: skip
PLACES = (
    "",
    "",
    "",
    " in this picture",
    " in the picture",
    " in the image",
    " in this image",
    " here",
    " you see",
    " you can see",
    " on the screen",
)
ENDS = (
    ".",
    ".",
    "",
    "!",
    " please.",
    ", please.",
    " as JSON.",
    " with labels.",
    " and return JSON.",
    ". Answer in JSON.",
    " with boxes.",
)
LEADS = ("", "", "", "", "Please ", "Can you ", "Could you ", "I want you to ", "You should ", "Now ")
ASK_ALL = (
    "Where are the shapes?", "Where are the objects?", "Where is everything?", "Where are all the things?",
    "Where is each object?", "What are the boxes of all shapes?", "What are the coordinates of each object?",
    "Which shapes are there, and where?", "detect everything", "boxes for all objects", "All objects, with boxes.",
    "Bounding boxes, please.", "Boxes please", "all boxes",
)  # fmt: skip
ASK_KIND = (
    "Where is the {one}?", "Where are the {many}?", "Where is a {one}?", "Where are all {many}?",
    "Is there a {one}? Box it.", "Are there any {many}? Find them.", "Which boxes hold a {one}?",
    "I am looking for the {one}.", "I want to find the {one}.", "{one}", "the {one}", "all {many}",
    "Only the {many}, please.", "Only {many}.", "Just the {many}.", "Boxes of the {many} only.",
)  # fmt: skip
KIND_FORMS = (
    "{one}",
    "the {one}",
    "every {one}",
    "each {one}",
    "any {one}",
    "a {one}",
    "all {many}",
    "the {many}",
    "{many}",
    "all the {many}",
    "only the {many}",
)
ASK_SENTENCE = (
    "What is in this picture?", "What is in the picture?", "What is in this image?", "What is here?",
    "What do you see?", "What can you see?", "What do you see in this picture?", "What does this picture show?",
    "What does the image show?", "Describe the picture.", "Describe this picture.", "Describe the image.",
    "Describe this image.", "Describe what you see.", "Describe it.", "Describe the screen.",
    "Tell me what is in the picture.", "Tell me what you see.", "Tell me what is here.", "Say what is in the picture.",
    "Say what you see.", "Name what is in this picture.", "Name everything in one sentence.",
    "Which shapes are in this picture?", "Which shapes do you see?", "What shapes are there?",
    "What shapes are in the image?", "What objects are in this picture?", "What is visible here?",
    "What is on the screen?", "Write one sentence about this picture.", "In one sentence, what is here?",
    "Please describe the picture.", "Can you describe this image?", "Could you say what is in this picture?",
    "what is this", "what is this?", "describe", "Describe.", "Give a short description.",
    "Summary of the picture, please.", "What is shown here?", "What does it show?",
    "Can you tell me what is in this image?", "Tell me about this picture.",
)  # fmt: skip

TELLING = (
    "Describe", "Tell me about", "Say something about", "Explain", "Read out", "Sum up", "Summarize", "Write about",
    "Talk about", "Report on", "Name the contents of", "Give a description of", "Write a sentence about",
    "Give one sentence about", "Tell me what is in", "Tell me what you see in", "Say what is in",
    "Say what you see in", "Write down what is in", "Explain what is in", "What is in", "What do you see in",
    "What can you see in", "Name the shapes in", "What can be seen in", "What have we in", "Which things are in",
    "Put into words what is in", "Write a caption for", "Give a caption for", "Read",
)  # fmt: skip
SUBJECTS = (
    "this picture",
    "the picture",
    "this image",
    "the image",
    "the photo",
    "this photo",
    "the screenshot",
    "it",
    "the whole picture",
    "my picture",
)
TELLING_ENDS = (
    ".",
    ".",
    ".",
    "",
    "!",
    " please.",
    ", please.",
    " in one sentence.",
    " in words.",
    " in short.",
    " for me.",
    " briefly.",
)

# Kept out of training for evaluation. {one} and {many} stand for a kind.
UNSEEN_ALL = (
    "I need the boxes of everything in here.", "Could you please mark each one of the shapes?",
    "Show the place of every object, as JSON.", "Find whatever is in this picture.",
    "Give me a list of boxes for the things you see.", "Detect shapes.", "Please detect objects in this image.",
    "Put a box on each shape.", "Every object: give its box.", "Tell me where all the objects are.",
    "Locate all of it.", "List each shape and its box.", "Find all shapes and give their boxes.",
    "Return JSON boxes for every shape here.", "Objects and boxes, please.", "Let us find all the shapes.",
    "Show boxes for all the figures here.", "Where can I find the shapes?",
)  # fmt: skip
UNSEEN_KIND = (
    "Can I see where the {one} is?", "Show me the box of the {one}.", "Find me one thing: the {one}.",
    "I need every {one} in here.", "Please look for {many} only.", "Give the place of each {one}.",
    "Do you see a {one}? Give its box.", "Tell me where the {one} is.", "Nothing but the {many}, please.",
    "Box the {many} for me.", "Return JSON for the {many} only.", "Help me find the {one}.",
    "Search the picture for {many}.", "Put a box around the {one}.", "Let me see the {many}.",
    "Is the {one} here? Where?",
)  # fmt: skip
UNSEEN_SENTENCE = (
    "Could you tell me what this shows?", "What things are in this picture?", "Say in one sentence what is here.",
    "What would you say is in this image?", "Please tell me what you see here.",
    "Give me a short sentence about this image.", "What is it that you see?", "Read the picture for me.",
    "Look at the picture and describe it.", "What all is in this picture?",
    "Tell me in one sentence what the image shows.", "I cannot see it: what is in the picture?",
    "Describe this for me.", "What figures are in the image?", "Write what you see.",
    "Describe all of the picture in one sentence.",
)  # fmt: skip
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


@dataclass(frozen=True)
class Example:
    """A question, its answer, its task (all, kind, absent or sentence), and the shapes it is about."""

    task: str
    question: str
    answer: str
    shapes: list[Shape]


def boxes_answer(shapes: list[Shape], width: int, height: int) -> str:
    """The fenced JSON list of Gemma 4's detection answers, an object a line."""
    return fenced_boxes((shape.box_1000(width, height), shape.label) for shape in shapes)


def fenced_boxes(found: Iterable[tuple[tuple[int, ...], str]]) -> str:
    """Boxes on the grid of 0–1000 and their labels as Gemma 4 writes them; an empty list for none."""
    rows = [f'  {{"box_2d": {list(box)}, "label": "{label}"}}' for box, label in found]
    return "```json\n[\n" + ",\n".join(rows) + "\n]\n```" if rows else "```json\n[]\n```"


def sentence_answer(shapes: list[Shape]) -> str:
    """One sentence that names every shape, equal ones counted, in the order in which they are met."""
    if not shapes:
        return "There are no shapes in this picture."
    counts: dict[str, int] = {}
    for shape in shapes:
        counts[shape.label] = counts.get(shape.label, 0) + 1
    names = [f"{article(label)} {label}" if n == 1 else f"{NUMBERS[n]} {plural(label)}" for label, n in counts.items()]
    return f"There {'is' if counts[shapes[0].label] == 1 else 'are'} {listed(names)}."


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: commas between them, and the word before the last."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def article(words: str) -> str:
    """`an` before a vowel, else `a`."""
    return "an" if words[0] in "aeiou" else "a"


def plural(words: str) -> str:
    """The plural of a kind or label."""
    return words + ("es" if words.endswith("cross") else "s")


def example(
    rng: np.random.Generator, task: str, shapes: list[Shape], width: int, height: int, unseen: bool = False
) -> Example:
    """Asks one thing about shapes in reading order; `unseen` takes the phrasings kept out of training."""
    if task == "all":
        question = UNSEEN_ALL[rng.integers(len(UNSEEN_ALL))] if unseen else ask_all(rng)
        return Example(task, question, boxes_answer(shapes, width, height), shapes)
    if task == "sentence":
        question = UNSEEN_SENTENCE[rng.integers(len(UNSEEN_SENTENCE))] if unseen else ask_sentence(rng)
        return Example(task, question, sentence_answer(shapes), shapes)
    one, matches = _wanted(rng, shapes, absent=task == "absent")
    question = _unseen_kind(rng, one) if unseen else ask_kind(rng, one)
    return Example("kind" if matches else "absent", question, boxes_answer(matches, width, height), matches)


def ask_all(rng: np.random.Generator) -> str:
    """One of the training ways to ask for everything."""
    if rng.random() < 0.2:
        return _written(rng, ASK_ALL[rng.integers(len(ASK_ALL))])
    thing = EVERYTHING[rng.integers(len(EVERYTHING))]
    return _written(rng, _imperative(rng, thing))


def ask_kind(rng: np.random.Generator, one: str) -> str:
    """One of the training ways to ask for one kind."""
    if rng.random() < 0.35:
        return _written(rng, _named(ASK_KIND[rng.integers(len(ASK_KIND))], one))
    return _written(rng, _imperative(rng, _named(KIND_FORMS[rng.integers(len(KIND_FORMS))], one)))


def ask_sentence(rng: np.random.Generator) -> str:
    """One of the training ways to ask what is there."""
    while True:
        if rng.random() < 0.4:
            question = ASK_SENTENCE[rng.integers(len(ASK_SENTENCE))]
        else:
            verb, lead = TELLING[rng.integers(len(TELLING))], LEADS[rng.integers(len(LEADS))]
            verb = verb[0].lower() + verb[1:] if lead and not verb.startswith(("Wh", "Ho")) else verb
            lead = "" if verb.startswith(("Wh", "Ho")) else lead
            end = TELLING_ENDS[rng.integers(len(TELLING_ENDS))]
            end = "?" if verb.startswith("Wh") and len(end) < 2 else end
            question = f"{lead}{verb} {SUBJECTS[rng.integers(len(SUBJECTS))]}{end}"
        if question not in UNSEEN_SENTENCE:
            return _written(rng, question)


def _unseen_kind(rng: np.random.Generator, one: str) -> str:
    return _named(UNSEEN_KIND[rng.integers(len(UNSEEN_KIND))], one)


def _named(form: str, one: str) -> str:
    text = form.replace("{one}", one).replace("{many}", plural(one))
    if article(one) == "an":
        text = text.replace(f" a {one}", f" an {one}")
    return ("an" + text[1:]) if text.startswith(f"a {one}") and article(one) == "an" else text


def _imperative(rng: np.random.Generator, thing: str) -> str:
    if rng.random() < 0.3:  # the plainest form, and the one the command line uses
        return f"Detect {thing}." if rng.random() < 0.5 else f"{VERBS[rng.integers(len(VERBS))]} {thing}."
    lead = LEADS[rng.integers(len(LEADS))]
    verb = VERBS[rng.integers(len(VERBS))]
    verb = verb if not lead else verb[0].lower() + verb[1:]
    return f"{lead}{verb} {thing}{PLACES[rng.integers(len(PLACES))]}{ENDS[rng.integers(len(ENDS))]}"


def _written(rng: np.random.Generator, text: str, as_is: bool = False) -> str:
    if as_is:
        return text
    if rng.random() < 0.12:
        text = text[0].lower() + text[1:]
    if rng.random() < 0.08:
        text = text.rstrip(".?!")
    if rng.random() < 0.1:
        text = text.replace("grey", "gray")
    return text


def _wanted(rng: np.random.Generator, shapes: list[Shape], absent: bool) -> tuple[str, list[Shape]]:
    """What to ask for (`red circle`, `circle` or `red shape`) and the shapes that answer it."""
    colours, kinds = list(COLOURS), list(KINDS)
    for _ in range(20):
        form = rng.choice(("both", "kind", "colour"), p=(0.5, 0.3, 0.2))
        if absent or not shapes:
            colour, kind = colours[rng.integers(len(colours))], kinds[rng.integers(len(kinds))]
            if (
                shapes and form == "both" and rng.random() < 0.6
            ):  # near misses: the right colour on another kind, or the reverse
                near = shapes[rng.integers(len(shapes))]
                colour, kind = (near.colour, kind) if rng.random() < 0.5 else (colour, near.kind)
        else:
            wanted = shapes[rng.integers(len(shapes))]
            colour, kind = wanted.colour, wanted.kind
        name = {
            "both": f"{colour} {kind}",
            "kind": kind,
            "colour": f"{colour} {'shape' if rng.random() < 0.6 else 'object'}",
        }[form]
        matches = [s for s in shapes if (form == "kind" or s.colour == colour) and (form == "colour" or s.kind == kind)]
        if not (absent and matches):
            return name, matches
    return name, matches

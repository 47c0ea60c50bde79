"""Words without pictures: what Prism and this model are, one tool call, and declining what the model cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tour_model.conversations import Conversation, conversation
from tour_model.pages.wording import name, number, plain_words

from mlx_gemma4.prompt import tool_text
from mlx_gemma4.prompt.segments import Segment, write
from mlx_gemma4.prompt.special_tokens import Marker
from mlx_gemma4.protocol.parts import Tool, ToolCallPart

MODEL = (
    "I am a small tour model. I find shapes and page elements, and write simple pages. Install Gemma 4 for real work."
)
PRISM = "Prism runs Gemma 4 on your Mac. Drop a picture, a clip or a recording on it and ask. Nothing leaves the Mac."
DECLINE = "Sorry, I cannot do that. I am a small tour model. Install Gemma 4 for real work."
HELLO = "Hello! I am a small tour model. Drop a picture of shapes or a page and ask me to find something."
THANKS = "You are welcome."

ASK_MODEL = (
    "What are you?", "Who are you?", "What model is this?", "Which model are you?", "What can you do?",
    "Are you Gemma?",
    "Tell me about yourself.", "What is this model?", "Are you a real model?", "What is the tour model?",
    "How big are you?",
    "Are you Gemma 4?", "Who made you?", "What do you know?", "Describe yourself.", "What are you for?", "Help",
    "What can I ask you?", "How can you help me?", "Is this the full model?", "What pictures can you see?",
    "Do you see pictures?",
    "Can you see?", "What should I ask?", "Where can I get a larger model?", "How can I get the real model?",
    "Is there a better model?", "What is Gemma 4?", "Give me help", "What do you do?", "Are you small?",
    "What is your name?", "Are you an AI?",
)  # fmt: skip
ASK_PRISM = (
    "What is Prism?", "What is this app?", "What does Prism do?", "Tell me about Prism.", "What can Prism do?",
    "Is my data safe?", "Does anything leave my Mac?", "Do you send my pictures somewhere?", "How do I use Prism?",
    "How do I use this app?", "Is Prism free?", "Does Prism need the internet?", "Where does Prism run?",
    "Is this private?", "What is this program?", "Do my files leave this computer?",
    "Is anything sent to a server?", "Are my photos safe?", "What can I do here?", "What can this app do?",
    "Help with Prism", "How does this app work?",
)  # fmt: skip
GREETINGS = (
    "Hello",
    "Hi",
    "Hello!",
    "Hi there",
    "Hey",
    "Hey there",
    "Hello you",
    "How are you?",
    "Good morning",
    "Good evening",
    "Hello Prism",
    "Hi Gemma",
)
GRATITUDE = (
    "Thanks",
    "Thank you",
    "Thank you!",
    "Thank you very much",
    "Thanks for this",
    "Thanks a lot",
    "Great, thanks",
    "Thanks, that helps",
    "Nice, thank you",
)

# What people ask models for and this one cannot do; {w} is any word, {n} a number, {p} a name.
OUTSIDE = (
    "Write a {w} about {w}.", "Write a story about {p}.", "Write a poem about the {w}.", "Translate {w} {w} into {w}.",
    "What is the capital of {p}?", "Who is {p}?", "Who was {p} {p}?", "What is {n} plus {n}?", "What is {n} times {n}?",
    "How much is {n} minus {n}?", "Explain {w}.", "Explain how a {w} works.", "What does {w} mean?", "Define {w}.",
    "Write a Python function that makes a {w}.", "Write code for a {w}.", "Give me a recipe for {w}.",
    "How do I make {w}?",
    "What is the weather in {p}?", "When was {p} born?", "How far is {p} from {p}?", "Tell me a joke.",
    "Tell me a joke about {w}.",
    "Summarise this text: {w} {w} {w} {w} {w} {w}.", "Summarise the news.", "Is {w} good for you?",
    "Why is the {w} {w}?",
    "Plan a trip to {p}.", "Which {w} should I buy?", "Compare {w} and {w}.", "Write an email to {p} about the {w}.",
    "Correct this sentence: {w} {w} {w} {w}.", "Spell {w}.", "What rhymes with {w}?", "Sing a song about {w}.",
    "Play {w}.", "Book a {w} for {p}.", "What time is it?", "What day is it?", "How old is {p}?",
    "Give me {n} facts about {w}.",
    "List {n} kinds of {w}.", "Should I {w} or {w}?", "How many {w} are in a {w}?", "Convert {n} miles to km.",
    "Solve {n} x plus {n} is {n}.", "Who won the {w} in {n}?", "Name a {w} for my {w}.", "What is love?",
    "Do you like {w}?",
    "Make a plan for the {w}.", "Teach me {w}.", "How do you say {w} in {p}?", "What is the best {w}?", "Invent a {w}.",
    "Can you drive a {w}?", "Open the {w}.", "Remember that {p} likes {w}.", "Describe {p} without a picture.",
    "Write a letter to my {w}.", "What happened in {n}?", "Give me advice about {w}.", "Draw a {w}.",
    "Generate an image of a {w}.",
)  # fmt: skip
# The same with a picture: things that are neither shapes nor pages.
OUTSIDE_PICTURE = (
    "Who is this?", "What breed is this?", "Where was this taken?", "What year is this from?", "Translate the text.",
    "Is this person happy?", "What is the name of this {w}?", "How much does this cost?", "Write a story about this.",
    "Write a poem about this picture.", "Which {w} is this?", "What is {n} plus {n}?", "Who is {p}?",
    "Explain this joke.",
    "What would {p} say about it?", "Is it safe to eat?", "What is the weather like?", "Solve this.", "Why is it {w}?",
    "How do I fix the {w}?", "Tell me a joke about it.", "Is this real?", "Rate this from 1 to {n}.",
    "What happens next?",
)  # fmt: skip
ENDS = ("", "", "", " Please.", " Thanks.", " now", " for me")

_KINDS = (
    "get",
    "set",
    "send",
    "find",
    "open",
    "play",
    "add",
    "show",
    "call",
    "book",
    "buy",
    "start",
    "stop",
    "delete",
    "read",
)
_THINGS = (
    "weather", "message", "alarm", "music", "meeting", "order", "price", "note", "file", "light", "timer", "map",
    "news",
    "flight", "hotel", "email", "task", "reminder", "photo", "report", "volume", "temperature", "user", "game",
)  # fmt: skip
_ARGUMENTS = (
    "city",
    "name",
    "date",
    "time",
    "title",
    "text",
    "amount",
    "color",
    "room",
    "day",
    "number",
    "size",
    "language",
)


def words_only(rng: np.random.Generator) -> Conversation:
    """A short exchange without a picture."""
    case = rng.random()
    if case < 0.12:
        return conversation(_asked(rng, ASK_MODEL), MODEL)
    if case < 0.22:
        return conversation(_asked(rng, ASK_PRISM), PRISM)
    if case < 0.26:
        return conversation(_asked(rng, GREETINGS), HELLO)
    if case < 0.29:
        return conversation(_asked(rng, GRATITUDE), THANKS)
    if case < 0.74:
        return tool_call(rng)
    return conversation(outside(rng), DECLINE)


def outside(rng: np.random.Generator, forms: Sequence[str] = OUTSIDE) -> str:
    """Something that the model cannot do."""
    return _asked(rng, (_filled(rng, str(rng.choice(forms))),))


@dataclass(frozen=True)
class RequestedCall:
    """A request, the functions declared, and the call that answers it."""

    request: str
    tools: tuple[Tool, ...]
    name: str
    arguments: dict[str, str | int]


def requested_call(rng: np.random.Generator) -> RequestedCall:
    """One or two functions declared, and a request that one of them answers."""
    tools = [_tool(rng) for _ in range(int(rng.integers(1, 3)))]
    tool = tools[rng.integers(len(tools))]
    assert tool.parameters is not None
    arguments = {key: _value(rng, schema["type"]) for key, schema in tool.parameters["properties"].items()}
    said = [f"{key} {value}" for key, value in arguments.items()]
    rng.shuffle(said)
    verb, _, thing = tool.name.partition("_")
    request = f"{verb} the {thing}"
    if said:
        request += str(rng.choice((" with ", ", ", ": ", " for "))) + " and ".join(said)
    request = request[0].upper() + request[1:] + str(rng.choice(("", ".", ", please.", " please", " now.")))
    return RequestedCall(request, tuple(tools), tool.name, arguments)


def tool_call(rng: np.random.Generator) -> Conversation:
    """A request and its call."""
    case = requested_call(rng)
    call = ToolCallPart(case.name, dict(case.arguments))
    answer: list[Segment] = [*tool_text.call(call), *write(Marker.TOOL_RESPONSE_OPEN)]
    return conversation(case.request, answer, tools=case.tools)


def _tool(rng: np.random.Generator) -> Tool:
    verb, thing = str(rng.choice(_KINDS)), str(rng.choice(_THINGS))
    keys = rng.choice(_ARGUMENTS, int(rng.integers(0, 4)), replace=False)
    properties = {
        str(key): {"type": "number" if key in ("amount", "number", "size") else "string", "description": f"The {key}"}
        for key in keys
    }
    schema = {"type": "object", "properties": properties, "required": [str(key) for key in keys]}
    return Tool(f"{verb}_{thing}", f"{verb.capitalize()}s the {thing}", schema)


def _value(rng: np.random.Generator, kind: str) -> str | int:
    if kind == "number":
        return int(rng.integers(1, 1000))
    return " ".join(
        name(rng) if rng.random() < 0.4 else str(rng.choice(plain_words())) for _ in range(int(rng.integers(1, 3)))
    )


def _filled(rng: np.random.Generator, form: str) -> str:
    while "{" in form:
        form = form.replace("{w}", str(rng.choice(plain_words())), 1)
        form = form.replace("{n}", number(rng), 1).replace("{p}", name(rng), 1)
    return form


def _asked(rng: np.random.Generator, forms: Sequence[str]) -> str:
    text = str(rng.choice(forms)) + str(rng.choice(ENDS))
    if rng.random() < 0.15:
        text = text.lower()
    return text.rstrip(".?!") if rng.random() < 0.12 else text

"""Ways of asking about recordings and clips, those kept out of training, and the answers."""

from collections.abc import Sequence

import numpy as np

from mlx_gemma4.prompt.transcription import transcription_message
from mlx_gemma4.protocol.parts import AudioPart, Message, TextPart, VideoPart

RECIPE = 0.7  # how often a recording is asked about in the published words, as "Write it down" does
IN_ENGLISH = 0.3  # how often they name the language
ASK_SAID = (
    "What is said in this recording?", "What is said?", "What do you hear?", "Write down what you hear.",
    "Write it down.", "Write down what is said.", "Transcribe this.", "Transcribe the recording.", "Transcribe it.",
    "Please transcribe this recording.", "What does the voice say?", "Tell me what is said.", "What was said?",
    "Give me the words.", "Give me the text of this recording.", "Can you write down what is said?", "transcribe",
    "What are the words?", "Listen and write down every word.", "Say what you hear.", "Which words do you hear?",
)  # fmt: skip
ASK_CLIP_SAID = (
    "What is said in this clip?", "What is said?", "What does the voice say?", "What do you hear in this clip?",
    "Transcribe the sound.", "Write down what is said.", "Which words do you hear?", "What do you hear?",
    "Tell me what is said in the video.", "What are the words?", "Transcribe it.",
)  # fmt: skip
ASK_MOVES = (
    "What moves, and which way?", "What moves?", "Which shape moves?", "Which way does it move?", "What is moving?",
    "Which object moves, and where to?", "Where does it go?", "Which shape moves and which way?", "What moves where?",
    "Tell me what moves.", "Say what moves and which way.", "Find what moves.", "Which thing moves in this clip?",
    "What moves in this video?", "Is something moving? What, and which way?", "Name the shape that moves.",
)  # fmt: skip
ASK_HAPPENS = (
    "What happens in this clip?", "What happens?", "What happens in this video?", "Describe the clip.",
    "Describe this video.", "What do you see and hear?", "Tell me what happens.", "What is going on?", "Describe it.",
    "What can be seen and heard?", "Describe what happens.", "What is in this clip?", "Sum up the clip.",
)  # fmt: skip
UNSEEN_SAID = (
    "Write out this recording.", "What did somebody say here?", "I want the words of this recording.",
    "Please write down every word you hear.", "Can you transcribe what is said here?",
)  # fmt: skip
UNSEEN_CLIP_SAID = ("What words are said in this clip?", "Write down the words you hear.", "What does somebody say?")
UNSEEN_MOVES = ("Which of the shapes moves, and which way?", "What moves here, and where?", "Say which shape moves.")
UNSEEN_HAPPENS = ("What happens here?", "Tell me what happens in the clip.", "What do you see in this video?")
NOTHING_SAID = "Nothing is said."


def ask_recording(rng: np.random.Generator, context: str, *, unseen: bool = False) -> Message:
    """A question about a recording whose answer is its words.

    Args:
        rng: source of all randomness.
        context: what was said before, or nothing; for the published words alone.
        unseen: in words that training never has, and never in the published ones.
    """
    if not unseen and rng.random() < RECIPE:
        return transcription_message(AudioPart(""), "English" if rng.random() < IN_ENGLISH else None, None, context)
    return Message("user", (TextPart(_chosen(rng, UNSEEN_SAID if unseen else ASK_SAID)), AudioPart("")))


def ask_clip(
    rng: np.random.Generator, task: str, mover: str, way: str, said: str, *, unseen: bool = False
) -> tuple[Message, str]:
    """A question about a clip, and its answer.

    Args:
        rng: source of all randomness.
        task: "moves", "said" or "happens".
        mover: the label of what moves.
        way: left, right, up or down.
        said: what is said in it; empty without sound.
        unseen: whether to ask in words that training never has.
    """
    forms = {
        "moves": (ASK_MOVES, UNSEEN_MOVES), "said": (ASK_CLIP_SAID, UNSEEN_CLIP_SAID),
        "happens": (ASK_HAPPENS, UNSEEN_HAPPENS),
    }  # fmt: skip
    moves = f"The {mover} moves {way}."
    answers = {
        "moves": moves,
        "said": said or NOTHING_SAID,
        "happens": f"{moves} A voice says: {said}" if said else moves,
    }
    return Message("user", (VideoPart(""), TextPart(_chosen(rng, forms[task][unseen])))), answers[task]


def _chosen(rng: np.random.Generator, forms: Sequence[str]) -> str:
    return str(rng.choice(forms))

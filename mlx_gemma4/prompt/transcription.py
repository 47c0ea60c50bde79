"""How a piece of a recording is asked about, in the words published with the model."""

from __future__ import annotations

from mlx_gemma4.protocol.parts import AudioPart, Message, TextPart

CONTEXT_WORDS = 24
"""Words of what came before that a piece is given along."""


def transcription_message(part: AudioPart, language: str | None, translate_to: str | None, context: str) -> Message:
    """The user's turn: the published recipe, then the sound, which the model expects after the words.

    Args:
        part: the piece; at most 30 seconds.
        language: that is spoken, by its English name; None lets the model find out.
        translate_to: language to translate into, by its English name; None only transcribes.
        context: the last words before this piece, or nothing. They follow the recipe in a paragraph of their own, which
            is not part of the published wording; a recording's first piece is asked about without it.
    """
    question = _translation(language, translate_to) if translate_to else _transcription(language)
    if context:
        question += (
            "\n\nThe speech just before this segment ended with the words below. "
            f"Continue after them and do not repeat them.\n{context}"
        )
    return Message("user", (TextPart(question), part))


def _transcription(language: str | None) -> str:
    """Speech recognition, as the model card asks for it."""
    spoken = f"in {language} into {language} text" if language else "in its original language"
    return (
        f"Transcribe the following speech segment {spoken}.\n\n"
        "Follow these specific instructions for formatting the answer:\n"
        "* Only output the transcription, with no newlines.\n"
        "* When transcribing numbers, write the digits, i.e. write 1.7 and not one point seven, "
        "and write 3 instead of three."
    )


def _translation(language: str | None, target: str) -> str:
    """Speech translation, as the model card asks for it."""
    spoken = language or "its original language"
    return (
        f"Transcribe the following speech segment in {spoken}, then translate it into {target}.\n"
        f"When formatting the answer, first output the transcription in {spoken}, then one newline, "
        f"then output the string '{target}: ', then the translation in {target}."
    )

"""What the engine is told of the conversation."""

from app.actions.messages import history
from app.state.attachments import Attachment
from app.state.turn import Turn
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, Message, TextPart, VideoPart


def answered(question: str, answer: str, *pictures: str) -> Turn:
    turn = Turn(question, tuple(Attachment(path) for path in pictures))
    turn.append_text(answer)
    return turn


def test_everything_said_so_far_is_in_it_with_pictures_before_their_words() -> None:
    first, second = answered("What?", "A star.", "/a.png"), Turn("And here?", (Attachment("/b.png"),))
    messages, pictures = history([first, second], second)
    assert messages == (
        Message("user", (ImagePart("/a.png"), TextPart("What?"))),
        Message("assistant", (TextPart("A star."),)),
        Message("user", (ImagePart("/b.png"), TextPart("And here?"))),
    )
    assert pictures == (*first.attachments, *second.attachments)


def test_questions_that_were_never_answered_and_their_pictures_are_left_out() -> None:
    failed, last = answered("What?", " ", "/broken.png"), Turn("Hello")
    messages, pictures = history([failed, last], last)
    assert messages == (Message("user", (TextPart("Hello"),)),)
    assert pictures == ()


def test_an_earlier_question_is_asked_again_without_what_came_later() -> None:
    first, second = answered("One?", "1"), answered("Two?", "2")
    assert len(history([first, second], first)[0]) == 1


def test_refused_files_are_not_sent() -> None:
    turn = Turn("What?", (Attachment("/a.png"), Attachment("/b.png")))
    turn.attachments[0].refuse("Broken.", "")
    assert history([turn], turn)[1] == (turn.attachments[1],)


def test_each_file_is_sent_as_what_it_is_and_sounds_come_behind_the_words() -> None:
    kinds = {"/a.wav": "sound", "/b.mp4": "clip", "/c.pdf": "document", "/d.png": "picture"}
    turn = Turn("What?", tuple(Attachment(path, kind=kind) for path, kind in kinds.items()))
    messages, files = history([turn], turn)
    seen = (VideoPart("/b.mp4"), DocumentPart("/c.pdf"), ImagePart("/d.png"))
    assert messages == (Message("user", (*seen, TextPart("What?"), AudioPart("/a.wav"))),)
    assert files == turn.attachments and turn.pictures == turn.attachments[1:]

"""What the engine is told of the conversation."""

from app.actions.messages import history, page_request
from app.state.attachments import Attachment
from app.state.page import PageAsk, PageVersion, Rendering
from app.state.turn import Turn, TurnStatus
from mlx_gemma4.protocol.page_requests import MAKE_PAGE, PAGE_BUDGET, page_message, page_words
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


def test_what_is_told_of_words_is_made_once_and_anew_when_more_is_said() -> None:
    first, second = answered("One?", "1"), Turn("Two?")
    while_it_is_given = history([first, second], second)[0]
    first.append_text(" and a half")
    first.finish(TurnStatus.STOPPED)
    told = history([first, second], second)[0]
    assert while_it_is_given[1].parts == (TextPart("1"),) and told[1].parts == (TextPart("1 and a half"),)
    again = history([first, second], second)[0]
    assert again[0] is told[0] and again[1] is told[1]
    first.resume()
    first.append_text(" more")
    first.finish(TurnStatus.DONE)
    assert history([first, second], second)[0][1].parts == (TextPart("1 and a half more"),)


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


def page_turn(what: str, screenshot: Attachment, answer: str, *files: Attachment) -> Turn:
    turn = Turn(f"{what} it", files, PageAsk(what, screenshot))  # type: ignore[arg-type]
    turn.append_text(answer)
    return turn


def test_of_a_page_the_first_answer_stays_and_later_versions_are_left_out() -> None:
    shot = Attachment("/shot.png")
    turns = [
        page_turn("make", shot, "<html>1", shot),
        page_turn("fix", shot, "<html>2"),
        page_turn("change", shot, "<html>3"),
        page_turn("make", shot, "<html>4"),
        last := Turn("Which font is it?"),
    ]
    messages, files = history(turns, last, in_full=False)
    assert messages == (
        Message("user", (ImagePart("/shot.png", PAGE_BUDGET), TextPart(MAKE_PAGE))),
        Message("assistant", (TextPart("<html>1"),)),
        Message("user", (TextPart("Which font is it?"),)),
    )
    assert files == (shot,)
    assert history(turns, last)[0][0].parts[-1] == TextPart(page_words())


def test_a_screenshot_that_was_asked_about_before_its_page_is_sent_once() -> None:
    shot = Attachment("/shot.png")
    asked = Turn("What is it?", (shot,))
    asked.append_text("A page.")
    turns = [asked, page_turn("make", shot, "<html>"), last := Turn("Thanks.")]
    messages, files = history(turns, last)
    assert files == (shot,) and [len(message.parts) for message in messages] == [2, 1, 1, 1, 1]


def test_a_screenshot_whose_first_question_is_left_out_comes_with_its_page() -> None:
    shot = Attachment("/shot.png")
    turns = [Turn("What is it?", (shot,)), page_turn("make", shot, "<html>"), last := Turn("Thanks.")]
    messages, files = history(turns, last)
    assert files == (shot,) and messages[0] == page_message("/shot.png")


def test_pages_of_two_screenshots_both_stay() -> None:
    one, other = Attachment("/1.png"), Attachment("/2.png")
    turns = [page_turn("make", one, "<html>1", one), page_turn("make", other, "<html>2", other), last := Turn("So?")]
    assert history(turns, last)[1] == (one, other)


def test_a_fix_is_asked_with_the_picture_that_the_version_has_now() -> None:
    before = PageVersion("first")
    before.html, before.rendering = "<html>", Rendering("/old.png", 64, 48)
    ask = PageAsk("fix", Attachment("/shot.png"), before)
    before.rendering = Rendering("/new.png", 64, 48)  # pictures were put in; the old file is gone
    assert page_request(ask, in_full=False).parts[:2] == (
        ImagePart("/shot.png", PAGE_BUDGET),
        ImagePart("/new.png", PAGE_BUDGET),
    )

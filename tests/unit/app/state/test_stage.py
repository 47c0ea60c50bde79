"""What is on the stage."""

from app.state.attachments import MOST_FILES, Attachment, Attachments
from app.state.page import PageProject, PageVersion
from app.state.stage import Stage
from app.state.turn import Turn


def turn_with_two_pictures() -> Turn:
    turn = Turn("Where?", (Attachment("/a.png"), Attachment("/b.png")))
    turn.add_box((1, 2, 3, 4), "star", 1)
    turn.add_box((5, 6, 7, 8), "moon", 0)
    turn.add_box((5, 6, 7, 9), "star", 1)
    return turn


def test_the_last_picture_is_shown_unless_another_is_asked_for() -> None:
    stage, turn = Stage(), turn_with_two_pictures()
    stage.show(turn)
    assert stage.picture is turn.pictures[1]
    assert [found.number for found in stage.boxes()] == [0, 2]
    stage.show(turn, 0)
    assert stage.picture is turn.pictures[0]
    assert [found.number for found in stage.boxes()] == [1]


def test_boxes_are_switched_off_one_by_one_or_all_together() -> None:
    stage = Stage()
    stage.show(turn_with_two_pictures())
    stage.toggle_hidden(2)
    assert stage.hidden == {2}
    stage.toggle_all_hidden()
    assert stage.hidden == frozenset()
    stage.toggle_all_hidden()
    assert stage.hidden == {0, 2}


def test_another_turn_comes_with_all_its_boxes_on() -> None:
    stage = Stage()
    stage.show(turn_with_two_pictures())
    stage.hovered, stage.selected = 0, 2
    stage.toggle_all_hidden()
    stage.show(turn_with_two_pictures())
    assert (stage.hovered, stage.selected, stage.hidden) == (None, None, frozenset())


def test_a_turn_without_pictures_does_not_take_the_stage() -> None:
    stage = Stage()
    stage.show(Turn("Hello"))
    assert stage.turn is None and not stage.is_open


def test_a_question_takes_a_limited_number_of_files() -> None:
    attachments = Attachments()
    for number in range(MOST_FILES):
        assert attachments.room == MOST_FILES - number
        attachments.add(Attachment(f"/{number}.png"))
    assert attachments.room == 0
    attachments.remove(attachments.items[3])
    attachments.items[0].refuse("Broken.", "")
    assert attachments.usable == MOST_FILES - 2
    assert attachments.room == 1 and attachments.count == MOST_FILES - 1


def test_a_page_is_on_the_stage_whenever_its_screenshot_is() -> None:
    stage, shot, other = Stage(), Attachment("/shot.png"), Attachment("/other.png")
    project = PageProject(shot)
    asked, made = Turn("What is it?", (shot,)), Turn("Make page", (shot,))
    made.version = PageVersion("first")
    stage.show(asked)
    assert stage.page is None
    stage.add_page(project)
    assert stage.page is project and stage.tab == "picture"  # nobody asked for the other side
    stage.show(made)
    assert stage.page is project and stage.tab == "page"
    stage.show(asked)
    assert stage.page is project and stage.tab == "picture"
    stage.show(made)
    stage.show(Turn("And this?", (other,)))
    assert stage.page is None and stage.tab == "picture"
    assert stage.page_of(shot) is project and stage.page_of(other) is None


def test_a_cleared_stage_knows_no_pages() -> None:
    stage, shot = Stage(), Attachment("/shot.png")
    stage.show(turn := Turn("What is it?", (shot,)))
    stage.add_page(PageProject(shot))
    stage.clear()
    assert stage.page is None
    stage.show(turn)
    assert stage.page is None

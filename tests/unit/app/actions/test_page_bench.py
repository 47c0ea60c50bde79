"""Versions made safe, rendered and compared."""

import pytest
from pytestqt.qtbot import QtBot

from app.actions.page_bench import PageBench
from app.engine_link.scripted_client import Timed
from app.state.attachments import Attachment, AttachmentStatus
from app.state.page import PageProject, PageVersion, VersionStatus
from mlx_gemma4.protocol.requests import ComparePages
from tests.unit.app.actions.pages import ready
from tests.unit.app.scripted import Rig, compared


@pytest.fixture
def bench(rig: Rig, qtbot: QtBot) -> PageBench:
    ready(rig, qtbot)
    return PageBench(rig.session, rig.bridge, rig.renderer)


@pytest.fixture
def project() -> PageProject:
    screenshot = Attachment("/shot.png")
    screenshot.width, screenshot.height = 64, 48
    project = PageProject(screenshot)
    version = PageVersion("first")
    version.html = "<p>one"
    project.add(version)
    return project


def compares(rig: Rig) -> list[ComparePages]:
    return [request for request in rig.client.requests if isinstance(request, ComparePages)]


def test_a_version_that_is_measured_anew_is_heard_of_once(
    rig: Rig, bench: PageBench, project: PageProject, qtbot: QtBot
) -> None:
    version = project.versions[0]
    measured: list[PageVersion] = []
    bench.measured.connect(lambda _, version: measured.append(version))
    rig.renderer.takes_ms = 50
    rig.compare = lambda request: [(0.05, compared(0.1 * len(compares(rig))))]
    bench.measure(project, version)
    qtbot.waitUntil(lambda: rig.renderer.under_way == 1)
    version.html = "<p>two"
    bench.measure(project, version)  # while it is rendered
    qtbot.waitUntil(lambda: len(compares(rig)) == 1)
    assert "two" in version.safe_html
    bench.measure(project, version)  # while it is compared
    qtbot.waitUntil(lambda: len(compares(rig)) == 2)
    qtbot.waitUntil(lambda: not bench.is_measuring(version))
    qtbot.wait(120)
    assert measured == [version] and len(compares(rig)) == 2
    assert version.fidelity is not None and version.fidelity.fidelity == pytest.approx(0.2)


def test_a_page_whose_screenshot_is_not_known_yet_is_measured_when_it_is(
    rig: Rig, bench: PageBench, project: PageProject, qtbot: QtBot
) -> None:
    screenshot, version = project.screenshot, project.versions[0]
    screenshot.width = screenshot.height = 0
    bench.show_soon(project, version)
    bench.measure(project, version)
    qtbot.wait(50)
    assert rig.renderer.pages == [] and bench.is_measuring(version)
    screenshot.width, screenshot.height = 640, 480
    screenshot.status = AttachmentStatus.READY
    qtbot.waitUntil(lambda: not bench.is_measuring(version))
    assert [(size.width, size.height) for _, size in rig.renderer.pages] == [(640, 480)]
    assert version.fidelity is not None


def test_what_is_forgotten_is_not_measured(rig: Rig, bench: PageBench, project: PageProject, qtbot: QtBot) -> None:
    bench.measure(project, project.versions[0])
    bench.forget_all()
    qtbot.wait(100)
    assert compares(rig) == [] and project.versions[0].rendering is None


def test_a_picture_of_a_half_page_does_not_come_after_that_of_the_whole(
    rig: Rig, bench: PageBench, project: PageProject, qtbot: QtBot
) -> None:
    version = project.versions[0]
    bench.show_soon(project, version)
    qtbot.waitUntil(lambda: version.rendering is not None)
    version.html = "<p>one and more"
    bench.show_soon(project, version)  # waits for its turn
    version.html, version.status = "<p>one and all", VersionStatus.READY
    bench.measure(project, version)
    qtbot.waitUntil(lambda: version.fidelity is not None)
    qtbot.wait(300)
    assert ["all" in html for html, _ in rig.renderer.pages] == [False, True] and "all" in version.safe_html


def test_replaced_pictures_are_removed_after_a_while(
    rig: Rig, bench: PageBench, project: PageProject, qtbot: QtBot
) -> None:
    version, rendered = project.versions[0], []
    version.rendering_changed.connect(lambda shot: rendered.append(shot.picture))
    for number in range(12):
        version.html = f"<p>{number}"
        bench.measure(project, version)
        qtbot.waitUntil(lambda number=number: len(rendered) == number + 1)
    assert rig.renderer.discarded == rendered[:3]


def test_an_engine_that_says_nothing_of_a_comparison_was_stopped(
    rig: Rig, bench: PageBench, project: PageProject, qtbot: QtBot
) -> None:
    def silent(request: ComparePages) -> list[Timed]:
        return []

    rig.compare = silent
    bench.measure(project, project.versions[0])
    qtbot.waitUntil(lambda: len(compares(rig)) == 1)
    rig.bridge.stop(compares(rig)[0].id)
    qtbot.waitUntil(lambda: not bench.is_measuring(project.versions[0]))
    assert project.versions[0].fidelity is None and project.versions[0].problem == ""

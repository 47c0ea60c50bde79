"""A page's versions."""

from app.state.attachments import Attachment
from app.state.page import PageProject, PageVersion
from mlx_gemma4.protocol.events import PagesCompared


def project_with(*figures: float | None) -> PageProject:
    project = PageProject(Attachment("/shot.png"))
    for figure in figures:
        version = PageVersion(project.next_title("fix"))
        if figure is not None:
            version.fidelity = PagesCompared(figure, 1, 1, 1, 1, (), "")
        project.add(version)
    return project


def test_a_new_version_is_looked_at_unless_it_is_not_to_be() -> None:
    project = project_with(None)
    first, second = project.versions[0], PageVersion("edit 1")
    added: list[PageVersion] = []
    project.version_added.connect(added.append)
    project.add(second, show=False)
    assert project.current is first and project.versions == [first, second] == [first, *added]


def test_the_best_is_the_nearest_and_of_equals_the_earlier() -> None:
    assert project_with().best is None and project_with(None).best is None
    project = project_with(0.5, 0.7, None, 0.7, 0.6)
    assert project.best is project.versions[1]


def test_titles_count_versions_of_a_kind() -> None:
    project = PageProject(Attachment("/shot.png"))
    for kind in ("first", "fix", "edit", "fix", "first"):
        project.add(PageVersion(project.next_title(kind)))
    assert [version.title for version in project.versions] == ["first", "fix 1", "edit 1", "fix 2", "first 2"]

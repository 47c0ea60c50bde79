"""Pages written in one piece."""

from pathlib import Path

import pytest

from app.page.files import PageFolder, save_page


def test_a_page_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    save_page("<p>grün</p>\n", file)
    save_page("<p>ü</p>\r\n", file)
    assert file.read_bytes() == "<p>ü</p>\r\n".encode()
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_still_leads_to_the_page_and_rights_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "page.html", tmp_path / "link.html"
    file.write_text("<p>before</p>")
    file.chmod(0o600)
    link.symlink_to(file)
    save_page("<p>after</p>", link)
    assert link.is_symlink() and file.read_text() == "<p>after</p>" and file.stat().st_mode & 0o777 == 0o600


def test_what_was_there_stays_if_the_page_cannot_be_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    save_page("<p>before</p>", file)
    with pytest.raises(UnicodeEncodeError):
        save_page("x" * 100_000 + "\ud800", file)
    assert file.read_text() == "<p>before</p>" and list(tmp_path.iterdir()) == [file]
    with pytest.raises(OSError, match="No such file"):
        save_page("", tmp_path / "nowhere" / "page.html")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        save_page("", folder)
    assert sorted(tmp_path.iterdir()) == [folder, file]


def test_pages_for_the_browser_have_files_of_their_own_until_the_folder_is_closed() -> None:
    folder = PageFolder()
    one, other = folder.put("1"), folder.put("2")
    assert (one.read_text(), other.read_text()) == ("1", "2")
    folder.close()
    assert not one.exists() and not one.parent.exists()
    folder.close()

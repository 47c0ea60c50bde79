"""Opening at login."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.platform import here
from app.platform.login_item_linux import AutostartFile
from app.platform.login_item_mac import MacLoginItem


def test_a_linux_desktop_finds_a_file_that_starts_prism(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    item = AutostartFile('"/opt/my prism/prism"')
    assert not item.is_on and item.set_on(False) == ""
    assert item.set_on(True) == "" and item.is_on
    lines = (tmp_path / "autostart" / "prism.desktop").read_text().splitlines()
    assert lines[0] == "[Desktop Entry]" and 'Exec="/opt/my prism/prism"' in lines and "Type=Application" in lines
    assert item.set_on(False) == "" and not item.is_on


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    assert "can't be written" in AutostartFile().set_on(True)


class Service:
    """A Mac's list of login items."""

    def __init__(self, refusal: str = "") -> None:
        self.on, self._refusal = False, refusal

    def mainAppService(self) -> Service:
        return self

    def status(self) -> int:
        return 1 if self.on else 0

    def registerAndReturnError_(self, _: None) -> tuple[bool, object]:
        return self._change(True)

    def unregisterAndReturnError_(self, _: None) -> tuple[bool, object]:
        return self._change(False)

    def _change(self, on: bool) -> tuple[bool, object]:
        if self._refusal:
            return False, SimpleNamespace(localizedDescription=lambda: self._refusal)
        self.on = on
        return True, None


@pytest.mark.parametrize("refusal", ["", "Operation not permitted"])
def test_a_mac_lists_the_app(monkeypatch: pytest.MonkeyPatch, refusal: str) -> None:
    monkeypatch.setattr(here.sys, "platform", "darwin")
    item = here.make_login_item()
    assert isinstance(item, MacLoginItem)
    service = Service(refusal)
    frameworks = SimpleNamespace(SMAppService=service, SMAppServiceStatusEnabled=1)
    monkeypatch.setitem(sys.modules, "ServiceManagement", frameworks)
    assert "Only the app" in item.set_on(True), "not from a checkout"
    monkeypatch.setattr(here.sys, "executable", "/Applications/Prism.app/Contents/MacOS/Prism")
    assert refusal in item.set_on(True) and item.is_on is (not refusal)
    item.set_on(False)
    assert not item.is_on

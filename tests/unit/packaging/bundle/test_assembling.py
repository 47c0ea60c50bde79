"""The parts of `make app`: thinning, Qt's files, the archive, the licences, the icon, the launcher's door."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bundle.assemble import remove_strays
from bundle.identity import icon_sides
from bundle.licences import write_licences
from bundle.machos import read_macho, thin
from bundle.on_linux import pack
from bundle.qt import unneeded_files

from tests.unit.packaging.bundle.macho_files import ARM64, X86_64, fat_macho, thin_macho, write
from tests.unit.packaging.bundle.small_bundle import QT, SmallBundle


def test_thinning_leaves_the_slice_as_it_was(tmp_path: Path) -> None:
    ours = thin_macho(["@rpath/a.dylib"], ["@loader_path/b"], (13, 2))
    file = write(tmp_path / "lib.dylib", fat_macho((X86_64, thin_macho(processor=X86_64)), (ARM64, ours)))
    file.chmod(0o755)
    twin = tmp_path / "the installer's copy"
    twin.hardlink_to(file)
    macho = read_macho(file)
    assert macho is not None and [part.architecture for part in macho.slices] == ["x86_64", "arm64"]
    assert thin(macho) == twin.stat().st_size - len(ours)
    assert file.read_bytes() == ours and file.stat().st_mode & 0o777 == 0o755
    again = read_macho(file)
    assert again is not None and again.arm64 is not None
    assert again.arm64.oldest_system == (13, 2)
    assert [load.name for load in again.arm64.loads] == ["@rpath/a.dylib"]
    assert again.arm64.search_paths == ("@loader_path/b",)
    assert thin(again) == 0


def test_what_is_no_program_is_not_read_as_one(tmp_path: Path) -> None:
    assert read_macho(write(tmp_path / "a", b"")) is None
    assert read_macho(write(tmp_path / "b", b"#!/bin/sh\n")) is None
    archive = fat_macho((ARM64, b"!<arch>\n" + bytes(60)))
    assert read_macho(write(tmp_path / "c.a", archive)) is None
    with pytest.raises(ValueError, match=r"d\.dylib cannot be read"):
        read_macho(write(tmp_path / "d.dylib", thin_macho()[:20]))


def test_of_qt_what_is_imported_and_linked_to_stays(small: SmallBundle) -> None:
    network = f"{QT}/QtNetwork.framework/Versions/A/QtNetwork"
    write(small.packages / network, thin_macho())
    write(small.packages / "PySide6" / "libpysideqml.dylib", thin_macho())
    left = {path.name for path in unneeded_files(small.packages, ["PySide6", "PySide6.QtWidgets"])}
    assert left == {"QtNetwork", "libpysideqml.dylib"}
    widgets = small.packages / "PySide6" / "QtWidgets.abi3.so"
    write(widgets, thin_macho(["@rpath/QtNetwork.framework/Versions/A/QtNetwork"], ["@loader_path/Qt/lib"]))
    left = {path.name for path in unneeded_files(small.packages, ["PySide6", "PySide6.QtWidgets"])}
    assert "QtNetwork" not in left


def test_strays_are_removed(tmp_path: Path) -> None:
    for name in ("numpy/tests/a.py", "numpy/core.py", "av/x.pyi", "mlx/include/a.h", "bin/pyav", "a/b/lib.a"):
        write(tmp_path / name, b"")
    remove_strays(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["core.py"]


def test_the_archive_keeps_links_and_permissions(small: SmallBundle, tmp_path: Path) -> None:
    program = write(small.contents / "MacOS" / "Prism", thin_macho())
    program.chmod(0o755)
    pack(small.path, tmp_path / "Prism.zip")
    with zipfile.ZipFile(tmp_path / "Prism.zip") as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        assert entries["Prism.app/Contents/MacOS/Prism"].external_attr >> 16 == 0o100755
        link = f"Prism.app/Contents/Resources/app_packages/{QT}/QtWidgets.framework/QtWidgets"
        assert entries[link].external_attr >> 16 == 0o120777
        assert archive.read(link) == b"Versions/Current/QtWidgets"
    first = (tmp_path / "Prism.zip").read_bytes()
    pack(small.path, tmp_path / "Prism.zip")
    assert (tmp_path / "Prism.zip").read_bytes() == first


def test_licences_are_collected_and_a_missing_one_is_said(small: SmallBundle, tmp_path: Path) -> None:
    small.add_distribution("av", "18.1.0")
    target = tmp_path / "licences.txt"
    write_licences(small.packages, target)
    text = target.read_text()
    assert "mlx 0.32.4: MIT" in text and "Permission is hereby granted." in text
    assert "x264 and x265" in text and "GNU GENERAL PUBLIC LICENSE" in text and "PYTHON SOFTWARE FOUNDATION" in text
    (small.packages / "mlx-0.32.4.dist-info" / "licenses" / "LICENSE").unlink()
    with pytest.raises(ValueError, match="No licence text: mlx"):
        write_licences(small.packages, target)


def test_the_icon_has_every_size(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    file = tmp_path / "prism.icns"
    script = repository / "packaging" / "icon" / "make_icns.py"
    subprocess.run([sys.executable, str(script), str(file)], check=True)
    assert icon_sides(file.read_bytes()) == {32, 64, 128, 256, 512, 1024}


def test_a_broken_icon_is_said() -> None:
    with pytest.raises(ValueError, match="broken entry"):
        icon_sides(b"icns\0\0\0\x10ic10\0\0\0\x04")


def test_the_door_runs_our_modules_as_python_would(repository: Path) -> None:
    door = [sys.executable, "-m", "prism", "-m"]
    paths = {"PYTHONPATH": f"{repository / 'packaging' / 'bundle'}:{repository}", "PATH": ""}
    run = [*door, "app", "--engine"]
    ended = subprocess.run(run, stdin=subprocess.DEVNULL, capture_output=True, env=paths, check=False)
    assert (ended.returncode, ended.stdout) == (0, b"")
    broken = subprocess.run([*door, "app.unicorn"], capture_output=True, env=paths, check=False)
    assert broken.returncode == 1 and b"No module named app.unicorn" in broken.stderr
    stranger = subprocess.run(
        [*door, "json.tool"], stdin=subprocess.DEVNULL, capture_output=True, env=paths, check=False
    )
    assert stranger.returncode == 2 and b"unrecognized arguments: -m json.tool" in stranger.stderr


def test_the_door_lets_children_be_started_by_the_launcher(tmp_path: Path, repository: Path) -> None:
    resources = tmp_path / "Prism.app" / "Contents" / "Resources"
    source = (repository / "packaging" / "bundle" / "prism" / "__main__.py").read_bytes()
    write(resources / "app" / "prism" / "__main__.py", source)
    launcher = write(tmp_path / "Prism.app" / "Contents" / "MacOS" / "Prism", b"")
    write(resources / "app" / "app" / "__init__.py", b"")
    write(
        resources / "app" / "app" / "__main__.py", b"import sys\ndef main():\n    print(sys.executable)\n    return 3\n"
    )
    run = [sys.executable, "-m", "prism"]
    ended = subprocess.run(run, capture_output=True, text=True, cwd=resources / "app", check=False)
    assert (ended.returncode, ended.stdout.strip()) == (3, str(launcher.resolve()))

"""Every fault that the check is there for is planted once in a bundle without any, and found."""

from __future__ import annotations

import plistlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.packaging.bundle.macho_files import ARM64, X86_64, fat_macho, thin_macho, write
from tests.unit.packaging.bundle.small_bundle import QT, SmallBundle, icon

Plant = Callable[[SmallBundle], object]
MLX = "mlx/lib/libmlx.dylib"


def change_info(**changes: object) -> Plant:
    """Writes other values into Info.plist; None takes one out."""

    def plant(small: SmallBundle) -> None:
        info = small.read_info() | changes
        small.write_info({key: value for key, value in info.items() if value is not None})

    return plant


def put(name: str, data: bytes) -> Plant:
    """Writes a file among the libraries."""
    return lambda small: write(small.packages / name, data)


def take(name: str) -> Plant:
    """Removes a file or folder of `Resources`."""

    def plant(small: SmallBundle) -> None:
        path = small.resources / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    return plant


def write_code(name: str, source: str) -> Plant:
    """Adds lines to one of our modules, which is made if it is not there."""

    def plant(small: SmallBundle) -> None:
        file = small.app / name
        before = file.read_text() if file.exists() else ""
        write(file, (before + source).encode())

    return plant


def move_metallib(small: SmallBundle) -> None:
    """As packers do that gather libraries in one place."""
    (small.packages / "mlx/lib/mlx.metallib").rename(small.resources / "mlx.metallib")


def own_documents(small: SmallBundle) -> None:
    info = small.read_info()
    kinds = info["CFBundleDocumentTypes"]
    assert isinstance(kinds, list)
    kinds[0]["LSHandlerRank"] = "Owner"
    small.write_info(info)


def grant(**changes: object) -> Plant:
    """Signs with other entitlements."""

    def plant(small: SmallBundle) -> None:
        file = small.path.with_name("Entitlements.plist")
        granted = plistlib.loads(file.read_bytes()) | {name.replace("_", "."): value for name, value in changes.items()}
        file.write_bytes(plistlib.dumps({key: value for key, value in granted.items() if value is not None}))

    return plant


PLANTED: dict[str, tuple[Plant, str]] = {
    "metallib moved": (move_metallib, "metallib: Contents/Resources/app_packages/mlx/lib/libmlx.dylib: has no"),
    "metallib of another kind": (put("mlx/lib/mlx.metallib", b"<html>"), "is no library of Metal kernels"),
    "no MLX": (take("app_packages/mlx/lib/libmlx.dylib"), "metallib: libmlx.dylib: is not in the bundle"),
    "x86 alone": (put(MLX, thin_macho(processor=X86_64)), "libmlx.dylib: is for x86_64 alone"),
    "x86 alone, in a fat file": (
        put(MLX, fat_macho((X86_64, thin_macho(processor=X86_64)))),
        "libmlx.dylib: is for x86_64 alone",
    ),
    "too new": (put(MLX, thin_macho(oldest=(26, 0))), "floor: Contents/Resources/app_packages/mlx/lib/libmlx.dylib"),
    "too new by a minor version": (put(MLX, thin_macho(oldest=(15, 1))), "wants macOS 15.1; ours is 15.0"),
    "no oldest system": (put(MLX, thin_macho(oldest=None)), "declares no oldest macOS"),
    "cut off": (put(MLX, thin_macho(["/usr/lib/libSystem.B.dylib"])[:40]), "files: Prism.app: libmlx.dylib cannot be"),
    "library nowhere": (put(MLX, thin_macho(["@rpath/libjaccl.dylib"])), "@rpath/libjaccl.dylib is not in the bundle"),
    "library of the builder's machine": (
        put(MLX, thin_macho(["/usr/local/lib/libx.dylib"])),
        "/usr/local/lib/libx.dylib is not in the bundle",
    ),
    "module of ours missing": (
        take("app/mlx_gemma4/engine/worker.py"),
        "modules: mlx_gemma4.engine.worker: is not in the bundle; wanted: mlx_gemma4.engine.worker ← app.__main__",
    ),
    "library missing that a function imports": (
        take("app_packages/mlx/core.cpython-312-darwin.so"),
        "modules: mlx.core: is not in the bundle",
    ),
    "module missing inside a library": (take("app_packages/numpy/core.py"), "modules: numpy.core: is not in"),
    "name missing in a package of ours": (
        write_code("app/__main__.py", "from app import views\n"),
        "modules: app.views: is not in the bundle",
    ),
    "reaches the Linux twin": (
        lambda small: (
            write_code("app/platform/__init__.py", "")(small),
            write_code("app/platform/hotkey_x11.py", "")(small),
            write_code("app/__main__.py", "if sys.platform != 'win32':\n    from app.platform.hotkey_x11 import a\n")(
                small
            ),
        ),
        "modules: app.platform.hotkey_x11: is not for the bundle, and reached",
    ),
    "reaches a peer": (
        lambda small: (
            put("mlx_vlm/__init__.py", b"")(small),
            write_code("app/__main__.py", "def compare():\n    import mlx_vlm\n")(small),
        ),
        "modules: mlx_vlm: is not for the bundle, and reached: mlx_vlm ← app.__main__",
    ),
    "a Linux twin inside": (
        write_code("app/platform/tray_linux/__init__.py", ""),
        "strays: Contents/Resources/app/app/platform/tray_linux: the Linux twins",
    ),
    "debug symbols": (put("objc/a.so.dSYM/Contents/Info.plist", b""), "a.so.dSYM: debug symbols"),
    "bench inside": (write_code("mlx_gemma4/bench/__init__.py", ""), "strays: Contents/Resources/app/mlx_gemma4/bench"),
    "stray WebEngine": (
        put(f"{QT}/QtWebEngineCore.framework/Versions/A/QtWebEngineCore", thin_macho()),
        "QtWebEngineCore.framework: QtWebEngine",
    ),
    "a part of Qt that nobody uses": (put("PySide6/QtCharts.abi3.so", thin_macho()), "QtCharts.abi3.so: a part of Qt"),
    "tests": (put("numpy/tests/test_a.py", b""), "numpy/tests: tests"),
    "headers": (put("mlx/include/mlx.h", b""), "mlx/include: headers"),
    "Qt's tools": (put("PySide6/Designer.app/Contents/MacOS/Designer", thin_macho()), "Designer.app: Qt's tools"),
    "OpenCV": (put("cv2/__init__.py", b""), "cv2: OpenCV"),
    "pyarrow": (put("pyarrow/__init__.py", b""), "pyarrow: pyarrow"),
    "compiler": (put("clang/bin/clang-19", b""), "clang: a compiler"),
    "no window plugin": (
        take("app_packages/PySide6/Qt/plugins/platforms/libqcocoa.dylib"),
        "qt: platforms/libqcocoa.dylib: is not in the bundle",
    ),
    "framework without links": (
        take(f"app_packages/{QT}/QtWidgets.framework/QtWidgets"),
        "QtWidgets.framework: has no link to its library",
    ),
    "resource missing": (take("app/resources/samples/a.png"), "resources/samples/a.png: is missing"),
    "resource damaged": (
        lambda small: write(small.app / "resources/samples/a.png", b"a pictura"),
        "samples/a.png: differs",
    ),
    "address without HTTPS": (
        lambda small: write(small.app / "resources/updates.json", b'{"address": "http://a.example"}'),
        "http://a.example is not of HTTPS",
    ),
    "licence unnamed": (lambda small: small.add_distribution("numpy", "2.4.6"), "licences: numpy: is not named"),
    "licence without text": (take("app_packages/mlx-0.32.4.dist-info/licenses"), "licences: mlx: has no licence text"),
    "licences missing": (take("app/resources/licences.txt"), "licences.txt: is missing"),
    "no plist": (lambda small: (small.contents / "Info.plist").unlink(), "info: Contents/Info.plist: cannot be read"),
    "bad plist": (
        lambda small: write(small.contents / "Info.plist", b"<plist><dict><key>CFBundleName</key></plist>"),
        "info: Contents/Info.plist: cannot be read",
    ),
    "floor of the plist": (change_info(LSMinimumSystemVersion="14.0"), "LSMinimumSystemVersion is '14.0', not '15.0'"),
    "another version": (change_info(CFBundleShortVersionString="9.9"), "CFBundleShortVersionString is '9.9'"),
    "no usage text": (change_info(NSMicrophoneUsageDescription=None), "NSMicrophoneUsageDescription is missing"),
    "hidden from the Dock": (change_info(LSUIElement=True), "LSUIElement hides the app"),
    "bad identifier": (change_info(CFBundleIdentifier="Prism!"), "CFBundleIdentifier is 'Prism!'"),
    "owner of pictures": (own_documents, "public.image: the rank is 'Owner'"),
    "no launcher beside Python": (
        lambda small: (small.contents / "Frameworks").mkdir(),
        "info: Contents/Info.plist: Prism is no program",
    ),
    "no icon": (take("prism.icns"), "icon: Contents/Resources/prism.icns: is missing"),
    "small icon": (lambda small: write(small.resources / "prism.icns", icon(128)), "has no picture of 256, 512, 1024"),
    "cut-off icon": (
        lambda small: write(small.resources / "prism.icns", icon(128, 256)[:-3]),
        "is no whole .icns file",
    ),
    "entitlement too many": (
        grant(**{"com.apple.security.cs.allow-jit": True}),
        "entitlements: com.apple.security.cs.allow-jit: has no reason",
    ),
    "entitlement lost": (
        grant(**{"com.apple.security.device.audio-input": None}),
        "entitlements: com.apple.security.device.audio-input: is missing",
    ),
}


def test_the_small_bundle_has_no_faults(faults: Callable[[], list[str]]) -> None:
    assert faults() == []


@pytest.mark.parametrize("planted", PLANTED)
def test_it_is_found(planted: str, small: SmallBundle, faults: Callable[[], list[str]]) -> None:
    plant, expected = PLANTED[planted]
    plant(small)
    assert any(expected in fault for fault in faults()), faults()


def test_a_fat_file_with_a_slice_for_us_is_no_fault(small: SmallBundle, faults: Callable[[], list[str]]) -> None:
    both = fat_macho((X86_64, thin_macho(processor=X86_64, oldest=(26, 0))), (ARM64, thin_macho()))
    write(small.packages / MLX, both)
    assert faults() == []


def test_a_library_may_be_found_by_whoever_loads_it(small: SmallBundle, faults: Callable[[], list[str]]) -> None:
    write(small.packages / MLX, thin_macho(["@rpath/libjaccl.dylib"]))
    write(small.packages / "mlx/lib/libjaccl.dylib", thin_macho())
    assert faults() == []


def test_a_bundle_that_is_too_large_is_a_fault(
    small: SmallBundle, faults: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bundle.sizes.MOST_BYTES", 100_002_000)
    assert any(fault.startswith("size: Prism.app: 100.0 MB; the limit is") for fault in faults())


def test_an_excused_file_is_no_fault(
    small: SmallBundle, faults: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(small.packages / MLX, thin_macho(oldest=(26, 0)))
    monkeypatch.setattr("bundle.binaries.NEWER_THAN_THE_FLOOR", {"*/libmlx.dylib": "it was seen to run"})
    assert faults() == []


def test_nothing_is_said_of_what_is_no_bundle(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import check_bundle

    assert check_bundle.main([str(tmp_path)]) == 2
    assert "is no bundle" in capsys.readouterr().err

"""Sizes that are easy to keep and hard to win back, and a repository that knows no machine but the reader's."""

import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
TABLES: set[str] = set()  # files that are long because they list things

MACHINE_PATHS = re.compile(r"/(work|root|home/\w+|Users/\w+|opt/\w+)/")
REGISTRY_HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|download\.pytorch\.org|deb\.debian\.org")
BINARY = {".png", ".jpg", ".jpeg", ".npz", ".safetensors", ".wav", ".mp4", ".ico", ".icns"}


def tracked_files() -> list[Path]:
    """Every file under version control that is still in the working tree."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def line_count(file: Path) -> int:
    """Lines of a text file."""
    return len(file.read_text().splitlines())


def folder_size(folder: Path) -> int:
    """Bytes of all files under `folder`."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def test_no_source_file_is_over_400_lines() -> None:
    sources = [file for file in tracked_files() if file.suffix == ".py" and file.name not in TABLES]
    assert sources
    long = {str(file.relative_to(ROOT)): line_count(file) for file in sources if line_count(file) > 400}
    assert not long


def test_the_median_source_file_is_at_most_120_lines() -> None:
    assert statistics.median(line_count(file) for file in (ROOT / "mlx_gemma4").rglob("*.py")) <= 120


def test_resources_fit_their_budgets() -> None:
    assert folder_size(ROOT / "resources") <= 32 * MEGABYTE
    assert folder_size(ROOT / "resources" / "tour") <= 27 * MEGABYTE
    assert folder_size(ROOT / "resources" / "samples") <= 0.3 * MEGABYTE


def test_pictures_in_the_documentation_load_quickly() -> None:
    pictures = [file for file in tracked_files() if file.is_relative_to(ROOT / "docs") and file.suffix == ".png"]
    assert not [str(file) for file in pictures if file.stat().st_size > 0.3 * MEGABYTE]


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRY_HOSTS])
def test_no_tracked_file_names_a_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in tracked_files()
        if file.suffix not in BINARY and file != Path(__file__)
        for match in pattern.finditer(file.read_text(errors="replace"))
    ]
    assert not found


def test_the_patterns_for_machines_catch_what_they_are_for() -> None:
    assert MACHINE_PATHS.search("open('/home/ann/model')") and MACHINE_PATHS.search("/work/main/x")
    assert REGISTRY_HOSTS.search("https://pypi.org/simple")
    assert not MACHINE_PATHS.search("the work/main branch")


def test_the_packaging_folder_does_not_shadow_the_library_of_that_name() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()

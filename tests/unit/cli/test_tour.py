"""Tour: every bundled sample is asked about, answered and drawn."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

import mlx_gemma4.engine.loading as api
from mlx_gemma4.cli.tour import main
from mlx_gemma4.protocol.errors import CheckpointError


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_folder: Path, picture_file: Path) -> Path:
    """Resources with the tiny random model as the tour model and one sample."""
    root = tmp_path / "package"
    (root / "resources" / "samples").mkdir(parents=True)
    shutil.copytree(model_folder, root / "resources" / "tour")
    shutil.copy(picture_file, root / "resources" / "samples" / "halves.png")
    samples = [{"file": "halves.png", "question": "Detect all objects.", "job": "ask"}]
    (root / "resources" / "samples" / "samples.json").write_text(json.dumps(samples))
    monkeypatch.setattr(api, "__file__", str(root / "engine" / "loading.py"))
    return root


def test_the_tour_prints_answers_and_writes_drawings(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "a" / "out")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("halves.png · Detect all objects.\n") and "tokens, " in out
    with Image.open(tmp_path / "a" / "out" / "halves.png") as drawn:
        assert drawn.size == (120, 80)


def test_a_folder_that_cannot_be_made_is_refused(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["--out", str(tmp_path / "file")]) == 2
    assert "cannot be made" in capsys.readouterr().err


def test_resources_are_found_beside_the_package_in_a_checkout_and_inside_it_when_installed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.bundled("tour") == bundle / "resources" / "tour"
    monkeypatch.setattr(api, "__file__", str(bundle / "mlx_gemma4" / "engine" / "loading.py"))
    assert api.bundled("tour") == bundle / "resources" / "tour"
    shutil.rmtree(bundle / "resources")
    with pytest.raises(CheckpointError, match="resources/tour is not there"):
        api.bundled("tour")


def test_the_samples_of_this_repository_are_complete(repository: Path) -> None:
    folder = repository / "resources" / "samples"
    samples = json.loads((folder / "samples.json").read_text())
    assert {sample["file"] for sample in samples} == {file.name for file in folder.glob("*.png")}
    assert all(sample["question"].strip() for sample in samples)

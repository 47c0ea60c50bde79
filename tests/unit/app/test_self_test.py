"""`prism --self-test` passes here, and fails with a reason when something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from app import self_test
from app.engine_link.client import Deliver, Exited
from app.platform import bundled as place
from app.self_test import SelfTestError
from mlx_gemma4.protocol.events import EngineFailed, ModelReady
from mlx_gemma4.protocol.requests import Load, Request


class StubbornEngine:
    """Answers a Load as told, and nothing else."""

    def __init__(self, answer: EngineFailed | ModelReady | int) -> None:
        self._answer = answer

    def start(self, deliver: Deliver, exited: Exited) -> None:
        self._deliver, self._exited = deliver, exited

    def send(self, request: Request) -> None:
        if isinstance(self._answer, int):
            self._exited(self._answer)
        elif isinstance(request, Load):
            self._deliver(self._answer)

    def close(self) -> None: ...


def test_it_passes_with_metal_reported(repository: Path) -> None:
    if not find_spec("mlx"):
        pytest.skip("there is no engine here")
    run = [sys.executable, "-m", "app", "--self-test"]
    ended = subprocess.run(run, capture_output=True, text=True, cwd=repository, env=os.environ, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "All 5 work." in ended.stdout and "  ok  engine and model: loaded in" in ended.stdout
    assert "Metal" in ended.stdout


def test_without_an_engine_it_fails_and_says_why(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "mlx").mkdir()
    (tmp_path / "mlx" / "__init__.py").write_text("raise ImportError('this is no MLX')\n")
    code = "import sys; sys.path.insert(0, '.'); from app.self_test import main; sys.exit(main())"
    run = [sys.executable, "-c", code]
    paths = {"PYTHONPATH": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(run, capture_output=True, text=True, cwd=repository, env=os.environ | paths, check=False)
    assert ended.returncode == 1
    assert "  NO  device: " in ended.stdout and "  ok  resources: " in ended.stdout
    assert ended.stdout.splitlines()[-1] == "2 of 5 failed: device, engine and model"


def test_missing_and_empty_resources_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_PLACES", (tmp_path,))
    with pytest.raises(FileNotFoundError, match="resources/icons"):
        self_test.resources()
    for name in self_test._RESOURCES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"" if "safetensors" in name else b"x")
    with pytest.raises(SelfTestError, match=r"tour/model\.safetensors: empty"):
        self_test.resources()


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (-9, "the engine ended with -9"),
        (
            EngineFailed("weights.missing", "A tensor is missing.", "Install again.", True),
            "A tensor is missing",
        ),
        (ModelReady("tour", "Tour", 8, 1, True, False, 280), "the engine was silent for 0 s"),
    ],
)
def test_what_the_engine_does_wrong_is_said(
    answer: EngineFailed | ModelReady | int, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(answer, int):
        object.__setattr__(answer, "request_id", "load")
    monkeypatch.setattr(self_test, "ProcessClient", lambda: StubbornEngine(answer))
    monkeypatch.setattr(self_test, "_PATIENCE_SECONDS", 0.2)
    with pytest.raises(SelfTestError, match=complaint):
        self_test.model()

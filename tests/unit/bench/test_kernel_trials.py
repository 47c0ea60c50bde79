"""What is tried on a machine is kept only if it is faster, and is read when a model is loaded there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlx_gemma4.bench.kernel_trials import Trial, choose, environment, main, options
from mlx_gemma4.generation import steps
from mlx_gemma4.generation.steps import FORM_VARIABLE, default_form
from mlx_gemma4.kernels import choice, command_buffers
from mlx_gemma4.kernels.backend import as_on
from mlx_gemma4.kernels.choice import THERE_ARE, VARIABLE, uses_kernel
from mlx_gemma4.kernels.settings import FILE, Settings, save, saved


class Clock:
    """Stands in for processes: a speed for every setting, and a machine that gets slower."""

    def __init__(self, speed: Callable[[Settings], float]) -> None:
        self.speed, self.slowness = speed, 1.0

    def start(self, settings: Settings) -> Callable[[], float]:
        def run() -> float:
            self.slowness *= 1.0005
            return self.speed(settings) / self.slowness

        return run


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the choice is kept during a test."""
    for name in (VARIABLE, FORM_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(FILE, str(tmp_path / "deep" / "kernels.json"))
    saved.cache_clear()
    yield tmp_path / "deep" / "kernels.json"
    saved.cache_clear()


def test_only_what_is_faster_is_kept() -> None:
    def speed(settings: Settings) -> float:
        gains = {"attention": 1.2, "heads": 1.004, "residual_norm": 0.8, "gated_gelu": 1.05}
        made = 100 * (1.1 if settings.form == "whole" else 1)
        for kernel in settings.kernels:
            made *= gains[kernel]
        return made * (1.3 if settings.buffers.get("MLX_MAX_OPS_PER_BUFFER") == "200" else 1)

    told: list[Trial] = []
    best = choose("metal", 5, Clock(speed).start, told.append)
    assert set(best.kernels) == {"attention", "gated_gelu"}
    assert best.form == "whole"
    assert best.buffers == {"MLX_MAX_OPS_PER_BUFFER": "200", "MLX_MAX_MB_PER_BUFFER": "1000"}
    assert {trial.name for trial in told if trial.is_kept} == {
        "step: whole", "kernel attention", "kernel gated_gelu", "200 operations, 1000 MB",
    }  # fmt: skip


def test_nothing_is_kept_where_nothing_is_faster_or_runs() -> None:
    for speed in (100.0, 0.0):
        assert choose("metal", 3, Clock(lambda _, speed=speed: speed).start, lambda _: None) == Settings()


def test_every_kernel_of_a_backend_is_tried() -> None:
    for device in ("metal", "cuda"):
        tried = {kernel for _, change in options(device) for kernel in change(Settings()).kernels}
        assert tried == THERE_ARE[device]


def test_a_process_is_told_by_its_environment() -> None:
    told = environment(Settings(("heads", "attention"), "whole", {"MLX_MAX_OPS_PER_BUFFER": "9"}))
    assert told[VARIABLE] == "heads,attention"
    assert told[FORM_VARIABLE] == "whole"
    assert told["MLX_MAX_OPS_PER_BUFFER"] == "9"
    assert environment(Settings())[VARIABLE] == "none"


def test_a_kept_choice_is_used_on_a_gpu(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLX_MAX_OPS_PER_BUFFER", "")
    monkeypatch.delenv("MLX_MAX_OPS_PER_BUFFER")
    save(Settings(("heads",), "whole", {"MLX_MAX_OPS_PER_BUFFER": "123"}), file)
    assert not uses_kernel("heads")  # this is a CPU
    with as_on("metal"):
        assert uses_kernel("heads")
        assert not uses_kernel("attention")
        assert default_form() == "whole"
        command_buffers.set_lengths()
        assert os.environ["MLX_MAX_OPS_PER_BUFFER"] == "123"
        monkeypatch.setenv(VARIABLE, "attention")
        monkeypatch.setenv(FORM_VARIABLE, "segments")
        assert not uses_kernel("heads")
        assert default_form() == "segments"


@pytest.mark.parametrize(
    "change",
    [lambda kept: {}, lambda kept: [], lambda kept: kept | {"device": "another"}, lambda kept: kept | {"mlx": "0.1"},
     lambda kept: kept | {"kernels": 3}, lambda kept: kept | {"buffers": {"a": 1}}, lambda kept: kept | {"form": None}],
)  # fmt: skip
def test_a_file_that_is_not_for_this_machine_or_broken_changes_nothing(
    change: Callable[[dict[str, object]], object], file: Path
) -> None:
    save(Settings(("heads",)), file)
    assert saved() is not None
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    saved.cache_clear()
    assert saved() is None
    with as_on("metal"):
        assert not uses_kernel("heads")
    file.write_text("{")
    saved.cache_clear()
    assert saved() is None


def test_without_a_choice_metal_runs_segments_until_a_kernel_attends(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not file.exists()
    with as_on("metal"):
        assert default_form() == steps.FORM_OF_BACKEND["metal"] == "segments"
        monkeypatch.setattr(choice, "KERNELS_OF_BACKEND", {"metal": frozenset({"attention"})})
        assert default_form() == "whole"


@pytest.mark.full
def test_on_a_cpu_real_processes_are_timed_and_nothing_is_kept(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--shrink", "--rounds", "1"]) == 0
    printed = capfd.readouterr().out
    assert "400 operations" in printed
    assert "Nothing is kept" in printed
    assert not file.exists()

"""The guard before a load: figures of the system, one rule, a refusal that names them, and the way past it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlx_gemma4.engine import load_guard, runner
from mlx_gemma4.engine.catalogue import offered, recommended
from mlx_gemma4.engine.load_guard import NO_ROOM, require_memory
from mlx_gemma4.engine.loading import inspect_model
from mlx_gemma4.engine.machine_memory import from_meminfo, from_vm_stat, machine_memory
from mlx_gemma4.engine.model_needs import loaded_bytes
from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event, ModelReady
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, describe, judge
from mlx_gemma4.protocol.requests import Load
from tests.unit.engine.live_engine import ROOT, require_tour

GIB = 1 << 30
VM_STAT = """Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               22180.
Pages active:                            412321.
Pages inactive:                          408233.
Pages speculative:                         3310.
Pages throttled:                              0.
Pages wired down:                        137102.
Pages purgeable:                           5120.
"Translation faults":                 998877665.
Pages occupied by compressor:             30000.
"""


def mac(total: int, used: float) -> MachineMemory:
    return MachineMemory(total * GIB, int((total - used) * GIB), int(total * GIB * (2 / 3 if total <= 36 else 3 / 4)))


def test_free_memory_of_a_mac_is_what_can_be_had_without_swapping() -> None:
    memory = from_vm_stat(VM_STAT, 16 * GIB, 0)
    assert memory.available == (22180 + 408233 + 3310 + 5120) * 16384
    assert memory.usable == int(16 * GIB * 2 / 3)
    assert from_vm_stat(VM_STAT, 64 * GIB, 0).usable == 48 * GIB
    assert from_vm_stat(VM_STAT, 16 * GIB, 14 * GIB).usable == 14 * GIB


def test_free_memory_of_linux_is_what_it_calls_available() -> None:
    assert from_meminfo("MemTotal:       16 kB\nMemFree: 1 kB\nMemAvailable:   8 kB\n") == MachineMemory(
        16384, 8192, 16384
    )


def test_this_machine_says_how_much_it_has() -> None:
    memory = machine_memory(7)
    assert memory.total > memory.available > 0 and memory.held == 7


@pytest.mark.parametrize(
    ("total", "used", "need", "fit"),
    [
        (16, 6, 5.9, Fit.SAFE),
        (16, 6, 6.1, Fit.TIGHT),
        (16, 6, 7.7, Fit.TOO_LARGE),
        (64, 4, 47, Fit.TIGHT),
        (64, 4, 48.1, Fit.TOO_LARGE),
        (16, 15.9, 0.3, Fit.SAFE),
        (16, 15.9, 0.4, Fit.TOO_LARGE),
    ],
)
def test_a_model_is_judged_by_what_would_be_in_use_with_it(total: int, used: float, need: float, fit: Fit) -> None:
    assert judge(int(need * GIB), mac(total, used)) is fit


def test_the_gpu_takes_no_more_than_it_is_allowed() -> None:
    assert judge(11 * GIB, MachineMemory(16 * GIB, 16 * GIB, 10 * GIB)) is Fit.TOO_LARGE


def test_what_the_loaded_model_holds_is_free_for_the_next() -> None:
    memory = MachineMemory(16 * GIB, 5 * GIB, 12 * GIB, 4 * GIB)
    assert judge(4 * GIB, memory) is Fit.SAFE
    assert judge(4 * GIB, MachineMemory(16 * GIB, 5 * GIB, 12 * GIB)) is Fit.TOO_LARGE


def test_a_machine_that_says_nothing_refuses_nothing() -> None:
    assert judge(99 * GIB, MachineMemory(0, 0, 0)) is Fit.SAFE


def test_the_figures_are_said_with_the_projected_total() -> None:
    memory = MachineMemory(16 * GIB, round(6.1 * GIB), 12 * GIB)
    assert describe(round(9.4 * GIB), memory) == "needs about 9.4 GB, 6.1 GB are free of 16 GB"


@pytest.mark.parametrize("total", [8, 16, 18, 24, 32, 36, 48, 64, 96, 128, 192, 512])
def test_the_recommended_model_fits_a_mac_with_a_usual_day_on_it(total: int) -> None:
    best = next(model for model in offered(total * GIB) if model.recommended)
    assert judge(best.need_bytes, mac(total, min(0.3 * total, 8))) is (Fit.TIGHT if total == 8 else Fit.SAFE)


def test_a_larger_mac_is_never_recommended_a_smaller_model() -> None:
    sizes = {model.repository: model.nbytes for model in offered(0)}
    steps = [sizes[recommended(total * GIB)] for total in range(1, 200)]
    assert steps == sorted(steps) and len(set(steps)) > 4


def test_a_cpu_unpacks_weights_and_leaves_tables_as_they_are() -> None:
    from mlx_gemma4.weights.safetensors_header import TensorInfo

    tensors = [
        TensorInfo("model.embed_tokens.weight", "U32", (1,), Path(), 100, 0),
        TensorInfo("model.layers.0.mlp.up_proj.weight", "U32", (1,), Path(), 100, 0),
    ]
    assert loaded_bytes(tensors, 4, metal=True) == 200
    assert loaded_bytes(tensors, 4, metal=False) == 900


def test_the_refusal_names_the_model_and_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    require_tour()
    tight = MachineMemory(GIB, GIB // 10, GIB)
    monkeypatch.setattr(load_guard, "machine_memory", lambda held: tight)
    with pytest.raises(PrismError) as caught:
        require_memory(inspect_model("tour"), 0)
    assert caught.value.code == NO_ROOM and "GB are free of 1 GB" in caught.value.message
    assert "load it anyway" in caught.value.hint


class Ear(Outbox):
    """Hears what a runner says."""

    def __init__(self) -> None:
        super().__init__(-1, lambda: None)
        self.heard: list[Event] = []

    def _write(self, event: Event) -> None:
        self.heard.append(event)


def test_a_model_that_does_not_fit_is_refused_and_the_one_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    require_tour()
    ear = Ear()
    serving = runner.Runner(ear)

    folder = str(ROOT / "resources" / "tour")

    def load(anyway: bool, path: str = folder) -> Event:
        ear.open("l")
        serving._serve(Load("l", path, anyway))
        return ear.heard[-1]

    assert isinstance(load(False), ModelReady)
    held = serving.held_bytes
    monkeypatch.setattr(load_guard, "machine_memory", lambda held: MachineMemory(GIB, 1, GIB))
    refused = load(False)
    assert isinstance(refused, EngineFailed) and refused.code == NO_ROOM and refused.recoverable
    assert serving.held_bytes == held > 0
    assert isinstance(load(True), ModelReady)
    assert isinstance(load(False, "tour"), ModelReady)

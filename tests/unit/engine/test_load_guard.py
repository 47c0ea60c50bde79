"""The guard before a load: figures of the system, one rule, a refusal that names them, and the way past it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlx_gemma4.engine import load_guard, runner
from mlx_gemma4.engine.catalogue import offered, recommended
from mlx_gemma4.engine.load_guard import NO_ROOM, Way, way_to_load
from mlx_gemma4.engine.loading import inspect_model
from mlx_gemma4.engine.machine_memory import from_meminfo, from_vm_stat, machine_memory
from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.engine.model_judging import memory_need
from mlx_gemma4.engine.model_needs import loaded_bytes
from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.engine.peak_memory import decode_work
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event, ModelReady
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, describe, judge
from mlx_gemma4.protocol.requests import Load
from mlx_gemma4.weights.checkpoint import open_checkpoint
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
        way_to_load(inspect_model("tour"), 0)
    assert caught.value.code == NO_ROOM and "MB are free of 1 GB" in caught.value.message
    assert "load it anyway" in caught.value.hint


def memory_between(less: int, more: int) -> MachineMemory:
    """Of a machine in which `less` bytes fit, and `more` do not."""
    total = 4 * more
    return MachineMemory(total, int(0.15 * total) + (less + more) // 2, total)


def test_a_model_that_does_not_fit_otherwise_leaves_its_embeddings_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    require_tour()
    tour = inspect_model("tour")
    need = memory_need(tour)
    assert 0 < need.lean < need.whole

    def way(free: MachineMemory, **wanted: bool) -> Way:
        monkeypatch.setattr(load_guard, "machine_memory", lambda held: free)
        return way_to_load(tour, 0, **wanted)

    between = memory_between(need.lean, need.whole)
    assert judge(need.whole, between) is Fit.TOO_LARGE
    assert judge(need.whole, between, need.lean) is Fit.FROM_DISK
    assert way(between) == Way(map_ple=True)
    assert way(mac(16, 2)) == Way()
    assert way(mac(16, 2), map_ple=True) == Way(map_ple=True)
    with pytest.raises(PrismError, match="tour needs about"):
        way(between, map_ple=False)
    nothing = replace(between, available=0)
    with pytest.raises(PrismError, match="tour, even with its embeddings read from the disk, needs about"):
        way(nothing)
    assert way(nothing, anyway=True) == Way(map_ple=True)


def test_a_drafter_is_counted_and_left_out_where_only_the_model_fits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.unit.model.test_drafter import write

    require_tour()
    tour, drafter = inspect_model("tour"), tmp_path / "drafter"
    write(drafter)
    alone, both = memory_need(tour), memory_need(tour, open_checkpoint(drafter))
    weights = sum(tensor.nbytes for tensor in open_checkpoint(drafter).tensors.values())
    assert both.whole - alone.whole == weights  # its steps need less than a picture
    text = Gemma4Config.from_dict(tour.config).text
    sizes = CacheSizes.of(text, 4)
    plain, block = (decode_work(text, sizes, "metal", rows) for rows in (1, 6))
    assert block - plain >= sizes.rings + 6 * 4 * text.vocab_size
    for free, way in (
        (mac(16, 2), Way(str(drafter))),
        (memory_between(alone.whole, both.whole), Way()),
        (memory_between(both.lean, alone.whole), Way(str(drafter), map_ple=True)),
        (memory_between(alone.lean, both.lean), Way(map_ple=True)),
    ):
        monkeypatch.setattr(load_guard, "machine_memory", lambda held, free=free: free)
        assert way_to_load(tour, 0, drafter=drafter) == way


def test_what_is_offered_says_what_it_takes_with_its_embeddings_on_the_disk() -> None:
    lean = {model.repository: model.need_bytes - model.lean_bytes for model in offered(8 * GIB) if model.lean_bytes}
    assert {name.partition("/")[2].lower()[8:11] for name in lean} == {"e2b", "e4b"}
    values = 262_144 * 35 * 256
    assert lean["mlx-community/gemma-4-e2b-it-4bit"] == values // 2 + values // 64 * 4
    assert lean["google/gemma-4-E2B-it"] == 2 * values


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
    need = memory_need(inspect_model("tour"))
    between = memory_between(need.lean, need.whole)
    monkeypatch.setattr(load_guard, "machine_memory", lambda held: between)
    ready = load(False)
    assert isinstance(ready, ModelReady) and ready.from_disk
    assert serving.held_bytes == ready.memory_bytes < held

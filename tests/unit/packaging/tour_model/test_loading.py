"""Steps reach training as they were drawn, and batched Muon moves matrices as PyTorch's does."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch trains the tour model; the environment of `make parity` has it")


def drawn(worker: int) -> Iterator[list]:
    rng = np.random.default_rng(worker)
    for number in range(1_000):
        array = rng.integers(0, 255, (3, int(rng.integers(1, 400)), 7)).astype(np.uint8)
        large = np.zeros(100_000 if number % 5 == 2 else 1, np.int64)  # some do not fit
        yield [
            worker,
            {"a": array, "sums": array.sum(-1).astype(np.int64), "large": large},
            (None, np.float32([worker])),
        ]


@pytest.mark.parametrize("plain", [True, False])
def test_steps_arrive_whole_though_slots_and_buffers_are_used_again(plain: bool) -> None:
    from tour_model.loading import Feeder, Ring, met_again, plain_steps

    ring, device = Ring(drawn, 2, 100_000), torch.device("cpu")
    try:
        found = plain_steps(ring, device) if plain else Feeder(ring, device).steps()
        for _, (worker, arrays, (nothing, number)) in zip(range(40), met_again(found, 1), strict=False):
            assert torch.equal(arrays["a"].sum(-1), arrays["sums"])
            assert (nothing, number.item()) == (None, worker)
            assert arrays["large"].shape == (1,)
    finally:
        ring.close()


def test_workers_that_all_fail_end_the_run() -> None:
    from tour_model.loading import Feeder, Ring

    def failing(worker: int) -> Iterator[list]:
        yield [np.zeros(3)]
        raise SystemExit(f"worker {worker} has no font")

    ring = Ring(failing, 1, 4096)
    try:
        steps = Feeder(ring, torch.device("cpu")).steps()
        assert next(steps)[0].shape == (3,)
        with pytest.raises(RuntimeError, match="all processes that draw have ended"):
            next(steps)
    finally:
        ring.close()


def test_batched_muon_moves_matrices_as_one_by_one() -> None:
    from tour_model.muon import Muon

    torch.manual_seed(0)
    shapes = [(64, 32), (32, 64), (64, 32), (48, 48)]
    ours = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
    theirs = [torch.nn.Parameter(p.detach().clone()) for p in ours]
    settings = {"lr": 0.02, "weight_decay": 0.1}
    one = Muon([{"params": ours, **settings}])
    other = torch.optim.Muon([{"params": theirs, **settings}], momentum=0.95, adjust_lr_fn="match_rms_adamw")
    for _ in range(3):
        for mine, yours in zip(ours, theirs, strict=True):
            mine.grad = torch.randn_like(mine)
            yours.grad = mine.grad.clone()
        ours[3].grad = theirs[3].grad = None
        one.step()
        other.step()
    for mine, yours in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, yours, atol=2e-3)
    assert (ours[0] - ours[2]).abs().mean() > 0.5


def test_a_step_that_does_not_fit_is_left_out_and_smaller_ones_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tour_model import train
    from tour_model.network import CellHead, Losses

    met = []

    def learn(model, head, made, *_) -> list[Losses]:  # noqa: ANN001, ANN002
        met.append(made[0])
        model.weight.grad = torch.ones_like(model.weight)
        if len(met) == 2:
            raise torch.OutOfMemoryError
        if len(met) == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return [Losses(*torch.zeros(9))]

    def drawn(_, part, __) -> Iterator[list[float]]:  # noqa: ANN001
        while True:
            yield [part.value]

    monkeypatch.setattr(train, "drawn", drawn)
    monkeypatch.setattr(train, "learn", learn)
    monkeypatch.setattr(train, "begin", lambda *_: (torch.nn.Linear(2, 2), CellHead(8)))
    given = f"train --minutes 9 --device cpu --workers 0 --out {tmp_path} --every 1"
    monkeypatch.setattr(sys, "argv", given.split())
    before = [signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)]
    try:
        train.main()
    finally:
        for sign, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(sign, handler)
    assert met == [1.0, 1.0, 0.9, 0.9]
    assert "out of memory: 0.90" in capsys.readouterr().out
    assert (tmp_path / "weights-0.safetensors").exists()
    assert [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()] == [1, 3, 4]

"""Steps reach training as they were drawn, and batched Muon moves matrices as PyTorch's does."""

from collections.abc import Iterator

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
        workers = set()
        for _, (worker, arrays, (nothing, number)) in zip(range(40), met_again(found, 1), strict=False):
            assert torch.equal(arrays["a"].sum(-1), arrays["sums"])
            assert (nothing, number.item()) == (None, worker)
            assert arrays["large"].shape == (1,)
            workers.add(worker)
        assert workers == {0, 1}
    finally:
        ring.close()


def test_a_worker_that_fails_ends_the_run() -> None:
    from tour_model.loading import Feeder, Ring

    def failing(worker: int) -> Iterator[list]:
        yield [np.zeros(3)]
        raise SystemExit(f"worker {worker} has no font")

    ring = Ring(failing, 1, 4096)
    try:
        steps = Feeder(ring, torch.device("cpu")).steps()
        assert next(steps)[0].shape == (3,)
        with pytest.raises(RuntimeError, match="a process that draws has ended"):
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

"""Says how a run goes, and what bounds it: drawing, the host's launches, or the GPU."""

import json
import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, TextIO

import torch
from tour_model.network import Losses

EARLY = (1, 2, 5, 10)


class Log:
    """A line at the first steps and then every so often, with means over the steps since the line before.

    `step_s` is the time of a step by the clock; of it `wait_s` was spent waiting for a batch and `host_s` launching.
    `behind_s` is how long the GPU went on after the last launch. Near a step or more: the GPU bounds the run (and
    `wait_s` is for its buffers). Near nothing: drawing does where `wait_s` is most of a step, else the host's launches.
    `gb` is the most memory in use since the line before, and what is reserved.
    """

    def __init__(self, file: TextIO, every: int, device: torch.device) -> None:
        self.file, self.every, self.device = file, every, device
        self.begun = self.last = time.monotonic()
        self.waited, self.steps = 0.0, 0

    def waited_for(self, steps: Iterator[Any]) -> Any:
        """The next of the steps, timed."""
        since = time.monotonic()
        made = next(steps)
        self.waited += time.monotonic() - since
        return made

    def done(self, step: int, found: list[Losses], **more: float) -> None:
        """One more step is launched."""
        self.steps += 1
        if step not in EARLY and step % self.every:
            return
        launched = time.monotonic()
        memory = self._synchronized()
        now, count = time.monotonic(), self.steps
        times = {
            "step_s": (now - self.last) / count, "wait_s": self.waited / count,
            "host_s": (launched - self.last - self.waited) / count, "behind_s": now - launched,
        }  # fmt: skip
        row: dict[str, Any] = {"step": step, "seconds": round(now - self.begun, 1), **more}
        row |= {name: round(value, 3) for name, value in times.items()} | {"gb": memory}
        means = {f.name: [round(getattr(loss, f.name).item(), 4) for loss in found] for f in fields(Losses)}
        row |= {name: values for name, values in means.items() if any(values)}
        print(json.dumps(row), file=self.file, flush=True)
        print(json.dumps(row), flush=True)
        self.last, self.waited, self.steps = time.monotonic(), 0.0, 0

    def _synchronized(self) -> list[float]:
        if self.device.type != "cuda":
            return []
        torch.cuda.synchronize()
        used, reserved = torch.cuda.max_memory_allocated(), torch.cuda.memory_reserved()
        torch.cuda.reset_peak_memory_stats()
        return [round(used / 1e9, 1), round(reserved / 1e9, 1)]

"""Batches from the processes that draw them to the device, by way of memory that all of it shares.

A step's batches are a few hundred megabytes. Sent through fresh memory each time, every page of it is faulted in by
whoever writes and whoever reads, and pinned anew. Here workers copy a step's arrays into one of a fixed number of
slots; a thread copies a slot into one of a few pinned buffers, and that into one of as many on the device, by a stream
of its own. So nothing is allocated after the first steps, and the process that trains only waits where drawing is too
slow.
"""

import ctypes
import math
import mmap
import multiprocessing as mp
import os
import queue
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

ALIGNED = 256  # bytes; where every array begins
BUFFERS = 3  # in use, ready, being filled
PATIENCE = 90.0  # seconds without a batch before giving up
POOL, POOL_FROM = 24, 60  # steps' batches kept to be met again, and the first step that does
Tree = Any  # dicts, lists and tuples of arrays, and of what is not one
Make = Callable[[int], Iterator[Tree]]


class TooLarge(Exception):
    """A step's arrays do not fit a slot."""


def each(change: Callable[[Any], Any], tree: Tree, kind: type) -> Tree:
    """The tree with every value of a kind changed."""
    if isinstance(tree, kind):
        return change(tree)
    if isinstance(tree, dict):
        return {key: each(change, value, kind) for key, value in tree.items()}
    return type(tree)(each(change, value, kind) for value in tree) if isinstance(tree, list | tuple) else tree


def tensors(tree: Tree) -> Tree:
    """The tree with tensors that share the memory of its arrays."""
    return each(torch.from_numpy, tree, np.ndarray)


@dataclass(frozen=True)
class Packed:
    """Where an array is: its type, its shape, and the byte it begins at."""

    dtype: str
    shape: tuple[int, ...]
    start: int


def pack(tree: Tree, room: np.ndarray) -> tuple[Tree, int]:
    """Copies a tree's arrays into uint8 `room`: the tree with `Packed` in their place, and the bytes used.

    Raises:
        TooLarge: `room` is too small.
    """
    used = 0

    def put(array: np.ndarray) -> Packed:
        nonlocal used
        start, end = used, used + array.nbytes
        if end > len(room):
            raise TooLarge
        np.copyto(room[start:end].view(array.dtype).reshape(array.shape), array)
        used = -(-end // ALIGNED) * ALIGNED
        return Packed(str(array.dtype), array.shape, start)

    packed = each(put, tree, np.ndarray)
    return packed, min(used, len(room))


def unpack(tree: Tree, buffer: torch.Tensor) -> Tree:
    """The tree with tensors that share the memory of a uint8 `buffer` in place of `Packed`."""

    def find(array: Packed) -> torch.Tensor:
        dtype = getattr(torch, array.dtype)
        size = math.prod(array.shape) * dtype.itemsize
        return buffer[array.start : array.start + size].view(dtype).view(array.shape)

    return each(find, tree, Packed)


class Ring:
    """Processes that draw into slots of shared memory; start it before anything runs on a GPU, since it forks.

    Args:
        make: endless steps for the number of a worker, each a tree of arrays.
        workers: how many.
        slot: bytes of a step at most; a larger one is drawn anew.
    """

    def __init__(self, make: Make, workers: int, slot: int) -> None:
        context = mp.get_context("fork")
        self.slot = -(-slot // mmap.PAGESIZE) * mmap.PAGESIZE
        count = workers + BUFFERS
        self.memory = mmap.mmap(-1, self.slot * count)
        self.free: Any = context.Queue()
        self.ready: Any = context.Queue()
        self.workers = [context.Process(target=self._work, args=(make, n), daemon=True) for n in range(workers)]
        for worker in self.workers:
            worker.start()
        for index in range(count):
            self.free.put(index)

    def room(self, index: int) -> np.ndarray:
        """The bytes of a slot."""
        return np.frombuffer(self.memory, np.uint8, self.slot, index * self.slot)

    def take(self) -> tuple[int, Tree, int]:
        """A slot that has been filled, its tree and its bytes; whoever takes it puts it back into `free`.

        Raises:
            RuntimeError: all workers have ended, or none has drawn anything for long.
        """
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(queue.Empty):
                return self.ready.get(timeout=1)
            if not any(worker.is_alive() for worker in self.workers):
                raise RuntimeError("all processes that draw have ended; what they said is above")
        raise RuntimeError(f"nothing was drawn for {PATIENCE:.0f} s")

    def close(self) -> None:
        """Ends the workers."""
        for worker in self.workers:
            worker.kill()

    def _work(self, make: Make, number: int) -> None:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        parent = os.getppid()
        _be_modest()
        steps = make(number)
        while os.getppid() == parent:
            try:
                index = self.free.get(timeout=5)
            except queue.Empty:
                continue
            while True:
                with suppress(TooLarge):
                    tree, used = pack(next(steps), self.room(index))
                    break
            self.ready.put((index, tree, used))


def _be_modest() -> None:
    """One thread, behind the process that trains, and freed memory kept: to fault it in anew can take longest."""
    os.nice(10)
    torch.set_num_threads(1)
    with suppress(OSError, AttributeError):  # glibc alone
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(-4, 0)  # M_MMAP_MAX: no mapping of its own for a large block
        mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD: nothing goes back


class Feeder:
    """Copies filled slots to the device ahead of the steps, in a thread and by a stream of its own."""

    def __init__(self, ring: Ring, device: torch.device) -> None:
        self.ring, self.device, self.fast = ring, device, device.type == "cuda"
        self.staging = [torch.empty(ring.slot, dtype=torch.uint8, pin_memory=self.fast) for _ in range(BUFFERS)]
        self.buffers = [torch.empty(ring.slot, dtype=torch.uint8, device=device) for _ in range(BUFFERS)]
        self.stream = torch.cuda.Stream() if self.fast else None
        self.idle: queue.Queue[tuple[int, torch.cuda.Event | None]] = queue.Queue()
        self.full: queue.Queue[tuple[int, Tree, Any] | Exception] = queue.Queue()
        for index in range(BUFFERS):
            self.idle.put((index, None))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            while True:
                slot, tree, used = self.ring.take()
                index, done = self.idle.get()
                if done is not None:
                    done.synchronize()  # neither of the two buffers of this number is in use any more
                self.staging[index][:used].copy_(torch.from_numpy(self.ring.room(slot)[:used]))
                self.ring.free.put(slot)
                self.full.put((index, tree, self._send(index, used)))
        except (RuntimeError, OSError, ValueError) as problem:
            self.full.put(problem)

    def _send(self, index: int, used: int) -> Any:
        if self.stream is None:
            self.buffers[index][:used].copy_(self.staging[index][:used])
            return None
        with torch.cuda.stream(self.stream):
            self.buffers[index][:used].copy_(self.staging[index][:used], non_blocking=True)
            return self.stream.record_event()

    def steps(self) -> Iterator[Tree]:
        """Trees of tensors on the device, each good until the next is asked for."""
        while True:
            found = self.full.get()
            if isinstance(found, Exception):
                raise found
            index, tree, copied = found
            if copied is not None:
                torch.cuda.current_stream().wait_event(copied)
            yield unpack(tree, self.buffers[index])
            done = torch.cuda.Event(blocking=True) if self.fast else None
            if done is not None:
                done.record()
            self.idle.put((index, done))


def plain_steps(ring: Ring, device: torch.device) -> Iterator[Tree]:
    """As `Feeder.steps`, by the simplest means: each step is copied when it is asked for, and waited for."""
    while True:
        slot, tree, used = ring.take()
        yield unpack(tree, torch.from_numpy(ring.room(slot)[:used].copy()).to(device))
        ring.free.put(slot)


def met_again(steps: Iterator[Tree], uses: int) -> Iterator[Tree]:
    """Each of the steps `uses` times, mixed with those before: where drawing cannot keep up."""
    pool: list[Tree] = []
    for number, fresh in enumerate(steps):
        yield fresh
        if uses > 1:
            pool = [*pool, each(torch.clone, fresh, torch.Tensor)][-POOL:]
            for _ in range(uses - 1 if number >= POOL_FROM else 0):
                yield random.choice(pool)

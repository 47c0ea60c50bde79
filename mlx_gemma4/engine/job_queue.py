"""Requests that wait for the one thread that answers, what is urgent before what is not."""

from __future__ import annotations

import threading
from collections import deque
from typing import TypeAlias

from mlx_gemma4.protocol.care import Unload
from mlx_gemma4.protocol.requests import Ask, Load, LoadRemote, Transcribe

Job: TypeAlias = Load | LoadRemote | Unload | Ask | Transcribe


def is_urgent(job: Job) -> bool:
    """Whether somebody waits for the first word of this before anything else."""
    return isinstance(job, Ask) and job.urgent


class JobQueue:
    """In the order in which they come, but urgent ones overtake the others; nothing overtakes Load and Unload."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()

    def put(self, job: Job) -> None:
        """Add a job."""
        with self._changed:
            place = len(self._jobs)
            if is_urgent(job):
                while place and not _keeps_its_place(self._jobs[place - 1]):
                    place -= 1
            self._jobs.insert(place, job)
            self._changed.notify()

    def take(self) -> Job:
        """The next job, waiting for one if need be."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs)
            return self._jobs.popleft()

    def take_urgent(self) -> Job | None:
        """The next job if it is urgent; does not wait."""
        with self._changed:
            return self._jobs.popleft() if self._jobs and is_urgent(self._jobs[0]) else None


def _keeps_its_place(job: Job) -> bool:
    """Whether what is urgent waits for this as well."""
    return isinstance(job, Load | LoadRemote | Unload) or is_urgent(job)

"""The one thread that answers: it loads, reads prompts and decodes, one step after the other.

MLX belongs to it, and is imported when the first model is loaded into memory: a server's model does without.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from mlx_gemma4.engine.job_queue import Job, JobQueue, is_urgent
from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.care import ModelUnloaded, Unload
from mlx_gemma4.protocol.cost import PUBLISHED_BUDGETS
from mlx_gemma4.protocol.errors import CheckpointError, PrismError
from mlx_gemma4.protocol.events import EngineFailed, ModelLoading
from mlx_gemma4.protocol.requests import Ask, Load, LoadRemote, Transcribe

if TYPE_CHECKING:
    from mlx_gemma4.engine.backend import Backend, Loaded

LONGEST_CHUNK_SECONDS = 0.3


class Runner:
    """Works through loads and questions in the order in which they come; what is urgent overtakes what is not.

    A long job is not ended for that: between two of its steps the urgent one is answered whole, and then it goes on.

    `run` is for the thread that MLX will belong to; the rest may be called from any thread.

    Attributes:
        budgets: what the loaded model is given of media; the published ones without a model.
        held_bytes: what the loaded model's parameters take; 0 without one.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._jobs = JobQueue()
        self._lock = threading.Lock()
        self._running: list[Job] = []  # a second one has overtaken the first
        self._loaded: Loaded | None = None
        self.budgets = PUBLISHED_BUDGETS
        self.held_bytes = 0

    def put(self, job: Job) -> None:
        """Add an opened request to the queue."""
        self._jobs.put(job)

    def stop(self, request_id: str) -> bool:
        """Ask a running request to end at its next token or chunk; False if it has not begun."""
        with self._lock:
            if all(job.id != request_id for job in self._running):
                return False
            if self._loaded is not None:
                self._loaded.engine.stop(request_id)
            return True

    @property
    def engine(self) -> Backend | None:
        """Of the loaded model."""
        with self._lock:
            return None if self._loaded is None else self._loaded.engine

    def run(self) -> None:
        """Serve requests until the device fails: then nothing on it can be trusted, and the process should end."""
        while True:
            try:
                self._work_on(self._jobs.take())
            except _DeviceFailed:
                return

    def _overtake(self) -> None:
        """Between two steps of the running job: answer what is urgent, unless that job is urgent itself."""
        if any(map(is_urgent, self._running)):
            return
        while (job := self._jobs.take_urgent()) is not None:
            self._work_on(job)

    def _work_on(self, job: Job) -> None:
        with self._lock:
            self._running.append(job)
        try:
            if self._outbox.is_open(job.id):  # it may have been stopped while it waited
                self._serve(job)
        finally:
            with self._lock:
                self._running.remove(job)

    def _serve(self, job: Job) -> None:
        try:
            match job:
                case Load():
                    self._load(job)
                case LoadRemote():
                    self._connect(job)
                case Unload():
                    self._unload(job)
                case Ask() | Transcribe():
                    self._answer(job)
        except PrismError as error:
            self._outbox.fail(job.id, error)
        except (RuntimeError, MemoryError) as error:  # what MLX raises when the device fails or memory runs out
            self._outbox.send(job.id, EngineFailed("engine.device", f"The model stopped: {error}.", "", False))
            raise _DeviceFailed from error

    def _load(self, job: Load) -> None:
        from mlx_gemma4.engine.load_guard import way_to_load
        from mlx_gemma4.engine.loading import TOUR, inspect_model, read_model

        self._outbox.send(job.id, ModelLoading(job.path))
        try:
            checkpoint = inspect_model(job.path)  # a folder that holds no model does not cost the one that is loaded
            anyway = job.anyway or job.path == TOUR  # there is nothing smaller to choose
            way = way_to_load(
                checkpoint,
                self.held_bytes,
                drafter=job.drafter,
                map_ple=job.map_ple,
                packing=job.kv_packing,
                anyway=anyway,
            )
            self._hold(None)
            loaded = read_model(
                checkpoint,
                longest_chunk_seconds=LONGEST_CHUNK_SECONDS,
                drafter=way.drafter,
                map_ple=way.map_ple,
                kv_packing=job.kv_packing,
            )
        except OSError as error:
            raise CheckpointError(f"{job.path} cannot be read: {error}.", code="checkpoint.unreadable") from error
        loaded.engine.warm_up()
        self._hold(loaded)
        if not self._outbox.send(job.id, loaded.ready(job.path)):
            self._hold(None)  # stopped

    def _connect(self, job: LoadRemote) -> None:
        from mlx_gemma4.engine.remote.loading import connect, path_of

        self._outbox.send(job.id, ModelLoading(path_of(job)))
        remote = connect(job)  # a server that does not answer does not cost the model that is loaded
        self._hold(remote)
        if not self._outbox.send(job.id, remote.ready(path_of(job))):
            self._hold(None)  # stopped

    def _unload(self, job: Unload) -> None:
        self._hold(None)
        if _has_mlx():
            from mlx_gemma4.engine.device_memory import give_back

            give_back()
        self._outbox.send(job.id, ModelUnloaded())

    def _hold(self, loaded: Loaded | None) -> None:
        """Hold this model and no other, so that two are never in memory."""
        with self._lock:
            if self._loaded is not None:
                self._loaded.engine.forget()
            self._loaded = loaded
            if loaded is not None:
                loaded.engine.between = self._overtake
            self.budgets = PUBLISHED_BUDGETS if loaded is None else loaded.budgets
            self.held_bytes = 0 if loaded is None else loaded.held_bytes
        if _has_mlx():
            import mlx.core as mx

            mx.clear_cache()

    def _answer(self, job: Ask | Transcribe) -> None:
        if self._loaded is None:
            raise PrismError("No model is loaded.", "Load one first.", code="engine.no_model")
        engine = self._loaded.engine
        events = engine.ask(job) if isinstance(job, Ask) else engine.transcribe(job)
        for event in events:
            if isinstance(event, EngineFailed) and not event.recoverable:
                self._outbox.send(job.id, event)
                raise _DeviceFailed
            if not self._outbox.send(job.id, event):
                events.close()  # stopped, and told so already: what it would still say is not wanted


class _DeviceFailed(Exception):
    """MLX has failed in a way that it does not recover from."""


def _has_mlx() -> bool:
    """Whether there was ever a reason to import it."""
    return "mlx.core" in sys.modules

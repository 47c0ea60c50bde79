"""The engine as a process: requests as JSON lines on its standard input, events on its standard output.

Both are taken away from everything else in the process before a library is imported, so that a print cannot break them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

from mlx_gemma4.engine.descriptors import take_descriptors
from mlx_gemma4.engine.desk import Desk
from mlx_gemma4.engine.downloads import Downloads
from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.engine.runner import Runner
from mlx_gemma4.engine.temporary_folder import TemporaryFolder
from mlx_gemma4.engine.workers import Workers

ENDED = 0
FAILED = 1
_PARENT_CHECK_SECONDS = 0.5
_SWITCH_SECONDS = 0.001  # how long the reader waits for Python's lock while the model is busy, a few times for a Stop


def main() -> NoReturn:
    """Serve requests; the process ends here: with 0 when its input is closed, with 1 when the device has failed."""
    requests, events = take_descriptors()
    sys.setswitchinterval(_SWITCH_SECONDS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the app, which then closes our input
    folder = TemporaryFolder()

    def leave() -> NoReturn:
        """End now, whatever other threads are doing."""
        workers.close()
        downloads.close()
        folder.remove()
        _exit(ENDED)

    outbox = Outbox(events, leave)
    runner = Runner(outbox)
    workers = Workers(outbox, folder.path, lambda: runner.budgets, lambda: runner.held_bytes)
    downloads = Downloads(outbox)
    desk = Desk(outbox, runner, workers, downloads)
    for work in (lambda: desk.serve(requests), _wait_until_orphaned):
        threading.Thread(target=_work_and_leave, args=(work, leave), daemon=True).start()
    try:
        runner.run()
    finally:
        _exit(FAILED)  # the app still shows the pictures in the folder, so it stays


def _wait_until_orphaned() -> None:
    """Return when the app has died, should its end of the pipe be held open by somebody else."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)


def _work_and_leave(work: Callable[[], None], leave: Callable[[], NoReturn]) -> None:
    try:
        work()
        leave()
    finally:
        _exit(FAILED)  # a mistake of ours: an engine that nobody can talk to must not stay


def _exit(code: int) -> NoReturn:
    """End the process without waiting for its threads, which may be deep in a computation; say why if it has failed."""
    if code == FAILED and sys.exc_info()[0] is not None:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()

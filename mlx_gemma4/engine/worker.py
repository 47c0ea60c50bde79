"""A process that looks at files, so that the engine can drop a look at any moment, and survives a broken decoder.

Requests come in, a line each; for each goes out one line with its answer or EngineFailed. It ends
when its input is closed.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from pathlib import Path

from mlx_gemma4.engine.descriptors import take_descriptors
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event
from mlx_gemma4.protocol.requests import (
    ComparePages,
    FitModel,
    HearMedia,
    ListModels,
    ProbeMedia,
    RemoveModel,
    Request,
    RestoreModel,
    ShowMedia,
)
from mlx_gemma4.protocol.wire import read_requests, to_line

_NICENESS = 5  # window and model come first


def main(folder: str) -> None:
    """Serve requests; pictures are written into `folder`."""
    lines_in, lines_out = take_descriptors()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines_in, requests), daemon=True).start()

    def look(request: Request) -> Event:
        try:
            return _answer(request, Path(folder))
        except PrismError as error:
            return EngineFailed(error.code, error.message, error.hint, error.recoverable)

    import mlx_gemma4.engine.probe  # noqa: F401 – before it is needed, as the first file should not wait for it

    with open(lines_out, "w", encoding="ascii") as pipe:
        while True:
            pipe.write(to_line(look(requests.get())))
            pipe.flush()


def _answer(request: Request, folder: Path) -> Event:
    """What there is to say; of the work for a request, only what it needs is imported."""
    match request:
        case ProbeMedia():
            from mlx_gemma4.engine.probe import probe_media

            return probe_media(request, folder)
        case HearMedia():
            from mlx_gemma4.engine.listening import hear_media

            return hear_media(request, folder)
        case ShowMedia():
            from mlx_gemma4.engine.showing import show_media

            return show_media(request, folder)
        case ComparePages():
            from mlx_gemma4.engine.comparison import compare_files

            return compare_files(request, folder)
        case ListModels() | FitModel() | RemoveModel() | RestoreModel():
            return _answer_about_models(request)
        case _:
            raise AssertionError(request)


def _answer_about_models(request: ListModels | FitModel | RemoveModel | RestoreModel) -> Event:
    from mlx_gemma4.engine import model_store

    match request:
        case ListModels():
            return model_store.list_models(request)
        case FitModel():
            return model_store.fit_model(request)
        case RemoveModel():
            return model_store.remove_model(request)
        case RestoreModel():
            return model_store.restore_model(request)


def _read(lines_in: int, requests: queue.SimpleQueue[Request]) -> None:
    with open(lines_in, encoding="ascii") as pipe:
        for request in read_requests(pipe):
            requests.put(request)
    os._exit(0)  # in the middle of a look, too: nobody waits for it


if __name__ == "__main__":
    main(sys.argv[1])

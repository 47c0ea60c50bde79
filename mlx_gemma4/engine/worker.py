"""A process that looks at files, so that the engine can drop a look at any moment, and survives a broken decoder.

ProbeMedia and ComparePages come in, a line each; for each goes out one line with its answer or EngineFailed. It ends
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
from mlx_gemma4.protocol.events import EngineFailed, MediaProbed, PagesCompared
from mlx_gemma4.protocol.requests import ComparePages, ProbeMedia, Request
from mlx_gemma4.protocol.wire import read_requests, to_line

_NICENESS = 5  # window and model come first


def main(folder: str) -> None:
    """Serve requests; pictures are written into `folder`."""
    lines_in, lines_out = take_descriptors()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines_in, requests), daemon=True).start()

    from mlx_gemma4.engine.comparison import compare_files
    from mlx_gemma4.engine.probe import probe_media

    def look(request: ProbeMedia | ComparePages) -> MediaProbed | PagesCompared | EngineFailed:
        try:
            if isinstance(request, ComparePages):
                return compare_files(request, Path(folder))
            return probe_media(request, Path(folder))
        except PrismError as error:
            return EngineFailed(error.code, error.message, error.hint, error.recoverable)

    with open(lines_out, "w", encoding="ascii") as pipe:
        while True:
            request = requests.get()
            assert isinstance(request, ProbeMedia | ComparePages)
            pipe.write(to_line(look(request)))
            pipe.flush()


def _read(lines_in: int, requests: queue.SimpleQueue[Request]) -> None:
    with open(lines_in, encoding="ascii") as pipe:
        for request in read_requests(pipe):
            requests.put(request)
    os._exit(0)  # in the middle of a look, too: nobody waits for it


if __name__ == "__main__":
    main(sys.argv[1])

"""A process that downloads one model: a Download comes in, DownloadProgress and one last event go out.

It ends when its input is closed, in the middle of anything: what has arrived is on the disk.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TextIO

from mlx_gemma4.engine.descriptors import take_descriptors
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import EngineFailed, Event
from mlx_gemma4.protocol.requests import Download
from mlx_gemma4.protocol.wire import read_requests, to_line

_NICENESS = 5  # window and model come first


def main() -> None:
    """Serve one request."""
    lines_in, lines_out = take_descriptors()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    requests = open(lines_in, encoding="ascii")  # noqa: SIM115  # open until the engine closes it
    request = next(read_requests(requests), None)
    if not isinstance(request, Download):
        return
    threading.Thread(target=_leave_with, args=(requests,), daemon=True).start()

    from mlx_gemma4.engine.download import download

    def tell(event: Event) -> None:
        os.write(lines_out, to_line(event).encode("ascii"))

    try:
        tell(download(request, tell))
    except PrismError as error:
        tell(EngineFailed(error.code, error.message, error.hint, error.recoverable))


def _leave_with(requests: TextIO) -> None:
    requests.read()
    os._exit(0)


if __name__ == "__main__":
    main()

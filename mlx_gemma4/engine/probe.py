"""What a file is, what it costs, and how it looks: on worker threads that never touch MLX."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from mlx_gemma4.engine.outbox import Outbox
from mlx_gemma4.protocol.cost import DEFAULT_SOFT_TOKENS, fit_picture
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.events import MediaProbed
from mlx_gemma4.protocol.requests import ProbeMedia

THUMBNAIL_SIDE = 256
DISPLAY_SIDE = 4096
_LARGEST_PNG = 8_000_000  # pixels; screenshots stay exact, and large photos are written quickly
_WORKERS = 2
_numbers = itertools.count(1)


class Prober:
    """Looks at files, two at a time; those that nobody waits for any more count for nothing."""

    def __init__(self, outbox: Outbox, folder: Path, budget: Callable[[], int | None]) -> None:
        """Write pictures into `folder`; `budget` tells the loaded model's picture budget."""
        self._outbox = outbox
        self._folder = folder
        self._budget = budget
        self._lock = threading.Lock()
        self._waiting: deque[ProbeMedia] = deque()
        self._active: set[str] = set()

    def start(self, request: ProbeMedia) -> None:
        """Look at the file of an opened request as soon as a worker is free."""
        with self._lock:
            self._waiting.append(request)
        self._next()

    def abandon(self, request_id: str) -> None:
        """Do not wait for a request that has ended. Its thread ends by itself, and others need not wait for it."""
        with self._lock:
            self._active.discard(request_id)
        self._next()

    def _next(self) -> None:
        with self._lock:
            while self._waiting and len(self._active) < _WORKERS:
                request = self._waiting.popleft()
                if self._outbox.is_open(request.id):  # it may have been stopped while it waited
                    self._active.add(request.id)
                    threading.Thread(target=self._work, args=(request,), daemon=True).start()

    def _work(self, request: ProbeMedia) -> None:
        try:
            probed = probe_picture(request, self._folder, self._budget())
            if not self._outbox.send(request.id, probed):
                for file in (probed.thumbnail, probed.display):
                    Path(file).unlink(missing_ok=True)
        except PrismError as error:
            self._outbox.fail(request.id, error)
        finally:
            # does nothing, but after a mistake of ours, which must not leave the request open
            self._outbox.fail(request.id, PrismError(f"{request.path} cannot be looked at.", code="engine.fault"))
            self.abandon(request.id)


def probe_picture(request: ProbeMedia, folder: Path, budget: int | None) -> MediaProbed:
    """Size and cost of a picture, with a thumbnail and a display file written into `folder`.

    Args:
        request: names the file; its own budget comes first.
        folder: for the two files.
        budget: of the loaded model, None without one.

    Raises:
        MediaError: the file cannot be used as a picture.
        PrismError: the files cannot be written.
    """
    from mlx_gemma4.media.display import load_display

    picture, (width, height) = load_display(request.path, DISPLAY_SIDE)
    cost = fit_picture(width, height, request.max_soft_tokens or budget or DEFAULT_SOFT_TOKENS).soft_tokens
    name = f"{next(_numbers)}"
    try:
        if picture.width * picture.height <= _LARGEST_PNG:
            display = folder / f"{name}.png"
            picture.save(display, compress_level=1)
        else:
            display = folder / f"{name}.jpg"
            picture.save(display, quality=92, subsampling=0)
        thumbnail = folder / f"{name}-thumbnail.png"
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
        picture.save(thumbnail)
    except OSError as error:
        message = f"The preview of {request.path} cannot be written: {error}."
        raise PrismError(message, "Make room on the disk.", code="engine.disk") from error
    return MediaProbed("picture", width, height, cost, str(thumbnail), str(display))

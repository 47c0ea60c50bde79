"""Playing a WAV file by AVAudioPlayer, which macOS has."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from app.words import tr


class MacPlayer:
    """See `Player`."""

    def __init__(self) -> None:
        self._player: Any = None
        self._position = 0.0

    def play(self, file: str, seconds: float) -> str:
        """See `Player`."""
        self.stop()
        url = import_module("Foundation").NSURL.fileURLWithPath_(file)
        player, error = import_module("AVFoundation").AVAudioPlayer.alloc().initWithContentsOfURL_error_(url, None)
        if player is None:
            return tr("The sound can't be played: {reason}", reason=error.localizedDescription())
        player.setCurrentTime_(seconds)
        if not player.play():
            return tr("The sound can't be played: the Mac has no output for it.")
        self._player = player
        return ""

    def stop(self) -> None:
        """See `Player`."""
        if self._player is not None:
            self._position = self._player.currentTime()
            self._player.stop()
            self._player = None

    @property
    def position(self) -> float:
        """See `Player`."""
        return self._position if self._player is None else self._player.currentTime()

    @property
    def is_playing(self) -> bool:
        """See `Player`."""
        return self._player is not None and bool(self._player.isPlaying())

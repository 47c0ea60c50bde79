"""The microphone by AVAudioRecorder; macOS asks the person before the first time."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.platform.mac import appkit
from app.platform.microphone import Permission
from app.platform.wave_files import RATE
from app.words import tr

_SETTINGS = "x-apple.systempreferences:com.apple.preference.security?Privacy_Microphone"
_LINEAR_PCM = 0x6C70636D  # kAudioFormatLinearPCM, "lpcm"
_QUIET_DB = -60.0


class MacMicrophone(QObject):
    """See `Microphone`."""

    _answered = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._kit: Any = import_module("AVFoundation")
        self._recorder: Any = None
        self._seconds = 0.0
        self._waiting: Callable[[bool], None] | None = None
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)

    @property
    def permission(self) -> Permission:
        """See `Microphone`."""
        kit = self._kit
        status = kit.AVCaptureDevice.authorizationStatusForMediaType_(kit.AVMediaTypeAudio)
        if status == kit.AVAuthorizationStatusAuthorized:
            return Permission.GRANTED
        return Permission.UNKNOWN if status == kit.AVAuthorizationStatusNotDetermined else Permission.DENIED

    def ask_permission(self, answered: Callable[[bool], None]) -> None:
        """See `Microphone`."""
        kit = self._kit
        if self.permission is Permission.DENIED:
            url = import_module("Foundation").NSURL.URLWithString_(_SETTINGS)
            appkit().NSWorkspace.sharedWorkspace().openURL_(url)
            return
        self._waiting = answered
        # the answer comes on a thread of the system's
        kit.AVCaptureDevice.requestAccessForMediaType_completionHandler_(kit.AVMediaTypeAudio, self._answered.emit)

    def start(self, file: Path, failed: Callable[[str], None]) -> None:
        """See `Microphone`."""
        kit = self._kit
        settings = {
            kit.AVFormatIDKey: _LINEAR_PCM,
            kit.AVSampleRateKey: float(RATE),
            kit.AVNumberOfChannelsKey: 1,
            kit.AVLinearPCMBitDepthKey: 16,
            kit.AVLinearPCMIsFloatKey: False,
            kit.AVLinearPCMIsBigEndianKey: False,
        }
        url = import_module("Foundation").NSURL.fileURLWithPath_(str(file))
        recorder, error = kit.AVAudioRecorder.alloc().initWithURL_settings_error_(url, settings, None)
        if recorder is None:
            failed(tr("The microphone can't be used: {reason}", reason=error.localizedDescription()))
            return
        recorder.setMeteringEnabled_(True)
        if not recorder.record():
            failed(tr("No microphone was found."))
            return
        self._recorder = recorder

    @property
    def level(self) -> float:
        """See `Microphone`."""
        if self._recorder is None:
            return 0.0
        self._recorder.updateMeters()
        decibels = self._recorder.peakPowerForChannel_(0)
        return 0.0 if decibels <= _QUIET_DB else min(10 ** (decibels / 20), 1.0)

    @property
    def seconds(self) -> float:
        """See `Microphone`."""
        return self._seconds if self._recorder is None else self._recorder.currentTime()

    def stop(self) -> None:
        """See `Microphone`."""
        if self._recorder is not None:
            self._seconds = self._recorder.currentTime()
            self._recorder.stop()
            self._recorder = None

    def _on_answered(self, granted: bool) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting(granted)

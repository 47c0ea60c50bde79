"""How much memory the machine has and how much of it is free, asked of the system, without MLX."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import re
import subprocess
import sys
from pathlib import Path

from mlx_gemma4.protocol.memory_fit import MachineMemory

_BIG_MAC = 36 << 30
_SMALL_SHARE, _BIG_SHARE = 2 / 3, 3 / 4
"""What macOS lets the GPU keep in memory: of Macs up to that size, and of larger ones."""
_MEGABYTE = 1 << 20
_RECLAIMED = ("Pages free", "Pages inactive", "Pages speculative", "Pages purgeable")
_SECONDS = 5
LIMIT = "MLX_GEMMA4_MEMORY_LIMIT"
"""Names the environment variable with the most memory that may be used, in megabytes, where that is not all of it."""


def machine_memory(held: int = 0) -> MachineMemory:
    """The memory of this machine now; all zero if the system does not say, and then nothing is refused.

    Args:
        held: bytes that the loaded model takes.
    """
    try:
        if sys.platform == "darwin":
            memory = _of_mac(held)
        else:
            memory = from_meminfo(Path("/proc/meminfo").read_text(encoding="ascii"), held)
        return _limited(memory)
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return MachineMemory(0, 0, 0, held)


def _limited(memory: MachineMemory) -> MachineMemory:
    """Of a machine that has no more than the person allows, and on which nothing but the model runs.

    Raises:
        ValueError: what the person allows is no number.
    """
    allowed = int(os.environ.get(LIMIT, "0")) * _MEGABYTE
    if not 0 < allowed < memory.total:
        return memory
    return MachineMemory(
        total=allowed,
        available=min(memory.available, max(allowed - memory.held, 0)),
        usable=min(memory.usable, allowed),
        held=memory.held,
    )


def from_meminfo(text: str, held: int = 0) -> MachineMemory:
    """Linux's account of it.

    Raises:
        KeyError: a line is not there.
    """
    kilobytes = {name: int(number) for name, number in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)}
    total = kilobytes["MemTotal"] << 10
    return MachineMemory(total, kilobytes["MemAvailable"] << 10, total, held)


def from_vm_stat(text: str, total: int, wired_limit: int, held: int = 0) -> MachineMemory:
    """What `vm_stat` on a Mac says: free pages and those that can be had without writing anything to the disk.

    Args:
        text: its output.
        total: bytes that are built in.
        wired_limit: what the person has set for the GPU (sysctl iogpu.wired_limit_mb), in bytes; 0 for nothing.
        held: as for `machine_memory`.

    Raises:
        KeyError: a line is not there.
    """
    pages = {name: int(number) for name, number in re.findall(r'^"?([^":]+)"?:\s+(\d+)\.$', text, re.MULTILINE)}
    found = re.search(r"page size of (\d+) bytes", text)
    page = int(found[1]) if found else os.sysconf("SC_PAGE_SIZE")
    available = sum(pages[name] for name in _RECLAIMED) * page
    share = _SMALL_SHARE if total <= _BIG_MAC else _BIG_SHARE
    return MachineMemory(total, min(available, total), wired_limit or int(total * share), held)


def _of_mac(held: int) -> MachineMemory:
    told = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True, check=True, timeout=_SECONDS)
    return from_vm_stat(told.stdout, _sysctl("hw.memsize"), _sysctl("iogpu.wired_limit_mb") * _MEGABYTE, held)


def _sysctl(name: str) -> int:
    """A number of the kernel's; 0 if it has none of this name."""
    library = ctypes.CDLL(ctypes.util.find_library("c"))
    value, size = ctypes.c_uint64(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_uint64))
    failed = library.sysctlbyname(name.encode(), ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0))
    return 0 if failed else value.value

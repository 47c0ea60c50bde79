"""Takes a process's standard input and output for its protocol alone."""

from __future__ import annotations

import os


def take_descriptors() -> tuple[int, int]:
    """Copies of 0 and 1 that only the caller knows, and that no child process inherits.

    From then on 0 gives nothing, and what a library, in Python or C, prints to 1 goes where errors go. To be called
    before any library is imported.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    while nothing <= 2:  # fill what was closed when the process was started, a standard error for example
        nothing = os.dup(nothing)
    lines_in, lines_out = os.dup(0), os.dup(1)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return lines_in, lines_out

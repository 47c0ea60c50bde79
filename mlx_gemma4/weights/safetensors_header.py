"""Reads and checks the header of one safetensors file without reading any tensor.

Format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes
(https://github.com/huggingface/safetensors#format). The header is never trusted: everything that it says about
sizes is compared with the file before anybody allocates memory because of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from mlx_gemma4.protocol.errors import CheckpointError

MAX_HEADER_BYTES = 100_000_000  # the format's own limit
LFS_POINTER = b"version https://git-lfs"
DTYPE_BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64"), 8),
}


@dataclass(frozen=True)
class TensorInfo:
    """One stored tensor as its file's header describes it.

    Attributes:
        name: the name in the file.
        dtype: the format's spelling: F32, BF16, U32, …
        shape: as stored; a packed quantized weight counts its 32-bit words.
        file: the safetensors file that holds it.
        nbytes: size of its data.
        start: where its data begin in the file.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    nbytes: int
    start: int


def read_header(file: Path) -> list[TensorInfo]:
    """Describe every tensor of one file, in the order of their bytes.

    Args:
        file: an existing safetensors file.

    Returns:
        The tensors, their sizes already checked against the file's length.

    Raises:
        CheckpointError: the file is no safetensors file, is cut short, or its header contradicts its size.
    """
    file_bytes = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(len(LFS_POINTER))
        if start == LFS_POINTER:
            raise CheckpointError(
                f"{file.name} is only a Git LFS pointer, not the weights.", "Run `git lfs pull` in its folder."
            )
        header_bytes = int.from_bytes(start[:8], "little")
        if len(start) < 8 or header_bytes > min(MAX_HEADER_BYTES, file_bytes - 8):
            raise _damaged(file, "it is cut short or no safetensors file")
        stream.seek(8)
        raw = stream.read(header_bytes)
    tensors = sorted(_entries(file, raw), key=lambda info: info.start)
    _check_layout(file, tensors, 8 + header_bytes, file_bytes)
    return tensors


def _entries(file: Path, raw: bytes) -> Iterator[TensorInfo]:
    """Each tensor of the header."""
    try:
        header = json.loads(raw, object_pairs_hook=list)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
        raise _damaged(file, "its header is not JSON") from problem
    # Objects arrive as lists of pairs so that a name given twice is seen instead of silently winning.
    if not _is_pairs(header):
        raise _damaged(file, "its header is not a JSON object")
    names = [name for name, _ in header]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _damaged(file, f"its header names {twice} twice")
    for name, fields in header:
        if name != "__metadata__":
            yield _entry(file, name, fields, 8 + len(raw))


def _entry(file: Path, name: str, fields: object, data_start: int) -> TensorInfo:
    described = dict(fields) if _is_pairs(fields) else {}
    dtype, shape, offsets = (
        described.get("dtype"),
        _sizes(described.get("shape")),
        _sizes(described.get("data_offsets")),
    )
    if not isinstance(dtype, str) or shape is None or offsets is None or len(offsets) != 2:
        raise _damaged(file, f"its header does not describe {name} properly")
    if dtype not in DTYPE_BYTES:
        raise CheckpointError(f"{file.name} stores {name} as {dtype}, a number format that is not supported.")
    begin, end = offsets
    nbytes = math.prod(shape) * DTYPE_BYTES[dtype]
    if end - begin != nbytes:
        raise _damaged(file, f"its header gives {name} {end - begin} bytes where its shape needs {nbytes}")
    return TensorInfo(name, dtype, shape, file, nbytes, data_start + begin)


def _check_layout(file: Path, tensors: list[TensorInfo], data_start: int, file_bytes: int) -> None:
    """The tensors must fill the rest of the file exactly, without gaps and without overlapping."""
    position = data_start
    for info in tensors:
        if info.start != position:
            raise _damaged(file, f"the bytes of {info.name} overlap another tensor or leave a gap")
        position += info.nbytes
    if position > file_bytes:
        missing, wanted = position - file_bytes, position - data_start
        raise _damaged(file, f"it is cut short: {missing} of its {wanted} data bytes are missing")
    if position < file_bytes:
        raise _damaged(file, f"{file_bytes - position} bytes follow its last tensor")


def _is_pairs(value: object) -> TypeGuard[list[tuple[str, Any]]]:
    """Whether a parsed value was a JSON object (an empty list passes as an empty one)."""
    return isinstance(value, list) and all(isinstance(pair, tuple) for pair in value)


def _sizes(value: object) -> tuple[int, ...] | None:
    """A list of whole numbers from zero up, or None if it is something else."""
    if isinstance(value, list) and all(type(size) is int and size >= 0 for size in value):
        return tuple(value)
    return None


def _damaged(file: Path, reason: str) -> CheckpointError:
    return CheckpointError(f"{file.name} is damaged: {reason}.", "Download the file again.", code="checkpoint.damaged")

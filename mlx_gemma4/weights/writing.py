"""Writes safetensors files piece by piece: sizes are known beforehand, so headers come first and nothing is kept.

A piece is what one stored tensor becomes: the tensor itself, or codes, scales and biases of a packed one, or the
halves of a split one. It is computed in blocks of rows, and every block goes to its place in the file at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import mlx.core as mx
import numpy as np

from mlx_gemma4.weights.checkpoint import INDEX_NAME
from mlx_gemma4.weights.row_blocks import FORMAT_OF_DTYPE
from mlx_gemma4.weights.safetensors_header import DTYPE_BYTES

SHARD_BYTES = 5_000_000_000
_METADATA = {"format": "mlx"}  # transformers asks for one of the formats that it knows


@dataclass(frozen=True)
class TensorForm:
    """A tensor to be written: its name, number format as the file spells it (F32, BF16, U32, …) and shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Size of its data."""
        return math.prod(self.shape) * DTYPE_BYTES[self.dtype]


@dataclass(frozen=True)
class Piece:
    """Tensors that are computed together.

    Attributes:
        forms: what is written.
        blocks: computes them; each block has the next rows of every form, in the order of `forms`.
    """

    forms: tuple[TensorForm, ...]
    blocks: Callable[[], Iterable[Sequence[mx.array]]]

    @property
    def nbytes(self) -> int:
        """Size of all its tensors."""
        return sum(form.nbytes for form in self.forms)

    @classmethod
    def of_array(cls, name: str, array: mx.array) -> Piece:
        """One tensor that is at hand."""
        return cls((TensorForm(name, FORMAT_OF_DTYPE[array.dtype], array.shape),), lambda: [(array,)])


def write_pieces(
    folder: Path, pieces: Sequence[Piece], config: Mapping[str, Any], *, shard_bytes: int = SHARD_BYTES
) -> Iterator[int]:
    """Write config.json and all pieces, in shards with an index where one file would pass `shard_bytes`.

    Yields:
        The bytes of each piece once it is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    shards = _shards(pieces, shard_bytes)
    weight_map: dict[str, str] = {}
    for number, shard in enumerate(shards, start=1):
        file = f"model-{number:05d}-of-{len(shards):05d}.safetensors" if len(shards) > 1 else "model.safetensors"
        weight_map |= {form.name: file for piece in shard for form in piece.forms}
        yield from _write_shard(folder / file, shard)
    if len(shards) == 1:
        (folder / INDEX_NAME).unlink(missing_ok=True)  # of an earlier checkpoint in this folder
        return
    total = sum(piece.nbytes for piece in pieces)
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
    (folder / INDEX_NAME).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _shards(pieces: Sequence[Piece], shard_bytes: int) -> list[list[Piece]]:
    """Pieces in their order, a new shard whenever the next one would pass the limit."""
    shards: list[list[Piece]] = [[]]
    size = 0
    for piece in pieces:
        if shards[-1] and size + piece.nbytes > shard_bytes:
            shards.append([])
            size = 0
        shards[-1].append(piece)
        size += piece.nbytes
    return shards


def _write_shard(file: Path, pieces: Sequence[Piece]) -> Iterator[int]:
    header, places = _layout([form for piece in pieces for form in piece.forms])
    with file.open("wb") as stream:
        stream.write(len(header).to_bytes(8, "little") + header)
        data_start = stream.tell()
        for piece in pieces:
            _write_piece(stream, piece, [data_start + places[form.name] for form in piece.forms])
            yield piece.nbytes


def _layout(forms: Sequence[TensorForm]) -> tuple[bytes, dict[str, int]]:
    """The header of a file, and where each tensor's data begin after it.

    Tensors of wide numbers come first, so that each begins at a multiple of its number's size, on which torch insists.
    """
    header: dict[str, Any] = {"__metadata__": _METADATA}
    places: dict[str, int] = {}
    position = 0
    for form in sorted(forms, key=lambda form: -DTYPE_BYTES[form.dtype]):
        places[form.name], end = position, position + form.nbytes
        header[form.name] = {"dtype": form.dtype, "shape": list(form.shape), "data_offsets": [position, end]}
        position = end
    encoded = json.dumps(header).encode()
    return encoded + b" " * (-len(encoded) % 8), places


def _write_piece(stream: BinaryIO, piece: Piece, places: list[int]) -> None:
    """Blocks of rows, each to its place: the rows of a tensor lie one after the other."""
    written = [0] * len(piece.forms)
    for block in piece.blocks():
        mx.eval(*block)
        for number, (form, array) in enumerate(zip(piece.forms, block, strict=True)):
            assert FORMAT_OF_DTYPE[array.dtype] == form.dtype, (form, array.dtype)
            stream.seek(places[number] + written[number])
            written[number] += stream.write(_bytes_of(array))
    assert written == [form.nbytes for form in piece.forms], f"{piece.forms} came out in another size"


def _bytes_of(array: mx.array) -> memoryview:
    """An array's numbers in row order, without a copy where they lie so already."""
    flat = mx.contiguous(array.reshape(-1)).view(mx.uint8)
    mx.eval(flat)
    return np.asarray(flat).data

"""Text to ids and back; what people, files and tools wrote can never become a marker."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers.decoders import DecodeStream

from mlx_gemma4.prompt.checkpoint_files import read_json
from mlx_gemma4.prompt.special_tokens import Marker, is_special, read_special_tokens
from mlx_gemma4.protocol.errors import CheckpointError

_SURROGATE = re.compile("[\ud800-\udfff]")


class Tokenizer:
    """The tokenizer of a checkpoint.

    Attributes:
        special: the checkpoint's markers.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Read tokenizer.json, config.json and generation_config.json of a model folder.

        Raises:
            CheckpointError: a file is missing or damaged, or the tokenizer would turn typed markers into real ones.
        """
        folder = Path(folder)
        description = read_json(folder, "tokenizer.json", required=True)
        config = read_json(folder, "config.json")
        self.special = read_special_tokens(description, config, read_json(folder, "generation_config.json"))
        self._tokenizer = _build(folder, description)
        self._check_that_text_stays_text(folder)

    @property
    def vocabulary_size(self) -> int:
        """Ids are below this number."""
        return self._tokenizer.get_vocab_size()

    def encode_text(self, text: str) -> list[int]:
        """The ids of a text, markers typed in it as ordinary characters; no begin or end is added.

        Half a surrogate pair, which broken emoji leave behind, is no character and becomes U+FFFD.
        """
        if _SURROGATE.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, markers left out; bytes that are no UTF-8 become U+FFFD."""
        return self._tokenizer.decode([token for token in ids if token not in self.special.all_ids])

    def stream_decoder(self) -> StreamDecoder:
        """A fresh decoder for one stream of ids."""
        return StreamDecoder(self._tokenizer, self.special.all_ids)

    def _check_that_text_stays_text(self, folder: Path) -> None:
        for marker in Marker:
            if not self.special.all_ids.isdisjoint(self.encode_text(marker.value)):
                raise CheckpointError(f"{folder / 'tokenizer.json'} turns the typed text {marker} into a marker.")


class StreamDecoder:
    """Ids to text one at a time, without ever giving out half a character.

    Every finished piece starts a new DecodeStream: the library's own stream compares with what it gave out before and
    fails when a stray byte follows a finished character. Gemma's decoder looks at nothing but runs of bytes, so pieces
    can be decoded apart.
    """

    def __init__(self, tokenizer: tokenizers.Tokenizer, skipped: frozenset[int]) -> None:
        self._tokenizer = tokenizer
        self._skipped = skipped
        self._stream = DecodeStream(skip_special_tokens=True)
        self._held: list[int] = []

    def feed(self, token: int) -> str:
        """The text that this id completes; empty while a character is unfinished, and for markers."""
        if token in self._skipped:
            return ""
        self._held.append(token)
        text = self._stream.step(self._tokenizer, token)
        if text is None:
            return ""
        self._restart()
        return text

    def flush(self) -> str:
        """What is still held, unfinished bytes as U+FFFD; the decoder can then be used for a new stream."""
        text = self._tokenizer.decode(self._held) if self._held else ""
        self._restart()
        return text

    def _restart(self) -> None:
        self._stream = DecodeStream(skip_special_tokens=True)
        self._held = []


def _build(folder: Path, description: dict[str, Any]) -> tokenizers.Tokenizer:
    """The library's tokenizer, set so that text is encoded without special tokens."""
    for token in description.get("added_tokens", []):
        token["special"] = is_special(token)  # some checkpoints list media markers as ordinary added tokens
    try:
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(description))
    except Exception as error:  # the library raises nothing more specific
        raise CheckpointError(f"{folder / 'tokenizer.json'} is not a tokenizer: {error}.") from error
    tokenizer.encode_special_tokens = True
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer

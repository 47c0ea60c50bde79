"""Tiny checkpoint folders that the peers' own `convert` can read, and what the peers make of folders."""

from __future__ import annotations

import contextlib
import io
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal

import mlx.core as mx
import numpy as np

from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.weights.peer_config import with_older_keys
from mlx_gemma4.weights.saving import write_checkpoint
from tests.parity.tiny_checkpoints import CONFIGS, make_token_ids, make_weights
from tests.unit.tiny_tokenizer import build_tokenizer, marker_ids, write_tokenizer_files

Peer = Literal["mlx_vlm", "mlx_lm"]
GROUP = 32


def write_source(name: str, folder: Path) -> Path:
    """One of the tiny checkpoints in float32, with a tokenizer, and a config.json that the peers can read too."""
    folder.mkdir()
    write_tokenizer_files(folder)
    rows = build_tokenizer().get_vocab_size()
    config = deepcopy(CONFIGS[name]) | marker_ids()
    config["text_config"] |= {"vocab_size": rows, "vocab_size_per_layer_input": rows}
    config = with_older_keys(config, Gemma4Config.from_dict(config))
    write_checkpoint(folder, {tensor: mx.array(values) for tensor, values in make_weights(config).items()}, config)
    return folder


def convert(peer: Peer, source: Path, target: Path, **settings: Any) -> Path:
    """Run the peer's `convert` as its command line does."""
    if peer == "mlx_vlm":
        from mlx_vlm.convert import convert as run
    else:
        from mlx_lm.convert import convert as run
    with contextlib.redirect_stdout(io.StringIO()):
        run(str(source), str(target), **settings)
    return target


def peer_logits(peer: Peer, folder: Path, tokens: int = 20) -> np.ndarray:
    """What the peer computes from a folder: logits [tokens, vocabulary] of a text."""
    ids = mx.array(make_token_ids(tokens))[None]
    if peer == "mlx_vlm":
        from mlx_vlm import utils as vlm

        return np.array(vlm.load_model(folder).language_model(ids).logits[0])
    from mlx_lm import utils as lm

    return np.array(lm.load_model(folder)[0](ids)[0])

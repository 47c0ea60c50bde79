"""Weights between runs: saved in pieces small enough to carry, read again, or taken from the bundled checkpoint."""

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from tour_model.speech.tower import AUDIO_PARTS

PIECE_BYTES = 14_000_000
BUNDLED = Path(__file__).parents[2] / "resources" / "tour" / "model.safetensors"
GROUP = 64  # columns of an 8-bit matrix that share a scale and a bias


def save_weights(model: nn.Module, head: nn.Module, folder: Path) -> None:
    """Writes float16 weights."""
    state = {f"model.{k}": v for k, v in model.state_dict().items()}
    state |= {f"head.{k}": v for k, v in head.state_dict().items()}
    pieces: list[dict[str, torch.Tensor]] = [{}]
    for name, value in state.items():
        if sum(v.numel() * 2 for v in pieces[-1].values()) + value.numel() * 2 > PIECE_BYTES:
            pieces.append({})
        pieces[-1][name] = value.detach().to("cpu", torch.float16).clone()
    for index, piece in enumerate(pieces):
        save_file(piece, folder / f"weights-{index}.safetensors")


def load_weights(model: nn.Module, head: nn.Module, folder: Path) -> None:
    """Reads what `save_weights` wrote, as far as the head has it.

    The model's audio tower stays as it is where the files have none.

    Raises:
        RuntimeError: the files hold another model.
    """
    state: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("weights-*.safetensors")):
        state |= load_file(path)
    _load(model, _part(state, "model."), folder)
    head.load_state_dict(_part(state, "head."), strict=False)


def load_bundled(model: nn.Module, file: Path = BUNDLED) -> None:
    """Reads the shipped 8-bit weights into a float32 model (mlx.core.quantize: code × scale + bias, four codes a word).

    The model's audio tower stays as it is where the file has none.

    Raises:
        RuntimeError: the file holds another model.
    """
    stored = load_file(file)
    state: dict[str, torch.Tensor] = {}
    for name, value in stored.items():
        if name.endswith((".scales", ".biases")):
            continue
        module = name.removesuffix(".weight")
        if f"{module}.scales" in stored:
            codes = value.contiguous().view(torch.uint8).float()
            scales, biases = (
                stored[f"{module}.{part}"].float().repeat_interleave(GROUP, 1) for part in ("scales", "biases")
            )
            value = codes * scales + biases
        state[name] = value.float()
    _load(model, state, file)


def hear(folder: Path) -> bool:
    """Whether the weights in a folder have an audio tower."""
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "pt") as file:
            if any(part in name for name in file.keys() for part in AUDIO_PARTS):  # noqa: SIM118
                return True
    return False


def _load(model: nn.Module, state: dict[str, torch.Tensor], source: Path) -> None:
    tied = {"lm_head.weight"} & model.state_dict().keys()
    result = model.load_state_dict(state, strict=False)
    deaf = not any(part in name for name in state for part in AUDIO_PARTS)
    new = AUDIO_PARTS if deaf else ()
    missing = [
        name
        for name in result.missing_keys
        if name not in tied and not name.endswith(("_min", "_max")) and not any(part in name for part in new)
    ]
    if missing or result.unexpected_keys:
        raise RuntimeError(f"{source} is of another model: missing {missing}, unknown {result.unexpected_keys}")


def _part(state: dict[str, torch.Tensor], prefix: str) -> dict[str, Any]:
    return {k.removeprefix(prefix): v.float() for k, v in state.items() if k.startswith(prefix)}

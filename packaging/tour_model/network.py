"""The reference implementation (transformers) as it is trained: a pass over pictures of one grid, and the losses."""

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from tour_model.architecture import model_config, token_id
from tour_model.samples import positions
from tour_model.scenes import COLOURS, KINDS
from transformers import Gemma4Config, Gemma4ForConditionalGeneration

# Letters: B pictures, K conversations a picture, P patches, N soft tokens, L tokens, D hidden size, S shapes.


@dataclass(frozen=True)
class Losses:
    """Mean losses of one batch, each a scalar tensor."""

    answer: torch.Tensor
    present: torch.Tensor
    box: torch.Tensor
    name: torch.Tensor
    correct: torch.Tensor  # fraction of answer tokens whose best guess is right


class CellHead(nn.Module):
    """Reads off each soft token whether a shape's centre lies in its cell, and that shape's box, colour and kind.

    It is trained beside the decoder and thrown away: it tells the tower directly what the decoder would have to find
    out through the tokens of answers alone.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.read = nn.Linear(hidden, 1 + 4 + len(COLOURS) + len(KINDS))

    def forward(self, soft_BND: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Splits the reading into presence logit, box in 0–1, colour logits and kind logits."""
        present, box, colour, kind = self.read(soft_BND.float()).split([1, 4, len(COLOURS), len(KINDS)], -1)
        return present[..., 0], box.sigmoid(), colour, kind


def build_model() -> Gemma4ForConditionalGeneration:
    """A freshly initialised tour model without its audio tower, attention by SDPA, float32."""
    config = Gemma4Config(**model_config(audio=False))
    config._attn_implementation = "sdpa"
    model = Gemma4ForConditionalGeneration(config)
    initialise(model)
    return model


@torch.no_grad()
def initialise(model: nn.Module) -> None:
    """Weights to start from: attention logits of unit scale (no 1/√d here), smooth position rows, gentle residuals."""
    for name, parameter in model.named_parameters():
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            parameter.fill_(parameter.shape[0] ** -0.25)
        elif "post_" in name and name.endswith("norm.weight"):
            parameter.fill_(0.5)
        elif name.endswith("position_embedding_table"):
            for axis in range(2):
                parameter[axis] = _waves(parameter.shape[1], parameter.shape[2], shift=axis * math.pi / 4)
        elif parameter.dim() == 2:
            nn.init.normal_(parameter, std=0.02 if "embed_tokens" in name else parameter.shape[1] ** -0.5)


def _waves(rows: int, width: int, shift: float) -> torch.Tensor:
    wavelengths = torch.exp(torch.linspace(math.log(4.0), math.log(400.0), width // 2))
    angles = torch.arange(rows)[:, None] * (2 * math.pi / wavelengths) + shift
    return 0.25 * torch.cat([angles.sin(), angles.cos()], -1)


def soft_tokens(
    model: Any, patches: torch.Tensor, columns: int, rows: int, dtype: torch.dtype = torch.float32
) -> torch.Tensor:
    """Vision tower and projector for pictures of one grid, unpadded: uint8 [B, P, 768] → [B, N, D] in `dtype`."""
    tower = model.model.vision_tower
    batch = patches.shape[0]
    place_1P2 = torch.from_numpy(positions(columns, rows)).to(patches.device)[None]
    no_padding = torch.zeros(place_1P2.shape[:2], dtype=torch.bool, device=patches.device)
    hidden = tower.patch_embedder(patches.to(torch.float32) / 255, place_1P2, no_padding).to(dtype)
    turns = tower.encoder.rotary_emb(hidden, place_1P2)
    for layer in tower.encoder.layers:
        hidden = layer(hidden, attention_mask=None, position_embeddings=turns, position_ids=place_1P2)
    grid = (
        hidden.float().view(batch, rows, 3, columns, 3, -1).mean((2, 4)).flatten(1, 2)
    )  # the pooler, where nothing is padded
    return model.model.embed_vision((grid * tower.config.hidden_size**0.5).to(hidden.dtype))


def decoder_states(model: Any, ids_BL: torch.Tensor, soft_BND: torch.Tensor, start: int) -> torch.Tensor:
    """The decoder over tokens with soft tokens from `start` on; causal, within the window: no masks. [B, L, D]."""
    text = model.model.language_model
    count = soft_BND.shape[1]
    ids_BL = ids_BL.clone()
    ids_BL[:, start : start + count] = model.config.text_config.pad_token_id
    embedded = text.embed_tokens(ids_BL)
    hidden = torch.cat(
        [embedded[:, :start].to(soft_BND.dtype), soft_BND, embedded[:, start + count :].to(soft_BND.dtype)], 1
    )
    per_layer = text.project_per_layer_inputs(hidden, text.get_per_layer_inputs(ids_BL, None).to(hidden.dtype))
    place = torch.arange(ids_BL.shape[1], device=ids_BL.device)[None]
    turns = {kind: text.rotary_emb(hidden, place, kind) for kind in text.unique_layer_types}
    shared: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for index, layer in enumerate(text.layers):
        hidden = layer(
            hidden, per_layer[:, :, index], shared_kv_states=shared, attention_mask=None, position_ids=place,
            position_embeddings=turns[text.config.layer_types[index]],
        )  # fmt: skip
    return text.norm(hidden)


def losses(
    model: Any,
    head: CellHead,
    batch: dict[str, Any],
    columns: int,
    rows: int,
    prefix: torch.Tensor,
    dtype: torch.dtype = torch.float32,
) -> Losses:
    """Cross entropy of answers, and the cell head's losses; `batch` holds a Batch's arrays as tensors."""
    soft_BND = soft_tokens(model, batch["patches"], columns, rows, dtype)
    images = torch.full((1, soft_BND.shape[1]), token_id("<|image|>"), device=soft_BND.device)
    opening = torch.cat([prefix[None], images], 1)
    states = []
    for group in batch["groups"]:
        ids = torch.cat([opening.expand(len(group["tokens"]), -1), group["tokens"]], 1)
        hidden = decoder_states(model, ids, soft_BND[group["pictures"]], len(prefix))[:, opening.shape[1] :]
        states.append(hidden.flatten(0, 1)[group["asked"]])
    wanted = torch.cat([group["wanted"] for group in batch["groups"]])
    logits = F.linear(torch.cat(states), model.get_input_embeddings().weight.to(dtype)).float()
    cap = model.config.text_config.final_logit_softcapping
    logits = torch.tanh(logits / cap) * cap
    correct = (logits.argmax(-1) == wanted).float().mean()
    return Losses(F.cross_entropy(logits, wanted), *_cell_losses(head, soft_BND, batch), correct)


def _cell_losses(head: CellHead, soft_BND: torch.Tensor, batch: dict[str, Any]) -> tuple[torch.Tensor, ...]:
    present, box, colour, kind = (reading.flatten(0, 1) for reading in head(soft_BND))
    cells = batch["cells"]
    here = F.binary_cross_entropy_with_logits(
        present, batch["present"], pos_weight=torch.full((), 4.0, device=present.device)
    )
    off = F.smooth_l1_loss(box[cells], batch["boxes"], beta=0.01)
    name = F.cross_entropy(colour[cells], batch["colours"]) + F.cross_entropy(kind[cells], batch["kinds"])
    return here, off, name

"""The reference implementation (transformers) as it is trained: a pass over a batch, and the losses."""

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from tour_model.architecture import model_config, token_id
from tour_model.batches import positions
from tour_model.pages.questions import BOXED
from tour_model.scenes import COLOURS, KINDS
from tour_model.speech.phrases import LETTERS
from tour_model.speech.tower import letter_loss, sound_tokens
from tour_model.tokenizer import VOCAB_SIZE
from transformers import Gemma4Config, Gemma4ForConditionalGeneration

# Letters: B pictures, P patches, N soft tokens of a picture, R conversations, T tokens, D hidden size.


@dataclass(frozen=True)
class Losses:
    """Mean losses of one batch, each a scalar tensor; `correct` is the fraction of answer tokens guessed right."""

    answer: torch.Tensor
    present: torch.Tensor
    box: torch.Tensor
    name: torch.Tensor
    words: torch.Tensor
    letters: torch.Tensor
    correct: torch.Tensor


class CellHead(nn.Module):
    """Reads off each soft token what is there: a thing's centre, box and names, words; of a sound, the letter said.

    It is trained beside the decoder and thrown away: it tells the tower directly what the decoder would have to find
    out through the tokens of answers alone.
    """

    RARE = -7.0  # where the logits of words begin: nearly all words are absent from nearly all cells

    def __init__(self, hidden: int) -> None:
        super().__init__()
        sizes = {"colour": len(COLOURS), "kind": len(KINDS), "element": len(BOXED)}
        self.places = nn.ModuleDict({job: nn.Linear(hidden, 1 + 4) for job in ("shapes", "pages")})
        self.names = nn.ModuleDict({name: nn.Linear(hidden, size) for name, size in sizes.items()})
        self.letters = nn.Linear(hidden, 1 + len(LETTERS))
        self.words = nn.Linear(hidden, VOCAB_SIZE)
        nn.init.zeros_(self.words.weight)
        nn.init.constant_(self.words.bias, self.RARE)


def build_model() -> Gemma4ForConditionalGeneration:
    """A freshly initialised tour model, attention by SDPA (the audio tower's is our own), float32."""
    config = Gemma4Config(**model_config())
    config._attn_implementation = {"": "sdpa", "text_config": "sdpa", "vision_config": "sdpa", "audio_config": "eager"}
    model = Gemma4ForConditionalGeneration(config)
    initialise(model)
    return model


@torch.no_grad()
def initialise(model: nn.Module) -> None:
    """Weights to start from: attention logits of unit scale (no 1/√d here), smooth position rows, gentle residuals."""
    for name, parameter in model.named_parameters():
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            parameter.fill_(parameter.shape[0] ** -0.25)
        elif ("post_" in name and name.endswith("norm.weight")) or name.endswith("norm_post_attn.weight"):
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


def decoder_states(
    model: Any, ids_RT: torch.Tensor, soft_SD: torch.Tensor, heard_RND: torch.Tensor | None = None
) -> torch.Tensor:
    """The decoder over conversations; [R, T, D].

    The soft tokens of pictures and frames, S in all, replace their markers in order; those of each conversation's sound
    replace its sound markers, as many as there are.
    """
    text = model.model.language_model
    shown_RT = (ids_RT == token_id("<|image|>")) | (ids_RT == token_id("<|video|>"))
    heard_RT = ids_RT == token_id("<|audio|>")
    ids_RT = ids_RT.masked_fill(shown_RT | heard_RT, model.config.text_config.pad_token_id)
    hidden = text.embed_tokens(ids_RT).to(soft_SD.dtype)
    hidden = hidden.masked_scatter(shown_RT[..., None], soft_SD)
    if heard_RND is not None:
        which_RT1 = (heard_RT.cumsum(1) - 1).clamp(0, heard_RND.shape[1] - 1)[..., None]
        placed = heard_RND.gather(1, which_RT1.expand(-1, -1, heard_RND.shape[2]))
        hidden = torch.where(heard_RT[..., None], placed, hidden)
    per_layer = text.project_per_layer_inputs(hidden, text.get_per_layer_inputs(ids_RT, None).to(hidden.dtype))
    place = torch.arange(ids_RT.shape[1], device=ids_RT.device)[None]
    turns = {kind: text.rotary_emb(hidden, place, kind) for kind in text.unique_layer_types}
    masks = {
        "full_attention": None,
        "sliding_attention": _window(ids_RT.shape[1], text.config.sliding_window, place.device),
    }
    shared: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for index, layer in enumerate(text.layers):
        kind = text.config.layer_types[index]
        hidden = layer(
            hidden, per_layer[:, :, index], shared_kv_states=shared, attention_mask=masks[kind], position_ids=place,
            position_embeddings=turns[kind],
        )  # fmt: skip
    return text.norm(hidden)


def _window(tokens: int, window: int, device: torch.device) -> torch.Tensor | None:
    """What sliding layers see, bool [1, 1, T, T]; None (causal) while all of it is within the window."""
    if tokens <= window:
        return None
    place = torch.arange(tokens, device=device)
    age = place[:, None] - place[None, :]
    return ((age >= 0) & (age < window))[None, None]


def losses(
    model: Any, head: CellHead, batch: dict[str, Any], columns: int, rows: int, dtype: torch.dtype = torch.float32
) -> Losses:
    """Cross entropy of answers, and the cell head's losses; `batch` holds a Batch's arrays as tensors."""
    weight = model.get_input_embeddings().weight.to(dtype)
    nothing = weight.new_zeros(())
    here = off = name = words = letters = nothing.float()
    soft_BND, heard_HND = nothing.expand(0, 0, weight.shape[1]), None
    if columns:
        soft_BND = soft_tokens(model, batch["patches"], columns, rows, dtype)
        here, off, name, words = _cell_losses(head, soft_BND.float().flatten(0, 1), batch["truth"])
    if batch["sounds"]:
        heard_HND, _ = sound_tokens(model, batch["sounds"]["samples"], batch["sounds"]["lengths"], dtype)
        letters = letter_loss(head.letters, heard_HND, batch["sounds"])
    states = []
    for group in batch["groups"]:
        shown = soft_BND[group["pictures"]].flatten(0, -2) if columns else soft_BND.flatten(0, 1)
        heard = heard_HND[group["sounds"][:, 0]] if heard_HND is not None and group["sounds"].shape[1] else None
        hidden = decoder_states(model, group["tokens"], shown, heard)
        states.append(hidden.flatten(0, 1)[group["asked"]])
    wanted = torch.cat([group["wanted"] for group in batch["groups"]])
    logits = F.linear(torch.cat(states), weight).float()
    cap = model.config.text_config.final_logit_softcapping
    logits = torch.tanh(logits / cap) * cap
    correct = (logits.argmax(-1) == wanted).float().mean()
    return Losses(F.cross_entropy(logits, wanted), here, off, name, words, letters, correct)


def _cell_losses(head: CellHead, soft_CD: torch.Tensor, truth: dict[str, Any]) -> tuple[torch.Tensor, ...]:
    """Presence, box, name and word losses over all C cells of a batch."""
    job = "pages" if "element" in truth["names"] else "shapes"
    present, box = head.places[job](soft_CD).split([1, 4], -1)
    cells = truth["cells"]
    here = F.binary_cross_entropy_with_logits(
        present[:, 0], truth["present"], pos_weight=torch.full((), 4.0, device=present.device)
    )
    off = F.smooth_l1_loss(box[cells].sigmoid(), truth["boxes"], beta=0.01)
    names = [F.cross_entropy(head.names[name](soft_CD[cells]), wanted) for name, wanted in truth["names"].items()]
    return here, off, torch.stack(names).sum(), _word_loss(head, soft_CD, truth["words"])


def _word_loss(head: CellHead, soft_CD: torch.Tensor, words_W2: torch.Tensor) -> torch.Tensor:
    """Binary cross entropy of every word in every cell, as a mean over the words that are there."""
    if len(words_W2) == 0:
        return soft_CD.new_zeros(())
    logits = head.words(soft_CD)
    return (F.softplus(logits).sum() - logits[words_W2[:, 0], words_W2[:, 1]].sum()) / len(words_W2)

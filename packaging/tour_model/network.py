"""The reference implementation (transformers) as it is trained: a pass over a batch, and the losses."""

import math
from dataclasses import dataclass
from functools import cache
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
    """Mean losses of one batch, each a scalar tensor.

    `weighed` is that of answers with each token counted as its group says, `correct` the fraction of answer tokens
    guessed right, `read` that of words on the picture.
    """

    answer: torch.Tensor
    weighed: torch.Tensor
    present: torch.Tensor
    box: torch.Tensor
    name: torch.Tensor
    words: torch.Tensor
    letters: torch.Tensor
    correct: torch.Tensor
    read: torch.Tensor


class CellHead(nn.Module):
    """Reads off each soft token what is there: a thing's centre, box and names, words; of a sound, the letter said.

    It is trained beside the decoder and thrown away: it tells the tower directly what the decoder would have to find
    out through the tokens of answers alone. Words are read off as the decoder writes them, by their embeddings: so a
    soft token comes to hold the embedding of its word, and copying from pictures is what copying from text is.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        sizes = {"colour": len(COLOURS), "kind": len(KINDS), "element": len(BOXED)}
        self.places = nn.ModuleDict({job: nn.Linear(hidden, 1 + 4) for job in ("shapes", "pages")})
        self.names = nn.ModuleDict({name: nn.Linear(hidden, size) for name, size in sizes.items()})
        self.letters = nn.Linear(hidden, 1 + len(LETTERS))
        self.sharpness = nn.Parameter(torch.ones(1))
        self.usual = nn.Parameter(torch.zeros(VOCAB_SIZE))


def build_model(audio: bool = True) -> Gemma4ForConditionalGeneration:
    """A freshly initialised tour model, attention by SDPA (the audio tower's is our own), float32."""
    config = Gemma4Config(**model_config(audio))
    heard = {"audio_config": "eager"} if audio else {}
    config._attn_implementation = {"": "sdpa", "text_config": "sdpa", "vision_config": "sdpa"} | heard
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
    place_1P2 = _positions(columns, rows, patches.device)
    no_padding = torch.zeros(place_1P2.shape[:2], dtype=torch.bool, device=patches.device)
    hidden = tower.patch_embedder(patches.to(torch.float32) / 255, place_1P2, no_padding).to(dtype)
    turns = tower.encoder.rotary_emb(hidden, place_1P2)
    for layer in tower.encoder.layers:
        hidden = layer(hidden, attention_mask=None, position_embeddings=turns, position_ids=place_1P2)
    grid = (
        hidden.float().view(batch, rows, 3, columns, 3, -1).mean((2, 4)).flatten(1, 2)
    )  # the pooler, where nothing is padded
    return model.model.embed_vision((grid * tower.config.hidden_size**0.5).to(hidden.dtype))


@cache
def _positions(columns: int, rows: int, device: torch.device) -> torch.Tensor:
    """[1, P, 2], kept on the device: to copy it there anew makes the host wait for all that the GPU has yet to do."""
    return torch.from_numpy(positions(columns, rows)).to(device)[None]


def decoder_states(
    model: Any,
    ids_RT: torch.Tensor,
    soft_SD: torch.Tensor,
    places_S: torch.Tensor,
    heard_RND: torch.Tensor | None = None,
) -> torch.Tensor:
    """The decoder over conversations; [R, T, D].

    The soft tokens of pictures and frames, S in all, stand at flat `places`, in place of their markers; those of each
    conversation's sound replace its sound markers, as many as there are.
    """
    text = model.model.language_model
    heard_RT = ids_RT == token_id("<|audio|>")
    pad = model.config.text_config.pad_token_id
    ids_RT = ids_RT.masked_fill(heard_RT, pad).flatten().index_fill(0, places_S, pad).view(ids_RT.shape)
    hidden = text.embed_tokens(ids_RT).to(soft_SD.dtype)
    hidden = hidden.flatten(0, 1).index_copy(0, places_S, soft_SD).view(hidden.shape)
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
    of_layers = per_layer.unbind(2)
    for index, layer in enumerate(text.layers):
        kind = text.config.layer_types[index]
        hidden = layer(
            hidden, of_layers[index], shared_kv_states=shared, attention_mask=masks[kind], position_ids=place,
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
    here = off = name = words = letters = read = nothing.float()
    soft_BND, heard_HND = nothing.expand(0, 0, weight.shape[1]), None
    if columns:
        soft_BND = soft_tokens(model, batch["patches"], columns, rows, dtype)
        soft_CD = soft_BND.float().flatten(0, 1)
        here, off, name = _cell_losses(head, soft_CD, batch["truth"])
        words, read = _word_loss(model, head, soft_CD, batch["truth"]["words"])
    if batch["sounds"]:
        heard_HND, _ = sound_tokens(model, batch["sounds"]["samples"], batch["sounds"]["lengths"], dtype)
        letters = letter_loss(head.letters, heard_HND, batch["sounds"])
    states = []
    for group in batch["groups"]:
        shown = soft_BND.index_select(0, group["pictures"].flatten()) if columns else soft_BND
        heard = heard_HND[group["sounds"][:, 0]] if heard_HND is not None and group["sounds"].shape[1] else None
        hidden = decoder_states(model, group["tokens"], shown.flatten(0, 1), group["places"], heard)
        states.append(hidden.flatten(0, 1).index_select(0, group["asked"]))
    wanted, weights = (torch.cat([group[name] for group in batch["groups"]]) for name in ("wanted", "weights"))
    logits = F.linear(torch.cat(states), weight).float()
    cap = model.config.text_config.final_logit_softcapping
    logits = torch.tanh(logits / cap) * cap
    each = F.cross_entropy(logits, wanted, reduction="none")
    weighed = (each * weights).sum() / weights.sum()
    return Losses(each.mean(), weighed, here, off, name, words, letters, correct=_right(logits, wanted), read=read)


@torch.no_grad()
def _right(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return (logits.argmax(-1) == wanted).float().mean()


def _cell_losses(head: CellHead, soft_CD: torch.Tensor, truth: dict[str, Any]) -> tuple[torch.Tensor, ...]:
    """Presence, box and name losses over all C cells of a batch."""
    job = "pages" if "element" in truth["names"] else "shapes"
    present, box = head.places[job](soft_CD).split([1, 4], -1)
    cells = truth["cells"]
    here = F.binary_cross_entropy_with_logits(
        present[:, 0], truth["present"], pos_weight=torch.full((), 4.0, device=present.device)
    )
    off = F.smooth_l1_loss(box.index_select(0, cells).sigmoid(), truth["boxes"], beta=0.01)
    things = soft_CD.index_select(0, cells)
    names = [F.cross_entropy(head.names[name](things), wanted) for name, wanted in truth["names"].items()]
    return here, off, torch.stack(names).sum()


def _word_loss(
    model: Any, head: CellHead, soft_CD: torch.Tensor, words_W2: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross entropy of the word in the middle of which a cell stands, and how many are read right."""
    if len(words_W2) == 0:
        return soft_CD.new_zeros(()), soft_CD.new_zeros(())
    cells, wanted = words_W2.unbind(1)
    embedding = model.get_input_embeddings().weight.detach()
    logits = head.sharpness * F.linear(soft_CD.index_select(0, cells), embedding) + head.usual
    return F.cross_entropy(logits, wanted), _right(logits, wanted)

"""The reference's audio tower as it is trained: recordings of many lengths at once, and the loss of their letters.

Every layer looks back only, so that padding at the end of a recording changes nothing before it, and no mask is needed
but the one of the window. What transformers calls a mask has changed its meaning between versions; here is none.

Letters: H recordings, S samples, T frames, N soft tokens, K blocks of 12 soft tokens, D hidden size, A heads,
Q phrases.
"""

from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from tour_model.light import cast

from mlx_gemma4.media.log_mel import FFT, FLOOR, hann_window, mel_bank
from mlx_gemma4.protocol.cost import MEL_HOP, MEL_WINDOW

UNSEEN_LOGIT = -1e9
AUDIO_PARTS = ("audio_tower.", "embed_audio.")


def sound_tokens(
    model: Any, samples_HS: torch.Tensor, lengths_H: torch.Tensor, dtype: torch.dtype = torch.float32
) -> tuple[torch.Tensor, torch.Tensor]:
    """Soft tokens [H, N, D] in `dtype` of int16 recordings, and how many of them are real, int64 [H]."""
    tower = model.model.audio_tower
    mel_HTC, frames_H = log_mel(samples_HS, lengths_H)
    hidden = _subsampled(tower.subsample_conv_projection, mel_HTC.to(dtype), frames_H)
    places = tower.rel_pos_enc(hidden)
    for layer in tower.layers:
        hidden = _layer(layer, hidden, places)
    return model.model.embed_audio(tower.output_proj(hidden)), (frames_H + 3) // 4


def letter_loss(letters: torch.nn.Module, soft_HND: torch.Tensor, sounds: dict[str, torch.Tensor]) -> torch.Tensor:
    """Connectionist temporal classification (Graves et al. 2006) of the letters of each phrase, by letter.

    Where phrases lie is known, so that nothing has to be found in all of a long recording.
    """
    recording_Q, first_Q, count_Q = sounds["phrases"].unbind(1)
    places_QN = first_Q[:, None] + torch.arange(int(count_Q.max()), device=soft_HND.device)
    soft_QND = soft_HND[recording_Q[:, None], places_QN.clamp(max=soft_HND.shape[1] - 1)]
    odds_NQL = letters(soft_QND.float()).log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(odds_NQL, sounds["letters"], count_Q, sounds["spelt"], zero_infinity=True)


def log_mel(samples_HS: torch.Tensor, lengths_H: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-mel frames float32 [H, T, 128] of int16 recordings, zero past their ends, and how many are real.

    The same numbers as `mlx_gemma4.media.log_mel`.
    """
    device = samples_HS.device
    frames_H = (lengths_H + MEL_WINDOW // 2 - (MEL_WINDOW + 1)).div(MEL_HOP, rounding_mode="floor") + 1
    padded = F.pad(samples_HS.float() / 32768, (MEL_WINDOW // 2, 0))
    windows = padded.unfold(-1, MEL_WINDOW, MEL_HOP) * _hann(device)
    bands_HTC = torch.log(torch.fft.rfft(windows, FFT).abs() @ _bank(device) + FLOOR)
    real_HT = torch.arange(bands_HTC.shape[1], device=device) < frames_H[:, None]
    return bands_HTC * real_HT[..., None], frames_H


@cache
def _hann(device: torch.device) -> torch.Tensor:
    return torch.from_numpy(hann_window()).to(device)


@cache
def _bank(device: torch.device) -> torch.Tensor:
    return torch.from_numpy(mel_bank()).float().to(device)


def _subsampled(projection: Any, hidden_HTC: torch.Tensor, frames_H: torch.Tensor) -> torch.Tensor:
    """Two convolutions, each of which halves frames and bands; what lies past the end of a recording stays zero."""
    hidden = hidden_HTC.unsqueeze(1)
    for step in (projection.layer0, projection.layer1):
        real_HT = torch.arange(hidden.shape[2], device=hidden.device) < frames_H[:, None]
        weight = cast(step.conv.weight, hidden.dtype)
        found = F.conv2d(hidden * real_HT[:, None, :, None], weight, stride=2, padding=1).permute(0, 2, 3, 1)
        scale = cast(step.norm.weight, hidden.dtype)
        hidden = F.relu(F.layer_norm(found, found.shape[-1:], scale, eps=step.norm.eps)).permute(0, 3, 1, 2)
        frames_H = (frames_H + 1) // 2
    return projection.input_proj_linear(hidden.permute(0, 2, 3, 1).flatten(2))


def _layer(layer: Any, hidden: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """A conformer layer, without clamps to a bound that nothing reaches."""
    hidden = _feed_forward(layer.feed_forward1, hidden)
    hidden = hidden + layer.norm_post_attn(_attention(layer.self_attn, layer.norm_pre_attn(hidden), places))
    hidden = _light_conv(layer.lconv1d, hidden)
    return layer.norm_out(_feed_forward(layer.feed_forward2, hidden))


def _feed_forward(half: Any, hidden: torch.Tensor) -> torch.Tensor:
    found = half.ffw_layer_2(F.silu(half.ffw_layer_1(half.pre_layer_norm(hidden))))
    return torch.add(hidden, half.post_layer_norm(found), alpha=half.post_layer_scale)


def _light_conv(conv: Any, hidden_HND: torch.Tensor) -> torch.Tensor:
    """Each column's last five values weighed, as five products rather than a convolution of many groups."""
    gated = F.glu(conv.linear_start(conv.pre_layer_norm(hidden_HND)), dim=-1)
    weight_DW = cast(conv.depthwise_conv1d.weight, gated.dtype)[:, 0]
    width, count = weight_DW.shape[1], gated.shape[1]
    padded = F.pad(gated, (0, 0, width - 1, 0))
    found = padded[:, :count] * weight_DW[:, 0]
    for back in range(1, width):
        found = torch.addcmul(found, padded[:, back : back + count], weight_DW[:, back])
    return hidden_HND + conv.linear_end(F.silu(conv.conv_norm(found)))


def _attention(attention: Any, hidden_HND: torch.Tensor, places_PD: torch.Tensor) -> torch.Tensor:
    """Every soft token sees itself and the eleven before it: a block of twelve is held against two blocks.

    As the reference, in float32.
    """
    chunk, heads, width = attention.chunk_size, attention.num_heads, attention.head_dim
    assert (attention.max_past_horizon, attention.max_future_horizon) == (chunk, 0)
    batch, count, _ = hidden_HND.shape
    blocks = -(-count // chunk)

    def split(values_HND: torch.Tensor) -> torch.Tensor:
        """[H, A, K, 12, width]."""
        whole = F.pad(values_HND.float(), (0, 0, 0, blocks * chunk - count))
        return whole.view(batch, blocks, chunk, heads, width).permute(0, 3, 1, 2, 4)

    def with_past(values: torch.Tensor) -> torch.Tensor:
        """[H, A, K, 24, width]: the block before, zeros for the first, and the block."""
        return torch.cat([F.pad(values, (0, 0, 0, 0, 1, 0))[:, :, :-1], values], 3)

    queries = split(attention.q_proj(hidden_HND)) * (attention.q_scale * F.softplus(attention.per_dim_scale))
    keys = with_past(split(attention.k_proj(hidden_HND)) * attention.k_scale)
    values = with_past(split(attention.v_proj(hidden_HND)))
    ages = attention.relative_k_proj(places_PD).float().view(-1, heads, width).permute(1, 2, 0)
    by_age = F.pad(queries @ ages[:, None], (0, chunk))  # [H, A, K, 12, 13 + 12]: a row too wide shifts the next by one
    shifted = by_age.flatten(-2)[..., : chunk * 2 * chunk].unflatten(-1, (chunk, 2 * chunk))
    cap = attention.attention_logits_soft_cap
    logits = torch.tanh((queries @ keys.transpose(-1, -2) + shifted) / cap) * cap
    logits = logits.masked_fill(~_visible(blocks, chunk, logits.device), UNSEEN_LOGIT)
    heard = (logits.softmax(-1) @ values).permute(0, 2, 3, 1, 4).reshape(batch, blocks * chunk, heads * width)
    return attention.post(heard[:, :count].to(hidden_HND.dtype))


def _visible(blocks: int, chunk: int, device: torch.device) -> torch.Tensor:
    """Says [K, 12, 24] which of its two blocks a soft token sees; the first block has none before it."""
    query = torch.arange(chunk, device=device)[:, None] + chunk
    key = torch.arange(2 * chunk, device=device)[None]
    window = (key <= query) & (key > query - chunk)
    first = (torch.arange(blocks, device=device) > 0)[:, None, None] | (key >= chunk)
    return window & first

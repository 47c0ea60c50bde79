"""A small stand-in for Gemma 4's tokenizer: same kind, same markers, other ids."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

MARKERS = [
    *("<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|think|>"),
    *("<|tool>", "<tool|>", "<|tool_call>", "<tool_call|>", "<|tool_response>", "<tool_response|>", '<|"|>'),
    *("<|image>", "<|image|>", "<image|>", "<|audio>", "<|audio|>", "<audio|>", "<|video|>"),
]
MERGES = ["t h", "th e", "▁ the", "e r", "▁ a", "b o", "bo x", "▁ box", "u s", "us er", "m o", "mo d", "e l", "mod el"]


def build_tokenizer() -> Tokenizer:
    """BPE with byte fallback, spaces as ▁, digits apart: how Gemma 4's tokenizer.json is made, in small."""
    characters = [chr(code) for code in range(33, 127)] + ["▁", "\n", "é", "ü", "–"]
    pieces = [*MARKERS, *[f"<0x{byte:02X}>" for byte in range(256)], *characters]
    pieces += ["".join(merge.split()) for merge in MERGES]
    tokenizer = Tokenizer(
        models.BPE(
            {piece: number for number, piece in enumerate(pieces)},
            [tuple(merge.split()) for merge in MERGES],
            unk_token="<unk>",
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(marker, special=True, normalized=False) for marker in MARKERS])
    tokenizer.add_tokens([AddedToken("\n\n", special=False, normalized=False)])
    return tokenizer


def marker_ids() -> dict[str, int]:
    """What config.json says about the markers."""
    ids = {marker: number for number, marker in enumerate(MARKERS)}
    return {
        "image_token_id": ids["<|image|>"],
        "boi_token_id": ids["<|image>"],
        "eoi_token_id": ids["<image|>"],
        "audio_token_id": ids["<|audio|>"],
        "boa_token_id": ids["<|audio>"],
        "eoa_token_index": ids["<audio|>"],
        "video_token_id": ids["<|video|>"],
    }


def write_tokenizer_files(folder: Path) -> None:
    """What a prompt needs of a model folder."""
    build_tokenizer().save(str(folder / "tokenizer.json"))
    ids = {marker: number for number, marker in enumerate(MARKERS)}
    config = {"model_type": "gemma4", **marker_ids(), "text_config": {"hidden_size_per_layer_input": 16}}
    ends = [ids["<eos>"], ids["<turn|>"], ids["<|tool_response>"]]
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ends}))
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": {"max_soft_tokens": 70}}))

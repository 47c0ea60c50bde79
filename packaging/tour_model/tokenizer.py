"""Builds the tour model's tokenizer: Gemma 4's markers, byte fallback, digits, words and HTML/CSS pieces.

The model is the BPE that Gemma's own tokenizer uses (spaces written as "▁", unknown characters as bytes), except that
a piece found whole in the vocabulary is taken without walking its merges (`ignore_merges`), so that a word costs one
row and not one per merge.
"""

import json
import re
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = Path(__file__).parent
VOCAB_SIZE = 2048

# The order fixes the ids. Names and meanings are Gemma 4's; the numbers are this model's own, and its files say them.
SPECIAL_TOKENS = (
    "<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<|tool>", "<tool|>", "<|tool_call>", "<tool_call|>",
    "<|tool_response>", "<tool_response|>", '<|"|>', "<|think|>", "<|channel>", "<channel|>", "<|turn>", "<turn|>",
    "<|image>", "<image|>", "<|image|>", "<|audio>", "<audio|>", "<|audio|>", "<|video|>",
)  # fmt: skip
COMMON_MERGES = (
    "in er on re at en th ing ed es or an al ar it is le st ve ro ic ou ly ch sh ment tion ion ent ate ter ll ck ss "
    "oo ee ea"
).split()


def words(file: str = "words.txt") -> list[str]:
    """The words of a list beside this module, in order, without repeats."""
    lines = (HERE / file).read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(word for line in lines if not line.startswith("#") for word in line.split()))


def structural_pieces() -> list[str]:
    """The pieces of pieces.txt in Gemma's spelling ("▁" for a space), longest first so that the longest match wins."""
    lines = (HERE / "pieces.txt").read_text(encoding="utf-8").splitlines()
    pieces = dict.fromkeys(
        line.replace("~", "▁").replace("^", "\n") for line in lines if line and not line.startswith("# ")
    )
    return sorted(pieces, key=len, reverse=True)


def build_tokenizer() -> Tokenizer:
    """Assembles the tokenizer; the same words and pieces always give the same ids."""
    pieces = structural_pieces()
    patterns = [re.escape(piece) + (r"(?=\d)" if piece == ",▁" else "") for piece in pieces]
    splitter = "|".join([*patterns, "▁?[A-Za-z]+", r"\d", "▁+", r"[^\sA-Za-z\d▁]", r"\s"])
    vocabulary = list(SPECIAL_TOKENS) + [f"<0x{byte:02X}>" for byte in range(256)]
    vocabulary += ["▁", "\n", *map(chr, range(0x21, 0x7F))] + ["▁" * n for n in (2, 4, 6, 8)]
    vocabulary += ["▁" + word for word in words()] + ["▁" + word.capitalize() for word in words("capitalised.txt")]
    vocabulary += [word.capitalize() for word in words("capitalised.txt")] + pieces
    vocabulary += [
        "user",
        "model",
        "system",
        "developer",
        "thought",
        "JSON",
        "▁JSON",
        "HTML",
        "▁HTML",
        "▁CSS",
    ]  # role names follow a marker
    vocabulary += words()[:60]  # the first are shapes, colours and sizes: a label starts without a space
    vocabulary = list(dict.fromkeys(vocabulary))
    merges = _merges(VOCAB_SIZE - len(vocabulary), known=set(vocabulary))
    for left, right in merges:
        if left + right not in vocabulary:
            vocabulary.append(left + right)
    vocabulary = vocabulary[:VOCAB_SIZE]
    ids = {piece: number for number, piece in enumerate(vocabulary)}
    assert len(ids) == VOCAB_SIZE, f"{len(ids)} pieces for {VOCAB_SIZE} rows"
    merges = [(left, right) for left, right in merges if {left, right, left + right} <= ids.keys()]
    tokenizer = Tokenizer(
        models.BPE(ids, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True, ignore_merges=True)
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(splitter), "isolated")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return tokenizer


def _merges(rows: int, known: set[str]) -> list[tuple[str, str]]:
    """Learns `rows` short merges from the word list: other words then cost two or three tokens, not one a letter."""
    trainer_tokenizer = Tokenizer(models.BPE())
    trainer_tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("▁?[A-Za-z]+"), "isolated")
    corpus = ["▁" + word for word in words()] + words() + COMMON_MERGES * 20
    trainer = trainers.BpeTrainer(vocab_size=rows * 3, max_token_length=5, show_progress=False)
    trainer_tokenizer.train_from_iterator(corpus, trainer)
    learned = json.loads(trainer_tokenizer.to_str())["model"]["merges"]
    chosen: list[tuple[str, str]] = []
    fresh = 0
    for left, right in map(tuple, learned):
        fresh += left + right not in known
        if fresh > rows:
            break
        chosen.append((left, right))
    return chosen


def write(folder: Path) -> None:
    """Writes tokenizer.json and tokenizer_config.json into a folder."""
    build_tokenizer().save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 8192, "add_bos_token": False,
        "padding_side": "left", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>",
        "mask_token": "<mask>", "image_token": "<|image|>", "boi_token": "<|image>", "eoi_token": "<image|>",
        "audio_token": "<|audio|>", "boa_token": "<|audio>", "eoa_token": "<audio|>", "sot_token": "<|turn>",
        "eot_token": "<turn|>", "think_token": "<|think|>",
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")

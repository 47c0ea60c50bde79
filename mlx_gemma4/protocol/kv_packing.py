"""In how many bits a conversation's keys and values are kept."""

from __future__ import annotations

from dataclasses import dataclass

from mlx_gemma4.protocol.errors import RequestError

KV_BITS = (8, 4)


@dataclass(frozen=True)
class KVPacking:
    """Keep the keys and values of global layers, which grow with the conversation, in fewer bits.

    Answers may differ from those over keys and values as they are.

    Attributes:
        bits: 8 or 4.
        from_tokens: conversations up to this length are kept as they are; a longer one is packed, all of it, and stays
            so.
    """

    bits: int = 8
    from_tokens: int = 0

    def __post_init__(self) -> None:
        """Refuse values without a meaning, naming them."""
        if self.bits not in KV_BITS:
            raise RequestError(f"Keys and values cannot be kept in {self.bits} bits.", "Choose 8 or 4.")
        if self.from_tokens < 0:
            raise RequestError(f"Keys and values cannot be packed from {self.from_tokens} tokens on.", "Give 0.")

    def packs(self, tokens: int) -> bool:
        """Whether a conversation of this length is packed."""
        return self.from_tokens == 0 or tokens > self.from_tokens

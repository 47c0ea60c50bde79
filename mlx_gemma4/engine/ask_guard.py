"""Shortens the answer to, or refuses, a question that would bring the machine into trouble, with the figures."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import mlx.core as mx

from mlx_gemma4.cache.global_cache import can_be_packed
from mlx_gemma4.engine.machine_memory import machine_memory
from mlx_gemma4.engine.memory import CacheSizes
from mlx_gemma4.engine.peak_memory import predict_peak
from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared, PreparedMedia, PreparedPicture
from mlx_gemma4.protocol.care import NO_ROOM_TO_ASK_CODE, TOO_LONG_CODE
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.kv_packing import KV_BITS, KVPacking
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, describe_more, judge_more
from mlx_gemma4.protocol.requests import Ask

SHORTEST_ANSWER = 256
"""Tokens: a question that leaves no memory for so many is refused, unless it asked for fewer."""


@dataclass(frozen=True)
class PromptSize:
    """How long a prompt is.

    Attributes:
        tokens: all of it.
        new_tokens: of the answer, at most.
        pictures: soft tokens of each picture, page or frame that a tower has to look at.
        sounds: the same of each sound.
        kept: soft tokens of each whose features are there.
        read: tokens at its beginning that need not be read again.
    """

    tokens: int
    new_tokens: int
    pictures: Sequence[int] = ()
    sounds: Sequence[int] = ()
    kept: Sequence[int] = ()
    read: int = 0

    @classmethod
    def of(cls, request: Ask, prepared: Prepared, read: int, kept: Container[PreparedMedia]) -> PromptSize:
        """Of a question of whose prompt `read` tokens are there, and of whose media the features of those in `kept`."""
        sizes: dict[str, list[int]] = {"pictures": [], "sounds": [], "kept": []}
        for item in (item for item in prepared.media if item.start >= read):
            kind = "kept" if item in kept else "pictures" if isinstance(item, PreparedPicture) else "sounds"
            sizes[kind].append(item.soft_tokens)
        return cls(len(prepared.token_ids), request.max_tokens, read=read, **sizes)


class AskGuard:
    """Knows one model's arithmetic; asks the system how much is free each time."""

    def __init__(self, model: Gemma4, block: int = 1, packing: KVPacking | None = None) -> None:
        """Of this model, which decodes at most `block` tokens in a step."""
        self._block = block
        self._config = model.config
        self._itemsize = model.text.dtype.size
        self._packing = packing
        self._backend: Backend = backend()

    @property
    def most_tokens(self) -> int:
        """That a prompt and its answer may have together."""
        return self._config.text.max_positions

    def need_bytes(self, size: PromptSize) -> int:
        """Memory at the peak, beside what is in use now."""
        return self._need(size, self._packing)

    def fitting(self, size: PromptSize, memory: MachineMemory) -> PromptSize:
        """The same with as long an answer as fits, or just the same where not even the shortest answer fits."""

        def is_too_much(new_tokens: int) -> bool:
            return judge_more(self.need_bytes(replace(size, new_tokens=new_tokens)), memory) is Fit.TOO_LARGE

        if size.new_tokens <= SHORTEST_ANSWER or not is_too_much(size.new_tokens) or is_too_much(SHORTEST_ANSWER):
            return size
        lengths = range(SHORTEST_ANSWER, size.new_tokens)
        return replace(size, new_tokens=lengths[bisect_left(lengths, True, key=is_too_much) - 1])

    def _need(self, size: PromptSize, packing: KVPacking | None) -> int:
        peak = predict_peak(
            self._config,
            0,
            prompt_tokens=size.tokens,
            new_tokens=max(min(size.new_tokens, self.most_tokens - size.tokens), 0),
            pictures=size.pictures,
            sounds=size.sounds,
            kept=size.kept,
            snapshots=[size.tokens],
            itemsize=self._itemsize,
            backend=self._backend,
            packing=packing,
            block=self._block,
        )
        read = CacheSizes.of(self._config.text, self._itemsize, self._packing).branch(size.read) if size.read else 0
        return peak.total - min(read, peak.caches)

    def admit(
        self, request: Ask, prepared: Prepared, read: int, kept: Container[PreparedMedia] = ()
    ) -> tuple[Ask, list[str]]:
        """The request with an answer that ends where the model's reach or the memory does, and remarks on that.

        `read` and `kept` are as for `PromptSize.of`.

        Raises:
            PrismError: the prompt is longer than the model can read, or does not fit into the memory that is free.
        """
        tokens = len(prepared.token_ids)
        if tokens >= self.most_tokens:
            raise too_long(tokens, self.most_tokens)
        request = replace(request, max_tokens=min(request.max_tokens, self.most_tokens - tokens))
        if request.anyway:
            return request, []
        size, memory = PromptSize.of(request, prepared, read, kept), memory_beside_model()
        fitting = self.fitting(size, memory)
        if judge_more(self.need_bytes(fitting), memory) is Fit.TOO_LARGE:
            unread = PromptSize.of(request, prepared, 0, ())
            raise no_room(self.need_bytes(size), memory, self._bits_that_fit(unread, memory))
        if fitting == size:
            return request, []
        return replace(request, max_tokens=fitting.new_tokens), [
            f"The answer ends after {fitting.new_tokens:,} tokens instead of {size.new_tokens:,}, for which this "
            f"question {describe_more(self.need_bytes(size), memory)}."
        ]

    def _bits_that_fit(self, size: PromptSize, memory: MachineMemory) -> int | None:
        """In how many bits keys and values would have to be kept for a prompt to fit; None where that is no way out."""
        now, head_dim = self._packing.bits if self._packing else 16, self._config.text.full.head_dim
        for bits in (bits for bits in KV_BITS if bits < now and can_be_packed(head_dim)):
            if judge_more(self._need(size, KVPacking(bits)), memory) is not Fit.TOO_LARGE:
                return bits
        return None


def memory_beside_model() -> MachineMemory:
    """The machine's memory now; what MLX has set aside for its next results counts as free."""
    memory = machine_memory(mx.get_active_memory())
    return replace(memory, available=min(memory.available + mx.get_cache_memory(), memory.total - memory.held))


def too_long(tokens: int, most: int) -> PrismError:
    """A prompt is longer than the model can read."""
    return PrismError(
        f"The question with all that came before it is {tokens:,} tokens long, and this model reads at most {most:,}.",
        "Begin a new conversation, leave out a file or shorten the text.",
        code=TOO_LONG_CODE,
    )


def no_room(need: int, memory: MachineMemory, bits: int | None = None) -> PrismError:
    """A question does not fit into the memory that is free, but would with keys and values in so many bits."""
    packed = f"With conversations kept in {bits} bits it would fit: choose that for the model. Or shorten it"
    return PrismError(
        f"This question {describe_more(need, memory)}.",
        f"{packed if bits else 'Shorten it'}, leave out a file, give pictures a lower resolution, "
        "or close other programs.",
        code=NO_ROOM_TO_ASK_CODE,
    )

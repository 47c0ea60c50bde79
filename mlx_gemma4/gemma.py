"""The API people import: `gemma = load(path)`, then `prepare`, `logits`, `stream`, `complete`, `transcribe`.

Letters: L tokens, V vocabulary.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import mlx.core as mx

from mlx_gemma4.engine.engine import Engine
from mlx_gemma4.engine.load_guard import way_to_load
from mlx_gemma4.engine.loading import TOUR, bundled, inspect_model, read_model
from mlx_gemma4.generation.soft_tokens import encode
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.messages import read_messages, read_tools
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.prompt.tokenizer import Tokenizer
from mlx_gemma4.protocol.events import Event
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.parts import Message, Tool
from mlx_gemma4.protocol.requests import (
    DEFAULT_LOOP_GUARD,
    GREEDY,
    SPEECH_LOOP_GUARD,
    Ask,
    LoopGuard,
    SamplingSettings,
    Transcribe,
)
from mlx_gemma4.weights.loader import LoadReport

__all__ = ["TOUR", "Gemma", "bundled", "load"]
_PUBLISHED_SAMPLING = SamplingSettings()

Messages = Iterable[Mapping[str, Any] | Message]
Tools = Iterable[Mapping[str, Any] | Tool]


def load(
    path: str | os.PathLike[str],
    *,
    wide_audio_span: bool = False,
    drafter: str | os.PathLike[str] | None = None,
    map_ple: bool | None = None,
    kv_packing: KVPacking | None = None,
) -> Gemma:
    """Load a Gemma 4 checkpoint from a folder; `"tour"` is the small one that comes with the package.

    Args:
        path: of the folder.
        wide_audio_span: in the audio tower of E2B and E4B, each position attends to 13 positions, as in Google's JAX
            implementation, instead of 12, as in transformers.
        drafter: folder of the model's drafter (`…-it-assistant`), which guesses answers ahead where that is faster;
            what is answered does not change.
        map_ple: leave the table of per-layer embeddings of E2B and E4B on the disk, and read the rows that tokens need:
            over 1 GB less memory, and slower. None does where the model does not fit otherwise.
        kv_packing: keep the keys and values of global layers, the part of memory that grows with a conversation, in
            `KVPacking(bits=8)` or 4 bits, from the first token or from a length on; None keeps them as they are.

    Raises:
        CheckpointError: the folder is no Gemma 4 checkpoint, incomplete or damaged; the reason is in the message, and
            nothing has been allocated.
        PrismError: this model's keys and values cannot be packed.
    """
    checkpoint = inspect_model(path)
    if map_ple is None:
        map_ple = way_to_load(checkpoint, 0, packing=kv_packing, anyway=True).map_ple
    loaded = read_model(
        checkpoint, wide_audio_span=wide_audio_span, drafter=drafter, map_ple=map_ple, kv_packing=kv_packing
    )
    return Gemma(loaded.model, loaded.tokenizer, loaded.engine, loaded.report)


class Gemma:
    """A loaded model.

    Attributes:
        model: tensors in, logits out.
        tokenizer: of the same checkpoint.
        engine: answers requests; what `stream` and `complete` use.
        report: how the weights were read.
    """

    def __init__(self, model: Gemma4, tokenizer: Tokenizer, engine: Engine, report: LoadReport) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.engine = engine
        self.report = report
        self._numbers = itertools.count(1)

    def prepare(
        self,
        messages: Messages,
        *,
        tools: Tools | None = None,
        thinking: bool = False,
        max_soft_tokens: int | None = None,
    ) -> Prepared:
        """Messages in the Hugging Face chat form as token ids, picture patches and sound features.

        Args:
            messages: `{"role": "user", "content": [{"type": "image", "path": …}, {"type": "text", "text": …}]}`, …
                Other types of parts are `audio`, `video` and `document`; sounds stand best after the text.
            tools: functions that the model may call, in the OpenAI form.
            thinking: let the model think before it answers.
            max_soft_tokens: picture budget, one of 70, 140, 280, 560, 1120; None takes the checkpoint's.

        Raises:
            PromptError: the messages are not of this form.
            MediaError: a file in them cannot be used.
            RequestError: the budget does not exist.
        """
        return self.engine.prepare(
            self._request(
                messages, tools=read_tools(tools), thinking=thinking, max_soft_tokens=max_soft_tokens, max_tokens=1
            )
        )

    def logits(self, prepared: Prepared) -> mx.array:
        """Logits of every position of a prompt, float32 [L, V]; the last row says what comes next."""
        soft = [encode(self.model, item) for item in prepared.media]
        return self.model.logits(prepared.token_ids, soft).astype(mx.float32)

    def stream(
        self,
        messages: Messages,
        *,
        tools: Tools | None = None,
        thinking: bool = False,
        max_soft_tokens: int | None = None,
        thinking_budget: int | None = None,
        preserve_thinking: bool = False,
        max_tokens: int = 2048,
        stop: str | Sequence[str] = (),
        sampling: SamplingSettings = _PUBLISHED_SAMPLING,
        loop_guard: LoopGuard | None = DEFAULT_LOOP_GUARD,
    ) -> Iterator[Event]:
        """Answer a conversation; yields events while the model writes, TurnFinished or EngineFailed last.

        Closing the iterator stops the model. Arguments are those of `prepare`, and:

        Args:
            messages: the conversation.
            tools: functions that the model may call.
            thinking: let the model think first.
            max_soft_tokens: picture budget.
            thinking_budget: tokens that thoughts may have before they are closed; None for no limit.
            preserve_thinking: keep earlier thoughts that led to tool calls in the prompt.
            max_tokens: the longest answer, thoughts included.
            stop: the answer ends before the first of these strings; they are looked for in its text alone.
            sampling: how tokens are chosen: `SamplingSettings(temperature=0)` always takes the likeliest, a `seed`
                makes the answer repeatable.
            loop_guard: when an answer that repeats itself is ended; None never does.

        Raises:
            PromptError: the messages are not of this form. What is wrong with files comes as EngineFailed.
            RequestError: a setting is outside its range.
        """
        request = self._request(
            messages,
            tools=read_tools(tools),
            thinking=thinking,
            max_soft_tokens=max_soft_tokens,
            thinking_budget=thinking_budget,
            preserve_thinking=preserve_thinking,
            max_tokens=max_tokens,
            stop=_strings(stop),
            sampling=sampling,
            loop_guard=loop_guard,
        )
        return self.engine.ask(request)

    def complete(
        self,
        content: str | Sequence[Mapping[str, Any]],
        *,
        max_soft_tokens: int | None = None,
        max_tokens: int = 2048,
        stop: str | Sequence[str] = (),
        sampling: SamplingSettings = _PUBLISHED_SAMPLING,
        loop_guard: LoopGuard | None = DEFAULT_LOOP_GUARD,
    ) -> Iterator[Event]:
        """Go on with a text, without any chat format: what base models are for.

        Args:
            content: the text, as it is; or parts, as in a message, one after the other.
            max_soft_tokens: as for `stream`, like all that follow.
            max_tokens: the longest continuation.
            stop: strings that end it.
            sampling: how tokens are chosen.
            loop_guard: when a continuation that repeats itself is ended.

        Raises:
            PromptError: the parts are not of this form. What is wrong with files comes as EngineFailed.
            RequestError: a setting is outside its range.
        """
        request = self._request(
            [{"role": "user", "content": content}],
            max_soft_tokens=max_soft_tokens,
            max_tokens=max_tokens,
            stop=_strings(stop),
            sampling=sampling,
            loop_guard=loop_guard,
            chat_format=False,
        )
        return self.engine.ask(request)

    def transcribe(
        self,
        path: str | os.PathLike[str],
        *,
        language: str | None = None,
        translate_to: str | None = None,
        max_tokens: int = 512,
        sampling: SamplingSettings = GREEDY,
        loop_guard: LoopGuard | None = SPEECH_LOOP_GUARD,
    ) -> Iterator[Event]:
        """Write down a recording of any length; yields a TranscriptSegment as soon as a stretch is certain.

        The segments are in order and without gaps; TurnFinished or EngineFailed comes last. Closing the iterator stops
        the model.

        Args:
            path: of a recording, or of a clip with sound.
            language: that is spoken, by its English name; None lets the model find out.
            translate_to: language to translate into, by its English name; None only transcribes.
            max_tokens: the longest transcript of one piece, which has at most 30 seconds.
            sampling: how tokens are chosen.
            loop_guard: when a piece's transcript that repeats itself is ended; None never does.

        Raises:
            RequestError: a setting is outside its range. What is wrong with the file comes as EngineFailed.
        """
        name = f"transcribe-{next(self._numbers)}"
        request = Transcribe(name, os.fspath(path), language, translate_to, sampling, max_tokens, loop_guard)
        return self.engine.transcribe(request)

    def _request(self, messages: Messages, **settings: Any) -> Ask:
        return Ask(id=f"ask-{next(self._numbers)}", messages=read_messages(messages), **settings)


def _strings(stop: str | Sequence[str]) -> tuple[str, ...]:
    return (stop,) if isinstance(stop, str) else tuple(stop)

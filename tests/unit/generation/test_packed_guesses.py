"""Over packed keys and values guesses change how often the model runs, and nothing else."""

from __future__ import annotations

import pytest

from mlx_gemma4.generation.drafting import DrafterGuesser
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation, speculate
from mlx_gemma4.model.gemma4 import Gemma4
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.kv_packing import KVPacking
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings
from tests.unit.generation.test_speculative import Oracle
from tests.unit.tiny_models import PLAIN, TINY, random_drafter, random_ids, random_model

PROMPT, ANSWER = 40, 60  # far past the window of 16
FULL = pytest.mark.full
PACKINGS = [
    pytest.param(KVPacking(8), marks=FULL),
    pytest.param(KVPacking(4), marks=FULL),
    pytest.param(KVPacking(8, from_tokens=57), marks=FULL),
    KVPacking(4, from_tokens=57),
]
WARM = SamplingSettings(seed=12)


@pytest.fixture(scope="module", params=[TINY, PLAIN], ids=["borrowing", "plain"])
def model(request: pytest.FixtureRequest) -> Gemma4:
    return random_model(request.param)


@pytest.mark.parametrize("sampling", [GREEDY, pytest.param(WARM, marks=FULL)], ids=["greedy", "warm"])
@pytest.mark.parametrize("packing", PACKINGS, ids=str)
def test_the_answer_is_that_of_plain_decoding(model: Gemma4, packing: KVPacking, sampling: SamplingSettings) -> None:
    """Blocks of 2 to 6 tokens, from a snapshot of the prompt, some of them up to where all is packed.

    Up to rounding, which tells with packed rows where a number lies halfway between two codes: none does here.
    """
    session = Session(model, chunk=16, packing=packing)
    list(session.prefill(Prepared(random_ids(PROMPT))))
    snapshot = session.snapshot()
    plain = list(session.fork(snapshot).decode(sampling, frozenset(), ANSWER))
    drafter = DrafterGuesser(model, random_drafter(model.config.text))
    for guesses in (1, 2, 3, 4, 5):
        for guesser in (drafter, Oracle(PROMPT, plain, 0.7), Oracle(PROMPT, plain, 1.0)):
            speculation = Speculation(guesser, fixed_length=guesses)
            answer = speculate(session.fork(snapshot), speculation, sampling, frozenset(), ANSWER)
            assert list(answer) == plain, (guesses, guesser)
            assert speculation.guessed > 0
        assert speculation.runs * 2 <= ANSWER + 2 * (guesses == 1), "all were right"

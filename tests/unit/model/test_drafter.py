"""A drafter is loaded as mlx-vlm writes it, and guesses what mlx-vlm's does; transformers 5.23 cannot build one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten, tree_map
from mlx_vlm.speculative.drafters.gemma4_assistant import Gemma4AssistantDraftModel, ModelConfig, gemma4_assistant

from mlx_gemma4.generation.decode_step import written_mask
from mlx_gemma4.generation.drafting import DrafterGuesser
from mlx_gemma4.generation.session import Session
from mlx_gemma4.generation.speculative import Speculation, speculate
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.prompt.prepared import Prepared
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.protocol.requests import GREEDY
from mlx_gemma4.weights.drafter import load_drafter
from tests.unit.tiny_models import TINY, random_ids, random_model

VOCABULARY, WINDOW, WIDTH = 300, 16, 64
TEXT = {
    "model_type": "gemma4_text",
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 4,
    "layer_types": ["sliding_attention"] * 3 + ["full_attention"],
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_global_key_value_heads": 1,
    "attention_k_eq_v": True,
    "head_dim": 16,
    "global_head_dim": 32,
    "sliding_window": WINDOW,
    "num_kv_shared_layers": 0,
    "hidden_size_per_layer_input": 0,
    "vocab_size_per_layer_input": VOCABULARY,
    "rope_parameters": {
        "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        "full_attention": {"rope_type": "proportional", "rope_theta": 1_000_000.0, "partial_rotary_factor": 0.25},
    },
    "final_logit_softcapping": 30.0,
    "use_double_wide_mlp": False,
}
CLUSTERS = {"use_ordered_embeddings": True, "num_centroids": 30, "centroid_intermediate_top_k": 6}


def write(folder: Path, **changed: Any) -> Any:
    """mlx-vlm's drafter with random weights, stored in a folder."""
    config = {"model_type": "gemma4_assistant", "backbone_hidden_size": WIDTH, "text_config": TEXT, **changed}
    theirs = Gemma4AssistantDraftModel(ModelConfig.from_dict(json.loads(json.dumps(config))))
    key = mx.random.key(3)

    def drawn(array: mx.array) -> mx.array:
        nonlocal key
        key, now = mx.random.split(key)
        noise = mx.random.normal(array.shape, key=now)
        return 1 + 0.2 * noise if array.ndim == 1 else noise / array.shape[-1] ** 0.5

    theirs.update(tree_map(drawn, theirs.parameters()))
    if theirs.masked_embedding is not None:
        theirs.masked_embedding.token_ordering = mx.random.permutation(VOCABULARY, key=key).astype(mx.int32)
    theirs.bind(None)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(theirs.parameters())))
    return theirs


@pytest.mark.parametrize("clusters", [{}, CLUSTERS], ids=["whole", "clusters"])
@pytest.mark.parametrize("rows", [5, WINDOW])
def test_every_step_of_a_draft_is_that_of_mlx_vlm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, clusters: dict[str, Any]
) -> None:
    if rows == WINDOW:
        # mlx-vlm 0.7.10 takes the last of a full window's rows for the one before the query, and hides the oldest;
        # transformers' sliding_window_bidirectional_overlay lets it see all of them, as we do.
        unmasked = dict.fromkeys((kind.value for kind in AttentionType), None)
        monkeypatch.setattr(gemma4_assistant, "make_drafter_masks", lambda *_, **__: unmasked)
    theirs, ours = write(tmp_path / "drafter", **clusters), load_drafter(tmp_path / "drafter")
    last, wide = 40 if rows == WINDOW else rows - 1, 41 if rows == WINDOW else rows
    draws = np.random.default_rng(1)
    shapes = {AttentionType.SLIDING: (2, rows, 16), AttentionType.GLOBAL: (1, wide, 32)}
    pairs = {kind: [mx.array(draws.normal(size=s).astype(np.float32)) for _ in "kv"] for kind, s in shapes.items()}
    theirs.set_shared_kv({kind.value: (k[None], v[None]) for kind, (k, v) in pairs.items()}, last + 1, last, last + 1)
    masks = {kind: written_mask(s[1], mx.array(last), mx.float32) for kind, s in shapes.items()}
    rotations = ours.rotations(mx.array([last]))
    ours_hidden = their_hidden = mx.array(draws.normal(size=(1, WIDTH)).astype(np.float32))
    for _ in range(4):
        embedded = mx.array(draws.normal(size=(1, WIDTH)).astype(np.float32))
        joined = mx.concatenate([embedded, their_hidden], axis=-1)[None]
        their_hidden, logits = theirs(joined, theirs._shared_kv, mx.array([[last]]))
        their_hidden = their_hidden[0]
        ours_hidden, normed = ours(embedded, ours_hidden, rotations, {k: tuple(v) for k, v in pairs.items()}, masks)  # type: ignore[misc]
        np.testing.assert_allclose(np.array(ours_hidden), np.array(their_hidden), atol=2e-4)
        np.testing.assert_allclose(np.array(ours.logits(normed)), np.array(logits[0]), atol=2e-4)
        assert ours.best(normed).item() == mx.argmax(logits).item()


@pytest.mark.parametrize("clusters", [{}, CLUSTERS], ids=["whole", "clusters"])
def test_an_untrained_drafter_changes_no_answer(tmp_path: Path, clusters: dict[str, Any]) -> None:
    write(tmp_path / "drafter", text_config={**TEXT, "use_double_wide_mlp": True}, **clusters)
    model = random_model(TINY)
    speculation = Speculation(DrafterGuesser(model, load_drafter(tmp_path / "drafter")), fixed_length=3)
    plain, guessed = Session(model), Session(model)
    for session in (plain, guessed):
        list(session.prefill(Prepared(random_ids(60))))
    expected = list(plain.decode(GREEDY, frozenset(), 40))
    assert list(speculate(guessed, speculation, GREEDY, frozenset(), 40)) == expected
    assert speculation.runs > 25


def test_a_drafter_of_another_model_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "drafter", backbone_hidden_size=128)
    with pytest.raises(CheckpointError, match="another model: width 128, not 64"):
        DrafterGuesser(random_model(TINY), load_drafter(tmp_path / "drafter"))


@pytest.mark.parametrize("broken", ["model.layers.2.mlp.up_proj.weight", "masked_embedding.token_ordering"])
def test_a_drafter_that_lacks_something_is_refused(tmp_path: Path, broken: str) -> None:
    write(tmp_path / "drafter", **CLUSTERS)
    file = str(tmp_path / "drafter" / "model.safetensors")
    arrays = mx.load(file)
    assert isinstance(arrays, dict)
    mx.eval(arrays)
    del arrays[broken]
    mx.save_safetensors(file, arrays)
    with pytest.raises(CheckpointError, match=broken.split(".", 1)[1].replace(".", r"\.")):
        load_drafter(tmp_path / "drafter")

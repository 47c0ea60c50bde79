"""What a drafter's checkpoint is made of, as frozen data read from its config.json."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlx_gemma4.model.config import TextConfig
from mlx_gemma4.model.config_fields import ConfigFields
from mlx_gemma4.model.text.attention_types import AttentionType
from mlx_gemma4.protocol.errors import CheckpointError

MODEL_TYPES = ("gemma4_assistant", "gemma4_unified_assistant")


@dataclass(frozen=True, kw_only=True)
class ClusterConfig:
    """The vocabulary in `clusters` equal clusters, of which `chosen` are scored token by token (E2B, E4B)."""

    clusters: int
    chosen: int


@dataclass(frozen=True, kw_only=True)
class DrafterConfig:
    """A drafter, all of whose layers read keys and values of its target.

    Attributes:
        text: its layers; every one of them borrows.
        target_width: hidden size of the target.
        clusters: how the head looks for the likeliest token; None scores the whole vocabulary.
    """

    text: TextConfig
    target_width: int
    clusters: ClusterConfig | None = None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DrafterConfig:
        """Read a parsed config.json of a drafter (transformers: Gemma4AssistantConfig).

        Raises:
            CheckpointError: another model type, or a field that is missing or cannot be used.
        """
        fields = ConfigFields(values, "config.json")
        fields.expect("model_type", *MODEL_TYPES)
        fields.expect("tie_word_embeddings", True)
        given = fields.block("text_config")
        if given is None:
            raise CheckpointError("config.json has no text_config.", "Is it complete?", code="checkpoint.config")
        # Without an owner it is no decoder that `TextConfig` takes; that all layers borrow comes after.
        other = {"num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0, "use_double_wide_mlp": False}
        own = ConfigFields({**given.values, **other}, given.where)
        text = TextConfig.from_fields(own)
        if set(text.layer_types) != set(AttentionType):
            raise given.error("layer_types", [kind.value for kind in text.layer_types], "layers of both types")
        clusters = None
        if fields.flag("use_ordered_embeddings", default=False):
            clusters = ClusterConfig(
                clusters=fields.integer("num_centroids", 2048),
                chosen=fields.integer("centroid_intermediate_top_k", 32),
            )
            if text.vocab_size % clusters.clusters or clusters.chosen > clusters.clusters:
                raise fields.error("num_centroids", clusters.clusters, "a divisor of vocab_size, none too few")
        return cls(
            text=dataclasses.replace(text, borrowing_layers=text.layers),
            target_width=fields.integer("backbone_hidden_size"),
            clusters=clusters,
        )

    def fits(self, target: TextConfig) -> bool:
        """Whether widths, heads, windows and vocabularies are the target's."""
        return _common(self.text, self.target_width) == _common(target, target.hidden_size)

    def check_fits(self, target: TextConfig) -> None:
        """Refuse a drafter that was made for another model.

        Raises:
            CheckpointError: widths, heads, windows or vocabularies differ.
        """
        ours, theirs = _common(self.text, self.target_width), _common(target, target.hidden_size)
        differing = [name for name in ours if ours[name] != theirs[name]]
        if differing:
            listed = ", ".join(f"{name} {ours[name]}, not {theirs[name]}" for name in differing)
            raise CheckpointError(
                f"This drafter belongs to another model: {listed}.",
                "Choose the drafter with the name of the model.",
                code="checkpoint.drafter",
            )


def _common(text: TextConfig, width: int) -> dict[str, object]:
    """What a drafter and its target must agree on."""
    return {
        "width": width,
        "vocabulary": text.vocab_size,
        "window": text.window,
        **{
            f"{kind} {what}": getattr(shape, name)
            for kind, shape in (("sliding", text.sliding), ("global", text.full))
            for what, name in (("heads", "kv_heads"), ("head size", "head_dim"))
        },
    }

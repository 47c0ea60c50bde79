"""Training computes what the reference does: lightened modules, unpadded towers and grouped prompts change nothing."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch trains the tour model; the environment of `make parity` has it")


def test_losses_equal_the_reference_model_on_every_conversation() -> None:
    import torch.nn.functional as F
    from tour_model import network
    from tour_model.batches import positions
    from tour_model.light import lighten
    from tour_model.loading import tensors
    from tour_model.pages.samples import make_page_batch
    from tour_model.samples import make_batch

    torch.manual_seed(0)
    rng = np.random.default_rng(3)
    model, head = network.build_model().eval(), network.CellHead(384)
    batches = [make_batch(rng, 2), make_page_batch(rng, 2, budget=140)]
    assert max(group.tokens.shape[1] for group in batches[1].groups) > model.config.text_config.sliding_window
    assert {group.pictures.shape[1] for group in batches[1].groups} >= {0, 1}
    expected = [
        _reference_loss(model, tensors(batch.arrays()), positions(batch.columns, batch.rows), F) for batch in batches
    ]
    lighten(model)
    for batch, loss in zip(batches, expected, strict=True):
        with torch.no_grad():
            ours = network.losses(model, head, tensors(batch.arrays()), batch.columns, batch.rows).answer
        assert ours.item() == pytest.approx(loss, abs=2e-5)


def _reference_loss(model, arrays, places, F) -> float:  # noqa: ANN001
    total, count = 0.0, 0
    for group in arrays["groups"]:
        width = group["tokens"].shape[1]
        for row, tokens in enumerate(group["tokens"]):
            shown = group["pictures"][row]
            seen = {}
            if len(shown):
                seen["pixel_values"] = arrays["patches"][shown].float() / 255
                seen["image_position_ids"] = torch.from_numpy(places)[None].repeat(len(shown), 1, 1)
            with torch.no_grad():
                logits = model(input_ids=tokens[None], **seen).logits[0]
            mine = group["asked"] // width == row
            asked, wanted = group["asked"][mine] % width, group["wanted"][mine]
            total += F.cross_entropy(logits[asked], wanted, reduction="sum").item()
            count += int(mine.sum())
    return total / count


def test_the_bundled_weights_are_read_as_they_ship(repository: Path) -> None:
    import mlx.core as mx
    from tour_model.kept import load_bundled
    from tour_model.network import build_model

    from mlx_gemma4.weights.loader import load_model

    model = build_model()
    load_bundled(model)
    ours, _ = load_model(repository / "resources" / "tour")
    theirs = model.model.language_model.layers[0].mlp.down_proj.weight.detach().numpy()
    read = np.array(ours.text.layers[0].feed_forward.down_proj.weight.astype(mx.float32))
    assert np.allclose(read, theirs, rtol=1e-3, atol=5e-4), "the engine unpacks in float16"


def test_finite_clip_bounds_are_not_skipped() -> None:
    from tour_model.light import lighten
    from tour_model.network import build_model

    model = build_model()
    model.model.vision_tower.encoder.layers[0].mlp.gate_proj.input_max.fill_(3.0)
    with pytest.raises(ValueError, match="finite bounds"):
        lighten(model)


def test_a_weight_is_cast_once_a_batch_and_learns_from_all_its_uses() -> None:
    from tour_model.light import forget_casts, lighten

    torch.manual_seed(0)
    linear = torch.nn.Linear(64, 64)
    lighten(torch.nn.Sequential(linear))
    x = torch.randn(2, 3, 64).bfloat16()
    for factor in (1.0, 3.0):
        with torch.no_grad():
            linear.weight.mul_(factor)
        linear.weight.grad = None
        once, again = linear(x[0]), linear(x[1])
        (once.float().sum() + again.float().sum()).backward()
        assert linear.weight.grad.dtype == torch.float32
        expected = x.float().sum((0, 1)).expand(64, 64)
        assert torch.allclose(linear.weight.grad, expected, atol=0.1)
        assert torch.allclose(once, x[0] @ linear.weight.bfloat16().T + linear.bias.bfloat16(), atol=0.05)
        forget_casts()

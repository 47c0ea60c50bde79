"""Training computes what the reference does: lightened modules, unpadded towers and grouped prompts change nothing."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch trains the tour model; the environment of `make parity` has it")


def test_losses_equal_the_reference_model_on_every_conversation() -> None:
    import torch.nn.functional as F
    from tour_model import network, samples
    from tour_model.architecture import token_id
    from tour_model.light import lighten
    from tour_model.tokenizer import build_tokenizer
    from tour_model.train import tensors

    torch.manual_seed(0)
    model, head = network.build_model().eval(), network.CellHead(384)
    batch = samples.make_batch(np.random.default_rng(3), 2)
    arrays = tensors(batch)
    prefix = torch.tensor(samples.prompt_prefix(build_tokenizer()))
    places = torch.from_numpy(samples.positions(batch.columns, batch.rows))[None]
    images = torch.full((batch.columns * batch.rows,), token_id("<|image|>"))
    total, count = torch.zeros(()), 0
    with torch.no_grad():
        for group in arrays["groups"]:
            width = group["tokens"].shape[1]
            for row, tokens in enumerate(group["tokens"]):
                picture = int(group["pictures"][row])
                logits = model(
                    input_ids=torch.cat([prefix, images, tokens])[None],
                    pixel_values=arrays["patches"][picture][None].float() / 255,
                    image_position_ids=places,
                ).logits[0, len(prefix) + len(images) :]
                mine = group["asked"] // width == row
                total += F.cross_entropy(logits[group["asked"][mine] % width], group["wanted"][mine], reduction="sum")
                count += int(mine.sum())
        lighten(model)
        ours = network.losses(model, head, arrays, batch.columns, batch.rows, prefix).answer
    assert ours.item() == pytest.approx((total / count).item(), abs=1e-5)


def test_finite_clip_bounds_are_not_skipped() -> None:
    from tour_model.light import lighten
    from tour_model.network import build_model

    model = build_model()
    model.model.vision_tower.encoder.layers[0].mlp.gate_proj.input_max.fill_(3.0)
    with pytest.raises(ValueError, match="finite bounds"):
        lighten(model)

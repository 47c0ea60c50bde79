"""Trains the tour model on pictures drawn as it goes; stops on time, saves, and goes on from where it stood.

    PYTHONPATH=packaging python -m tour_model.train --minutes 20 --out run/        # from scratch, on an NVIDIA GPU
    PYTHONPATH=packaging python -m tour_model.train --minutes 20 --out run2/ --resume run/

The learning rate follows the clock: it rises for the first 2 % of the minutes, holds, and falls over the last 45 %.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from tour_model.light import lighten
from tour_model.network import CellHead, build_model, losses
from tour_model.samples import MIXES, Batch, Group, endless_batches, prompt_prefix
from tour_model.tokenizer import build_tokenizer

WARM_UP, COOL_DOWN = 0.02, 0.45
MUON_LR = 2.5  # times the learning rate of AdamW
CELL_WEIGHTS = {"present": 1.0, "box": 12.0, "name": 0.5}
LEAST_CELLS = 0.15  # what the cell losses' weight falls to
PIECE_BYTES = 14_000_000
POOL, POOL_FROM = 24, 60  # batches kept to be met again, and the first step that does
ARRAYS = [f.name for f in fields(Batch) if f.name not in ("columns", "rows", "groups")]
GROUP_ARRAYS = [f.name for f in fields(Group)]
Loaded = tuple[int, int, dict[str, Any]]


class Pictures(IterableDataset):  # type: ignore[type-arg]
    """Endless batches; every worker draws its own, from its own seed."""

    def __init__(self, seed: int, size: int, mix: str) -> None:
        self.seed, self.size, self.mix = seed, size, mix

    def __iter__(self) -> Iterator[Loaded]:
        worker = get_worker_info()
        torch.set_num_threads(1)
        for batch in endless_batches(self.seed * 1000 + (worker.id if worker else 0), self.size, self.mix):
            yield batch.columns, batch.rows, tensors(batch)


def batches(args: argparse.Namespace, device: torch.device) -> Iterator[Loaded]:
    """Batches on the device, each met `--uses` times where drawing cannot keep up."""
    loader = DataLoader(
        Pictures(args.seed, args.batch, args.mix), batch_size=None, num_workers=args.workers,
        prefetch_factor=3 if args.workers else None, pin_memory=device.type == "cuda",
    )  # fmt: skip
    pool: list[Loaded] = []
    for step, (columns, rows, arrays) in enumerate(loader):
        fresh = columns, rows, _moved(arrays, device)
        yield fresh
        if args.uses > 1:
            pool = [*pool, fresh][-POOL:]
            for _ in range(args.uses - 1 if step >= POOL_FROM else 0):
                yield random.choice(pool)


def tensors(batch: Batch) -> dict[str, Any]:
    """A batch's arrays as tensors that share their memory."""
    arrays: dict[str, Any] = {name: torch.from_numpy(getattr(batch, name)) for name in ARRAYS}
    groups = [{name: torch.from_numpy(getattr(group, name)) for name in GROUP_ARRAYS} for group in batch.groups]
    return arrays | {"groups": groups}


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(device, non_blocking=True)
    return (
        {k: _moved(v, device) for k, v in value.items()}
        if isinstance(value, dict)
        else [_moved(v, device) for v in value]
    )


def rate(progress: float) -> float:
    """Learning-rate factor at this fraction of the run."""
    return max(0.0, min(1.0, progress / WARM_UP, (1 - progress) / COOL_DOWN))


def optimizers(model: Any, head: CellHead, lr: float, use_muon: bool) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices (Jordan et al. 2024), AdamW for the rest; frozen parameters are left out."""
    matrices, tables, vectors = [], [], []
    for name, parameter in [*model.named_parameters(), *head.named_parameters()]:
        if parameter.requires_grad:
            inner = parameter.dim() == 2 and ".layers." in name
            (matrices if inner and use_muon else tables if parameter.dim() >= 2 else vectors).append(parameter)
    groups = [{"params": tables, "weight_decay": 0.02}, {"params": vectors, "weight_decay": 0.0}]
    opts: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), fused=True)]
    if matrices:
        opts.append(
            torch.optim.Muon(
                matrices, lr=MUON_LR * lr, weight_decay=0.02, momentum=0.95, adjust_lr_fn="match_rms_adamw"
            )
        )
    for opt in opts:
        for group in opt.param_groups:
            group["full_lr"] = group["lr"]
    return opts


def update(opts: list[torch.optim.Optimizer], parameters: list[torch.nn.Parameter], factor: float) -> None:
    """One step of all optimizers at this fraction of their full rates, gradients clipped to norm 1."""
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for opt in opts:
        for group in opt.param_groups:
            group["lr"] = group["full_lr"] * factor
        opt.step()
        opt.zero_grad(set_to_none=True)


def save_weights(model: Any, head: CellHead, folder: Path) -> None:
    """Writes float16 weights in pieces small enough to carry."""
    state = {f"model.{k}": v for k, v in model.state_dict().items()} | {
        f"head.{k}": v for k, v in head.state_dict().items()
    }
    pieces: list[dict[str, torch.Tensor]] = [{}]
    for name, value in state.items():
        if sum(v.numel() * 2 for v in pieces[-1].values()) + value.numel() * 2 > PIECE_BYTES:
            pieces.append({})
        pieces[-1][name] = value.detach().to("cpu", torch.float16).clone()
    for index, piece in enumerate(pieces):
        save_file(piece, folder / f"weights-{index}.safetensors")


def load_weights(model: Any, head: CellHead, folder: Path) -> None:
    """Reads what `save_weights` wrote; a name on one side only is an error."""
    state: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("weights-*.safetensors")):
        state |= load_file(path)
    for prefix, module in (("model.", model), ("head.", head)):
        module.load_state_dict({k.removeprefix(prefix): v.float() for k, v in state.items() if k.startswith(prefix)})


def train(args: argparse.Namespace) -> None:
    """Runs until the minutes are over."""
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    torch.set_float32_matmul_precision("high")
    device = torch.device(args.device)
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    model, head = build_model(), CellHead(384)
    if args.resume:
        load_weights(model, head, args.resume)
    lighten(model)
    tower = model.model.vision_tower
    for module in [tower.patch_embedder, *tower.encoder.layers[: args.freeze_layers]] if args.freeze_layers else []:
        module.requires_grad_(False)
    model.to(device).train()
    head.to(device).train()
    parameters = [p for p in [*model.parameters(), *head.parameters()] if p.requires_grad]
    opts = optimizers(model, head, args.lr, args.muon)
    prefix = torch.tensor(prompt_prefix(build_tokenizer()), device=device)
    args.out.mkdir(parents=True, exist_ok=True)
    begun = kept = time.monotonic()
    with (args.out / "log.jsonl").open("a") as log:
        for step, (columns, rows, batch) in enumerate(batches(args, device), start=1):
            progress = (time.monotonic() - begun) / (args.minutes * 60)
            if progress >= 1 or step == args.steps + 1:
                break
            loss = losses(model, head, batch, columns, rows, prefix, dtype)
            cells = sum(weight * getattr(loss, name) for name, weight in CELL_WEIGHTS.items())
            (loss.answer + max(LEAST_CELLS, 1 - progress) * cells).backward()
            update(opts, parameters, rate(progress))
            if step % args.every == 0:
                row = {f.name: round(getattr(loss, f.name).item(), 4) for f in fields(loss)}
                row |= {
                    "step": step,
                    "pictures": step * args.batch,
                    "seconds": round(time.monotonic() - begun, 1),
                    "lr": opts[0].param_groups[0]["lr"],
                }
                print(json.dumps(row), file=log, flush=True)
                print(json.dumps(row), flush=True)
            if time.monotonic() - kept > args.keep_every:
                kept = time.monotonic()
                save_weights(model, head, args.out)
    save_weights(model, head, args.out)
    print(f"done: {step - 1} steps of {args.batch} pictures in {time.monotonic() - begun:.0f} s", flush=True)


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--mix", choices=MIXES, default="boxes", help="what is asked about the pictures")
    parser.add_argument(
        "--freeze-layers", type=int, default=0, help="leave this many of the tower's first layers as they are"
    )
    parser.add_argument("--batch", type=int, default=512, help="pictures a step")
    parser.add_argument(
        "--uses", type=int, default=2, help="how often a batch is met, where drawing is slower than the GPU"
    )
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--workers", type=int, default=15)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=-1, help="stop after so many steps, whatever the clock says")
    parser.add_argument("--every", type=int, default=25, help="steps between lines of the log")
    parser.add_argument("--keep-every", type=float, default=180, help="seconds between saves")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    train(parser.parse_args())


if __name__ == "__main__":
    main()

"""Trains the tour model on pictures drawn and recordings mixed as it goes; stops on time, saves, and goes on later.

    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run/      # from scratch, on an NVIDIA GPU
    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run2/ --resume run/
    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run3/ --bundled --shapes 192 --pages 128
    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run4/ --bundled --shapes 128 --speech 900
        --clips 24 --spoken shards/

Every step takes one batch of each kind that is asked for, and learns from all of them at once.

The learning rate follows the clock: it rises for the first 2 % of the minutes, holds, and falls over the last 45 %.
"""

import argparse
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from tour_model.batches import Batch, Group, Sounds
from tour_model.kept import load_bundled, load_weights, save_weights
from tour_model.light import forget_casts, lighten
from tour_model.network import CellHead, Losses, build_model, losses
from tour_model.pages.samples import make_page_batch
from tour_model.samples import MIXES, make_batch
from tour_model.speech.samples import make_clip_batch, make_speech_batch
from tour_model.speech.store import Store
from tour_model.speech.tower import AUDIO_PARTS

WARM_UP, COOL_DOWN = 0.02, 0.45
MUON_LR = 2.5  # times the learning rate of AdamW
CELL_WEIGHTS = {"present": 1.0, "box": 12.0, "name": 0.5, "words": 0.15, "letters": 1.0}
LEAST_CELLS = 0.15  # what the cell losses' weight falls to
POOL, POOL_FROM = 24, 60  # steps' batches kept to be met again, and the first step that does
Loaded = list[tuple[int, int, dict[str, Any]]]


class Samples(IterableDataset):  # type: ignore[type-arg]
    """The batches of endless steps; every worker draws its own, from its own seed."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args

    def __iter__(self) -> Iterator[Loaded]:
        worker = get_worker_info()
        torch.set_num_threads(1)
        args = self.args
        rng = np.random.default_rng(args.seed * 1000 + (worker.id if worker else 0))
        spoken = Store(args.spoken) if args.spoken else None
        while True:
            made = [make_batch(rng, args.shapes, args.mix)] if args.shapes else []
            made += [make_page_batch(rng, args.pages)] if args.pages else []
            made += [make_speech_batch(rng, spoken, args.speech)] if spoken and args.speech else []
            made += [make_clip_batch(rng, spoken, args.clips)] if spoken and args.clips else []
            yield [(batch.columns, batch.rows, tensors(batch)) for batch in made]


def steps(args: argparse.Namespace, device: torch.device) -> Iterator[Loaded]:
    """The batches of each step on the device, each met `--uses` times where drawing cannot keep up."""
    loader = DataLoader(
        Samples(args), batch_size=None, num_workers=args.workers,
        prefetch_factor=3 if args.workers else None, pin_memory=device.type == "cuda",
    )  # fmt: skip
    pool: list[Loaded] = []
    for step, made in enumerate(loader):
        fresh = [(columns, rows, _moved(arrays, device)) for columns, rows, arrays in made]
        yield fresh
        if args.uses > 1:
            pool = [*pool, fresh][-POOL:]
            for _ in range(args.uses - 1 if step >= POOL_FROM else 0):
                yield random.choice(pool)


def tensors(batch: Batch) -> dict[str, Any]:
    """A batch's arrays as tensors that share their memory."""
    truth: dict[str, Any] | None = None
    if batch.truth:
        truth = {name: torch.from_numpy(getattr(batch.truth, name)) for name in ("present", "cells", "boxes", "words")}
        truth["names"] = {name: torch.from_numpy(array) for name, array in batch.truth.names.items()}
    groups = [_as_tensors(group) for group in batch.groups]
    sounds = _as_tensors(batch.sounds) if batch.sounds else None
    return {"patches": torch.from_numpy(batch.patches), "truth": truth, "groups": groups, "sounds": sounds}


def _as_tensors(arrays: Group | Sounds) -> dict[str, torch.Tensor]:
    return {field.name: torch.from_numpy(getattr(arrays, field.name)) for field in fields(arrays)}


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {k: _moved(v, device) for k, v in value.items()}
    if value is None:
        return None
    return [_moved(v, device) for v in value]


def rate(progress: float) -> float:
    """Learning-rate factor at this fraction of the run."""
    return max(0.0, min(1.0, progress / WARM_UP, (1 - progress) / COOL_DOWN))


def optimizers(model: Any, head: CellHead, args: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices (Jordan et al. 2024), AdamW for the rest; frozen parameters are left out.

    What hears and the head learn at the full rate, the rest at `--old-rate` of it.
    """
    sorts: dict[tuple[str, float], list[torch.nn.Parameter]] = defaultdict(list)
    for name, parameter in [*model.named_parameters(), *head.named_parameters(prefix="head")]:
        if parameter.requires_grad:
            new = name.startswith("head.") or any(part in name for part in AUDIO_PARTS)
            inner = parameter.dim() == 2 and ".layers." in name
            sort = "matrix" if inner and args.muon else "table" if parameter.dim() >= 2 else "vector"
            sorts[sort, 1.0 if new else args.old_rate].append(parameter)
    groups: dict[str, list[dict[str, Any]]] = {"muon": [], "adamw": []}
    for (sort, part), parameters in sorts.items():
        lr = args.lr * part * (MUON_LR if sort == "matrix" else 1.0)
        group = {"params": parameters, "lr": lr, "full_lr": lr, "weight_decay": 0.0 if sort == "vector" else 0.02}
        groups["muon" if sort == "matrix" else "adamw"].append(group)
    opts: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups["adamw"], betas=(0.9, 0.95), fused=True)]
    if groups["muon"]:
        opts.append(torch.optim.Muon(groups["muon"], momentum=0.95, adjust_lr_fn="match_rms_adamw"))
    return opts


def update(opts: list[torch.optim.Optimizer], parameters: list[torch.nn.Parameter], factor: float) -> None:
    """One step of all optimizers at this fraction of their full rates, gradients clipped to norm 1."""
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for opt in opts:
        for group in opt.param_groups:
            group["lr"] = group["full_lr"] * factor
        opt.step()
        opt.zero_grad(set_to_none=True)


def learn(model: Any, head: CellHead, made: Loaded, cell_weight: float, dtype: torch.dtype) -> list[Losses]:
    """Gradients of one step: its batches count alike, however many tokens they have."""
    found = []
    for columns, rows, batch in made:
        loss = losses(model, head, batch, columns, rows, dtype)
        cells = sum(weight * getattr(loss, name) for name, weight in CELL_WEIGHTS.items())
        ((loss.answer + cell_weight * cells) / len(made)).backward()
        forget_casts()
        found.append(loss)
    return found


def train(args: argparse.Namespace) -> None:
    """Runs until the minutes are over."""
    os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")  # no two batches have the same shapes
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    torch.set_float32_matmul_precision("high")
    device = torch.device(args.device)
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    model, head = build_model(), CellHead(384)
    if args.resume:
        load_weights(model, head, args.resume)
    elif args.bundled:
        load_bundled(model)
    lighten(model)
    tower = model.model.vision_tower
    for module in [tower.patch_embedder, *tower.encoder.layers[: args.freeze_layers]] if args.freeze_layers else []:
        module.requires_grad_(False)
    model.to(device).train()
    head.to(device).train()
    parameters = [p for p in [*model.parameters(), *head.parameters()] if p.requires_grad]
    opts = optimizers(model, head, args)
    args.out.mkdir(parents=True, exist_ok=True)
    begun = kept = time.monotonic()
    profile = _profiler(args.profile) if args.profile else nullcontext()
    with (args.out / "log.jsonl").open("a") as log, profile as profiler:
        for step, made in enumerate(steps(args, device), start=1):
            progress = (time.monotonic() - begun) / (args.minutes * 60)
            if progress >= 1 or step == args.steps + 1:
                break
            found = learn(model, head, made, max(LEAST_CELLS, 1 - progress), dtype)
            update(opts, parameters, rate(progress))
            if profiler is not None:
                profiler.step()
            if step % args.every == 0:
                row = {"step": step, "seconds": round(time.monotonic() - begun, 1), "lr": opts[0].param_groups[0]["lr"]}
                row |= {f.name: [round(getattr(loss, f.name).item(), 4) for loss in found] for f in fields(Losses)}
                print(json.dumps(row), file=log, flush=True)
                print(json.dumps(row), flush=True)
            if time.monotonic() - kept > args.keep_every:
                kept = time.monotonic()
                save_weights(model, head, args.out)
    save_weights(model, head, args.out)
    print(f"done: {step - 1} steps in {time.monotonic() - begun:.0f} s", flush=True)


def _profiler(after: int) -> torch.profiler.profile:
    """Prints where the time of three steps goes, once so many are done."""
    schedule = torch.profiler.schedule(wait=max(0, after - 1), warmup=1, active=3, repeat=1)

    def show(found: torch.profiler.profile) -> None:
        for order in ("self_cuda_time_total", "self_cpu_time_total"):
            print(found.key_averages().table(sort_by=order, row_limit=25, max_name_column_width=60), flush=True)

    return torch.profiler.profile(schedule=schedule, on_trace_ready=show)


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="folder of an earlier run")
    parser.add_argument("--bundled", action="store_true", help="begin with the shipped weights")
    parser.add_argument("--mix", choices=MIXES, default="boxes", help="what is asked about the pictures")
    parser.add_argument(
        "--freeze-layers", type=int, default=0, help="leave this many of the tower's first layers as they are"
    )
    parser.add_argument("--shapes", type=int, default=512, help="pictures of shapes a step")
    parser.add_argument("--pages", type=int, default=0, help="pictures of pages a step")
    parser.add_argument("--speech", type=float, default=0, help="seconds of recordings a step")
    parser.add_argument("--clips", type=int, default=0, help="clips a step")
    parser.add_argument("--spoken", type=Path, help="folder of shards that tour_model.speech.make wrote")
    parser.add_argument(
        "--uses", type=int, default=2, help="how often a batch is met, where drawing is slower than the GPU"
    )
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--old-rate", type=float, default=1.0, help="part of it for all but the audio tower")
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--workers", type=int, default=15)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=-1, help="stop after so many steps, whatever the clock says")
    parser.add_argument("--profile", type=int, default=0, metavar="STEP", help="say where three steps' time goes")
    parser.add_argument("--every", type=int, default=25, help="steps between lines of the log")
    parser.add_argument("--keep-every", type=float, default=180, help="seconds between saves")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    train(parser.parse_args())


if __name__ == "__main__":
    main()

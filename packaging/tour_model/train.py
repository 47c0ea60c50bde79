"""Trains the tour model on pictures drawn and recordings mixed as it goes; stops on time, saves, and goes on later.

    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run/      # from scratch, on an NVIDIA GPU
    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run2/ --resume run/
    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run3/ --bundled --pages 64 --shapes 32
        --replay 0.25
    PYTHONPATH=packaging:. python -m tour_model.train --minutes 20 --out run4/ --bundled --shapes 128 --speech 900
        --clips 24 --spoken shards/

Every step takes one batch of each kind that is asked for, and learns from all of them at once.

The learning rate follows the clock: it rises for the first 2 % of the minutes, holds, and falls over the last 45 %.
Told to end (SIGTERM, or Ctrl-C), it saves what it has. A step too large for the GPU is left out, and smaller ones are
drawn from then on.
"""

import argparse
import gc
import math
import multiprocessing as mp
import random
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tour_model.architecture import FRAMES_OF_A_CLIP, SHAPES_BUDGET
from tour_model.batches import CELL
from tour_model.kept import BUNDLED, hear, load_bundled, load_weights, save_weights
from tour_model.light import forget_casts, lighten
from tour_model.loading import Feeder, Ring, each, met_again, plain_steps, tensors
from tour_model.muon import Muon
from tour_model.network import CellHead, Losses, build_model, losses
from tour_model.pages.samples import PAGES_BUDGET, make_page_batch
from tour_model.samples import MIXES, make_batch
from tour_model.speech.samples import make_clip_batch, make_speech_batch
from tour_model.speech.store import Store
from tour_model.speech.tower import AUDIO_PARTS
from tour_model.training_log import Log

WARM_UP, COOL_DOWN = 0.02, 0.45
MUON_LR = 2.5  # times the learning rate of AdamW
CELL_WEIGHTS = {"present": 1.0, "box": 12.0, "name": 0.5, "words": 0.3, "letters": 1.0}
LEAST_CELLS = 0.25  # what the cell losses' weight falls to
Step = list[tuple[int, int, dict[str, Any]]]  # columns and rows of each batch's grid, and the batch


def drawn(args: argparse.Namespace, part: Any, worker: int) -> Iterator[Step]:
    """Endless steps of arrays; every worker draws its own, from its own seed, `part` of what was asked for."""
    rng = np.random.default_rng(args.seed * 1000 + worker)
    spoken = Store(args.spoken) if args.spoken else None
    while True:
        pages, shapes, clips = (math.ceil(count * part.value) for count in (args.pages, args.shapes, args.clips))
        made = [make_batch(rng, shapes, args.mix)] if shapes else []
        made += [make_page_batch(rng, pages)] if pages else []
        made += [make_speech_batch(rng, spoken, args.speech * part.value)] if spoken and args.speech else []
        made += [make_clip_batch(rng, spoken, clips)] if spoken and clips else []
        yield [(batch.columns, batch.rows, batch.arrays()) for batch in made]


def slot_bytes(args: argparse.Namespace) -> int:
    """More than nearly any step takes: three pictures for two pages, tokens and truth of all."""
    pixels = 3 * args.pages * PAGES_BUDGET // 2 + (args.shapes + FRAMES_OF_A_CLIP * args.clips) * SHAPES_BUDGET
    return (
        pixels * CELL * CELL * 3 + (args.pages + args.shapes + args.clips) * 100_000 + int(args.speech * 80_000) + 2**24
    )


def steps(args: argparse.Namespace, ring: Ring | None, device: torch.device, part: Any) -> Iterator[Step]:
    """The batches of each step on the device, each met `--uses` times where drawing cannot keep up."""
    if ring is None:
        found = (each(lambda one: one.to(device), tensors(step), torch.Tensor) for step in drawn(args, part, 0))
        return met_again(found, args.uses)
    return met_again(plain_steps(ring, device) if args.plain else Feeder(ring, device).steps(), args.uses)


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
        opts.append(Muon(groups["muon"]))
    return opts


def update(opts: list[torch.optim.Optimizer], parameters: list[torch.nn.Parameter], factor: float) -> None:
    """One step of all optimizers at this fraction of their full rates, gradients clipped to norm 1."""
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for opt in opts:
        for group in opt.param_groups:
            group["lr"] = group["full_lr"] * factor
        opt.step()
        opt.zero_grad(set_to_none=True)


def learn(
    model: Any, head: CellHead, made: Step, shares: list[float], cells: float, dtype: torch.dtype
) -> list[Losses]:
    """Gradients of one step: each of its batches has its share of the loss, however many tokens it has."""
    found = []
    for (columns, rows, batch), share in zip(made, shares, strict=True):
        loss = losses(model, head, batch, columns, rows, dtype)
        of_cells = sum(weight * getattr(loss, name) for name, weight in CELL_WEIGHTS.items())
        ((loss.weighed + cells * of_cells) * share).backward()
        forget_casts()
        found.append(each(torch.detach, vars(loss), torch.Tensor))
    return [Losses(**loss) for loss in found]


def shares_of(args: argparse.Namespace, batches: int) -> list[float]:
    """Parts of a step's loss: `--replay` of it is shapes', which come first, the rest is shared alike."""
    if not args.shapes or batches == 1:
        return [1 / batches] * batches
    return [args.replay] + [(1 - args.replay) / (batches - 1)] * (batches - 1)


def begin(args: argparse.Namespace, device: torch.device) -> tuple[Any, CellHead]:
    """The model and the head that a run begins with."""
    start = args.resume or BUNDLED.parent
    model, head = build_model(audio=bool(args.spoken) or hear(start)), CellHead(384)
    if args.resume:
        load_weights(model, head, args.resume)
    elif args.bundled:
        load_bundled(model)
    lighten(model)
    tower = model.model.vision_tower
    for module in [tower.patch_embedder, *tower.encoder.layers[: args.freeze_layers]] if args.freeze_layers else []:
        module.requires_grad_(False)
    return model.to(device).train(), head.to(device).train()


def train(args: argparse.Namespace) -> None:
    """Runs until the minutes are over, or until it is told to end."""
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    torch.set_float32_matmul_precision("high")
    device, part = torch.device(args.device), mp.get_context("fork").Value("d", 1.0)
    ring = Ring(partial(drawn, args, part), args.workers, slot_bytes(args)) if args.workers else None
    model, head = begin(args, device)
    args.out.mkdir(parents=True, exist_ok=True)
    told: list[int] = []
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: told.append(number))
    gc.freeze()
    try:
        _run(args, model, head, steps(args, ring, device, part), part, told)
    finally:
        if ring:
            ring.close()
        save_weights(model, head, args.out)


def _run(
    args: argparse.Namespace, model: Any, head: CellHead, steps: Iterator[Step], part: Any, told: list[int]
) -> None:
    parameters = [p for p in [*model.parameters(), *head.parameters()] if p.requires_grad]
    device, opts = parameters[0].device, optimizers(model, head, args)
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    profile = _profiler(args.profile, device) if args.profile else nullcontext()
    begun = kept = time.monotonic()
    with (args.out / "log.jsonl").open("a") as file, profile as profiler:
        log = Log(file, args.every, device)
        for step in count(1):
            made = log.waited_for(steps)
            progress = (time.monotonic() - begun) / (args.minutes * 60)
            if progress >= 1 or step == args.steps + 1 or told:
                break
            found, cells = None, max(LEAST_CELLS, 1 - progress)
            with suppress(torch.OutOfMemoryError):
                found = learn(model, head, made, shares_of(args, len(made)), cells, dtype)
            if found is None:
                _make_room(opts, part)
                continue
            update(opts, parameters, rate(progress))
            if profiler is not None:
                profiler.step()
            log.done(step, found, lr=opts[0].param_groups[0]["lr"], drawn=part.value)
            if time.monotonic() - kept > args.keep_every:
                kept = time.monotonic()
                save_weights(model, head, args.out)
    print(f"done: {step - 1} steps in {time.monotonic() - begun:.0f} s", flush=True)


def _make_room(opts: list[torch.optim.Optimizer], part: Any) -> None:
    """After a step that did not fit: it is left out, and those drawn from now on are smaller."""
    forget_casts()
    for opt in opts:
        opt.zero_grad(set_to_none=True)
    torch.cuda.empty_cache()
    part.value *= 0.9
    print(f"out of memory: {part.value:.2f} of what was asked for is drawn from now on", flush=True)


def _profiler(after: int, device: torch.device) -> torch.profiler.profile:
    """Prints where the time of three steps goes, once so many are done, and where the host waits for the GPU."""
    if device.type == "cuda":
        torch.cuda.set_sync_debug_mode("warn")
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
    parser.add_argument("--replay", type=float, default=0.5, help="part of the loss that is shapes', beside others")
    parser.add_argument("--speech", type=float, default=0, help="seconds of recordings a step")
    parser.add_argument("--clips", type=int, default=0, help="clips a step")
    parser.add_argument("--spoken", type=Path, help="folder of shards that tour_model.speech.make wrote")
    parser.add_argument(
        "--uses", type=int, default=1, help="how often a batch is met, where drawing is slower than the GPU"
    )
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--old-rate", type=float, default=1.0, help="part of it for all but the audio tower")
    parser.add_argument("--muon", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--workers", type=int, default=15, help="processes that draw; 0 to draw between steps")
    parser.add_argument("--plain", action="store_true", help="copy each step to the device when it is needed")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=-1, help="stop after so many steps, whatever the clock says")
    parser.add_argument("--profile", type=int, default=0, metavar="STEP", help="say where three steps' time goes")
    parser.add_argument("--every", type=int, default=25, help="steps between lines of the log")
    parser.add_argument("--keep-every", type=float, default=180, help="seconds between saves")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    train(parser.parse_args())


if __name__ == "__main__":
    main()

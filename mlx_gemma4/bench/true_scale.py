"""`python -m mlx_gemma4.bench.true_scale SIZE --bits 4`: a published size with random weights, beside the peers.

Writes a checkpoint of the size, or takes one that it wrote before, loads it in a process of each contender, and runs a
short prompt with an answer, greedy and with Gemma's sampling, a long one, a picture, and a sound where the model hears.
Prints medians of alternating runs, and our peak memory beside what was predicted from the config alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import mlx.core as mx

from mlx_gemma4.bench.contenders import LOADERS, OURS
from mlx_gemma4.bench.divergence import measure_divergences
from mlx_gemma4.bench.jobs import SAMPLED_DECODE, Job, RunFigures
from mlx_gemma4.bench.prediction import predicted_peak
from mlx_gemma4.bench.prompts import read_config
from mlx_gemma4.bench.random_folder import write_random_folder
from mlx_gemma4.bench.report import Figure, format_table, in_ms, make_row
from mlx_gemma4.bench.rounds import measure
from mlx_gemma4.bench.sizes import SIZES, shrunk
from mlx_gemma4.host import slow_reasons
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.protocol.errors import CheckpointError
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.recipe import protecting

LONG_PROMPT, SHORT_PROMPT, ANSWER = 4_096, 32, 128
PICTURE = (60, 42)  # patches: 280 soft tokens
SOUND_SECONDS = 10.0
SMALLER = 64
"""What prompts and answers are divided by where the model is shrunk."""
DIVERGENCE_TOKENS = 256


def jobs_for(config: Gemma4Config, *, small: bool) -> list[Job]:
    """What is run on a size: the jobs that its senses allow."""
    by = SMALLER if small else 1
    answer, media = max(ANSWER // by, 4), max(ANSWER // by // 8, 4)
    jobs = [
        Job("short prompt", SHORT_PROMPT, answer),
        Job("long prompt", LONG_PROMPT // by, answer),
        Job("sampled", SHORT_PROMPT, answer, SAMPLED_DECODE.sampling),
        Job("picture", SHORT_PROMPT, media, picture=(9, 6) if small else PICTURE),
    ]
    if config.audio is not None:
        jobs.append(Job("sound", SHORT_PROMPT, media, sound_seconds=1.0 if small else SOUND_SECONDS))
    return jobs


def figures_of(jobs: Sequence[Job]) -> list[Figure]:
    """The lines of the table."""
    short, long, sampled, *media = jobs
    speed = [
        Figure(f"decode after {job.prompt_tokens} tokens", "tok/s", job, lambda run: run.decode_rate, True)
        for job in (short, long)
    ]
    speed.append(Figure("decode, sampled", "tok/s", sampled, lambda run: run.decode_rate, True))
    host = [
        Figure("host processor time per token", "ms", short, lambda run: in_ms(run.host_processor_time), False),
        Figure("host wall time per token", "ms", short, lambda run: in_ms(run.host_wall_time), False),
    ]
    first = [
        Figure(f"first token, {job.name}", "ms", job, lambda run: in_ms(run.time_to_first_token), False)
        for job in media
    ]
    peaks = [Figure(f"peak memory, {job.name}", "MB", job, lambda run: run.peak_memory / 1e6, False) for job in jobs]
    prefill = Figure(f"prefill of {long.prompt_tokens} tokens", "tok/s", long, lambda run: run.prefill_rate, True)
    return [*speed, *host, prefill, *first, *peaks]


def memory_lines(folder: Path, results: Mapping[Job, Mapping[str, Sequence[RunFigures]]]) -> list[str]:
    """Our peaks beside the predicted ones, a line for each job."""
    lines = [f"{'':16}{'measured':>12}{'predicted':>12}{'difference':>12}"]
    for job, runs in results.items():
        if ours := runs.get(OURS):
            measured, predicted = max(run.peak_memory for run in ours), predicted_peak(folder, job)
            difference = f"{predicted / measured - 1:+.1%}"
            lines.append(f"{job.name:16}{measured / 1e6:9.0f} MB{predicted / 1e6:9.0f} MB{difference:>12}")
    return lines


def run(options: argparse.Namespace, folder: Path) -> str:
    """Write the checkpoint if it is not there, measure, and give the report.

    Raises:
        CheckpointError: the folder holds another checkpoint than the one asked for.
    """
    config = shrunk(SIZES[options.size]) if options.shrink else SIZES[options.size]
    _write_or_check(folder, config, options.bits, getattr(mx, options.floats))
    jobs = jobs_for(config, small=options.shrink)
    results = measure(folder, jobs, options.rounds, options.contenders)
    rows = [make_row(figure, results[figure.job]) for figure in figures_of(jobs)]
    parts = [
        f"{options.size}, {options.bits} bits, random weights{', shrunk' if options.shrink else ''}: {_device()}",
        format_table(rows, list(LOADERS)),
        "\n".join(memory_lines(folder, results)),
    ]
    if options.divergence:
        parts.append(str(measure_divergences(folder, DIVERGENCE_TOKENS // (SMALLER if options.shrink else 1) + 8)))
    return "\n\n".join(parts) + "\n"


def _write_or_check(folder: Path, config: Gemma4Config, bits: int, floats: mx.Dtype) -> None:
    if not (folder / "config.json").exists():
        choose = (lambda _name, _shape: None) if bits == 16 else protecting(Packing(bits, 64))
        write_random_folder(config, folder, choose, floats)
        return
    checkpoint = open_checkpoint(folder)
    stored_bits = checkpoint.config.get("quantization", {}).get("bits", 16)
    if read_config(folder) != config or stored_bits != bits:
        raise CheckpointError(f"{folder} holds another checkpoint.", "Name another folder, or remove it.")


def _device() -> str:
    info = mx.device_info()
    return str(info.get("device_name", info.get("architecture", mx.default_device())))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures one size and prints the report."""
    parser = argparse.ArgumentParser(prog="python -m mlx_gemma4.bench.true_scale", description=__doc__)
    parser.add_argument("size", choices=SIZES, help="a published size")
    parser.add_argument("--bits", type=int, choices=(4, 8, 16), default=4, help="of most weights (default 4)")
    parser.add_argument("--rounds", type=int, default=3, help="measured runs of each contender (default 3)")
    parser.add_argument("--folder", type=Path, help="keep the checkpoint here, or take it from here")
    parser.add_argument(
        "--contenders", nargs="+", choices=LOADERS, default=list(LOADERS), metavar="NAME", help="of all"
    )
    parser.add_argument("--divergence", action="store_true", help="compare with transformers too (needs torch)")
    parser.add_argument("--floats", default="bfloat16", choices=("bfloat16", "float32"), help="of what is not packed")
    parser.add_argument("--shrink", action="store_true", help="the same structure in small, for a CPU")
    options = parser.parse_args(arguments)
    for reason in slow_reasons():
        print(reason, file=sys.stderr)
    try:
        with nullcontext(options.folder) if options.folder else tempfile.TemporaryDirectory() as folder:
            print(run(options, Path(folder)), flush=True)
    except CheckpointError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())

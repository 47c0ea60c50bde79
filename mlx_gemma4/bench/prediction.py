"""The peak that a run of a checkpoint is predicted to have, from its folder's headers and config alone."""

from __future__ import annotations

from pathlib import Path

import mlx.core as mx

from mlx_gemma4.bench.jobs import Job
from mlx_gemma4.bench.prompts import make_prompt
from mlx_gemma4.engine.memory import weight_bytes
from mlx_gemma4.engine.peak_memory import predict_peak
from mlx_gemma4.kernels.backend import Backend, backend
from mlx_gemma4.model.config import Gemma4Config
from mlx_gemma4.prompt.prepared import PreparedPicture, PreparedSound
from mlx_gemma4.weights.checkpoint import open_checkpoint
from mlx_gemma4.weights.key_map import GATHERED
from mlx_gemma4.weights.loader import plan_of
from mlx_gemma4.weights.number_policy import NumberPolicy
from mlx_gemma4.weights.parameters import flat_parameters
from mlx_gemma4.weights.quantization import Packing


def predicted_peak(folder: Path, job: Job) -> int:
    """Bytes at the peak of a job, the model's weights included."""
    model, plan = plan_of(open_checkpoint(folder))
    policy = NumberPolicy.for_device(mx.default_device())
    floats = {source.weight.dtype for sources in plan.sources.values() for source in sources} & {"F32"}
    computes_in_float32 = policy.floats is not None and policy.floats == mx.float32  # a Dtype compares with no None
    itemsize = 4 if computes_in_float32 or floats else 2

    def packing_of(path: str, _shape: tuple[int, ...]) -> Packing | None:
        kept = policy.keep_quantized or path.removesuffix(".weight") in GATHERED
        return plan.sources[path][0].packing if kept else None

    shapes = {path: array.shape for path, array in flat_parameters(model).items()}
    as_stored = {path for path in shapes if path.removesuffix(".weight") in GATHERED and packing_of(path, ()) is None}
    weights = weight_bytes({path: shapes[path] for path in shapes.keys() - as_stored}, itemsize, packing_of)
    weights += sum(source.weight.nbytes for path in as_stored for source in plan.sources[path])
    return peak_of(job, model.config, weights, itemsize, backend())


def peak_of(job: Job, config: Gemma4Config, weights: int, itemsize: int, computes: Backend) -> int:
    """Bytes at the peak of a job, for weights of so many bytes and a backend with numbers of `itemsize` bytes."""
    prompt = make_prompt(job, 0, config)
    peak = predict_peak(
        config,
        weights,
        prompt_tokens=len(prompt.token_ids),
        new_tokens=job.new_tokens,
        pictures=[item.soft_tokens for item in prompt.media if isinstance(item, PreparedPicture)],
        sounds=[item.soft_tokens for item in prompt.media if isinstance(item, PreparedSound)],
        itemsize=itemsize,
        backend=computes,
    )
    return peak.total

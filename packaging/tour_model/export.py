"""Writes the trained weights as the bundled checkpoint: 8-bit matrices, the rest float16, tokenizer and configs.

PYTHONPATH=packaging python -m tour_model.export run/            # → resources/tour
"""

import argparse
import json
import tempfile
from pathlib import Path

import mlx.core as mx
from tour_model import architecture, tokenizer

from mlx_gemma4.weights.conversion import save_quantized
from mlx_gemma4.weights.quantization import Packing
from mlx_gemma4.weights.saving import write_checkpoint

RESOURCES = Path(__file__).parents[2] / "resources" / "tour"


def trained_tensors(run: Path) -> dict[str, mx.array]:
    """The model's tensors that `train` saved in pieces, without what only training needs, under transformers' names."""
    stored: dict[str, mx.array] = {}
    for piece in sorted(run.glob("weights-*.safetensors")):
        loaded = mx.load(str(piece))
        assert isinstance(loaded, dict)
        stored |= loaded
    wanted = {name.removeprefix("model."): array for name, array in stored.items() if name.startswith("model.")}
    wanted.pop("lm_head.weight", None)  # tied to the embeddings
    return wanted


def export(run: Path, target: Path, bits: int = 8) -> None:
    """Writes the checkpoint folder; `bits` 32 leaves every tensor unquantized in float32."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        floats = mx.float32 if bits == 32 else mx.float16
        tensors = {name: array.astype(mx.float32) for name, array in trained_tensors(run).items()}
        hears = any(name.startswith("model.audio_tower.") for name in tensors)
        config = architecture.model_config(hears) | {"dtype": "float32" if bits == 32 else "float16"}
        write_checkpoint(folder, tensors, config)
        beside = {
            "generation_config": architecture.generation_config(),
            "processor_config": architecture.processor_config(hears),
        }
        for name, content in beside.items():
            (folder / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        tokenizer.write(folder)
        packing = None if bits == 32 else Packing(bits=bits, group_size=64, mode="affine")
        save_quantized(folder, target, lambda _name, _shape: packing, floats=floats)


def main() -> None:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder that train wrote")
    parser.add_argument("--out", type=Path, default=RESOURCES)
    parser.add_argument("--bits", type=int, choices=(4, 8, 32), default=8)
    args = parser.parse_args()
    export(args.run, args.out, args.bits)
    print(f"{args.out}: {sum(file.stat().st_size for file in args.out.iterdir()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

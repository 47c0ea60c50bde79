"""Speed and memory of this package beside mlx-lm and mlx-vlm, on the same checkpoints, in alternating runs."""

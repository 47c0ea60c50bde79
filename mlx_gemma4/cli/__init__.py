"""The command lines: `mlx-gemma4` and `prism`."""

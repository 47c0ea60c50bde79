"""Fused operations that MLX does not have, each beside the plain MLX that it replaces; one table picks."""

"""The panel that opens over everything else."""

"""Which release of Prism and `mlx_gemma4` this is; the one place where it stands."""

VERSION = "0.1.0"

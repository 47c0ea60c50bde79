"""Messages to token ids, with the tokenizers library and no mlx."""

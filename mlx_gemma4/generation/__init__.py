"""Prompts in, token ids out."""

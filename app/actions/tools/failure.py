"""Why a tool gave nothing."""

from __future__ import annotations


class ToolError(Exception):
    """A sentence for the model, which may do better with its next call; in English, as tools are declared in it."""

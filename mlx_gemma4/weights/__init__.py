"""Checkpoint folders on disk to a ready model, and back to a folder."""

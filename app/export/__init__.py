"""Boxes as files for other programs: data for training, drawn pictures, crops."""

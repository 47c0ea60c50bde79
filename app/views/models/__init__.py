"""Choosing a model: the chip in the header and the sheet that it opens."""

"""Tests of the app run without a display unless told which one to use."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

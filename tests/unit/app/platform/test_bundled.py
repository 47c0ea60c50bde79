"""Bundled data is found, and its absence is said."""

import pytest

from app.platform.bundled import bundled


def test_samples_are_found() -> None:
    assert (bundled("samples") / "samples.json").is_file()


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="resources/unicorn"):
        bundled("unicorn")

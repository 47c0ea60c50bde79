"""Files for tests of the engine."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 49 megapixels, which takes a while to look at."""
    from PIL import Image

    file = tmp_path_factory.mktemp("huge") / "huge.png"
    tile = Image.effect_noise((500, 500), 60)
    picture = Image.new("L", (7000, 7000))
    for left in range(0, 7000, 500):
        picture.paste(tile, (left, left))
    picture.convert("RGB").save(file, compress_level=1)
    return file

"""Drawing: boxes lie where the grid says, in the picture's own size."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from mlx_gemma4.cli.drawing import COLOURS, HALO, check_output, draw_boxes, pixel_box, save
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.events import BoxFound

WHITE = Image.new("RGB", (400, 200), "white")


def test_the_grid_is_y_first_and_stretches_over_each_side() -> None:
    assert pixel_box((0, 0, 1000, 1000), 400, 200) == (0, 0, 400, 200)
    assert pixel_box((500, 250, 750, 300), 400, 200) == (100, 100, 120, 150)


def test_a_box_is_a_two_pixel_line_between_two_one_pixel_halos() -> None:
    drawn = draw_boxes(WHITE, [BoxFound((250, 250, 750, 750), "")])
    across = [drawn.getpixel((x, 100)) for x in range(96, 106)]
    line, halo, white = ImageColor.getrgb(COLOURS[0]), ImageColor.getrgb(HALO), (255, 255, 255)
    assert across == [white, white, halo, line, line, halo, white, white, white, white]
    assert drawn.getpixel((200, 100)) == white, "nothing is drawn inside"
    assert drawn.size == WHITE.size and WHITE.getpixel((98, 100)) == white, "the original is left alone"


def test_boxes_of_one_label_share_a_colour_and_others_differ() -> None:
    boxes = [BoxFound((100, 100 * n, 900, 100 * n + 60), label) for n, label in enumerate("abca", start=1)]
    drawn = draw_boxes(WHITE.resize((1000, 500)), boxes)
    seen = [drawn.getpixel((100 * n + 60, 400)) for n in range(1, 5)]
    assert seen[0] == seen[3] and len(set(seen)) == 3


def test_a_label_is_written_inside_the_picture_even_at_its_edge() -> None:
    for box in ((0, 0, 500, 500), (0, 950, 1000, 1000), (900, 0, 1000, 10)):
        with_label = draw_boxes(WHITE, [BoxFound(box, "a label\nof words " * 9)])
        assert with_label.tobytes() != draw_boxes(WHITE, [BoxFound(box, "")]).tobytes()


grid = st.integers(0, 1000)


@given(st.tuples(grid, grid, grid, grid), st.text(max_size=60), st.integers(1, 60), st.integers(1, 60))
def test_any_box_and_label_can_be_drawn_on_any_picture(
    box: tuple[int, ...], label: str, width: int, height: int
) -> None:
    y1, x1, y2, x2 = box
    found = BoxFound((min(y1, y2), min(x1, x2), max(y1, y2), max(x1, x2)), label)
    assert draw_boxes(Image.new("RGB", (width, height)), [found]).size == (width, height)


def test_where_a_drawing_can_be_saved_is_checked_first(tmp_path: Path) -> None:
    check_output(tmp_path / "out.png")
    check_output(tmp_path / "out.JPG")
    (tmp_path / "folder.png").mkdir()
    for name, words in (
        ("out.txt", "ending"),
        ("out", "ending"),
        ("no/out.png", "folder of"),
        ("folder.png", "is a folder"),
    ):
        with pytest.raises(MediaError, match=words):
            check_output(tmp_path / name)
    with pytest.raises(MediaError, match="cannot be written"):
        save(WHITE, tmp_path / "folder.png")

"""Half-written pages."""

import pytest

from app.page.half import settled_part


@pytest.mark.parametrize(
    ("written", "settled"),
    [
        ("", ""),
        ("<", ""),
        ("<!doctype ht", ""),
        ("<p>Hello wor", "<p>Hello wor"),
        ("<p>Hello</", "<p>Hello"),
        ('<p>Hello<b style="color:#f8f', "<p>Hello"),
        ("<p>a < b and c > d", "<p>a < b and c > d"),
        ("<html><sty", "<html>"),
        ("<html><style", "<html>"),
        ("<html><style>", "<html>"),
        ("<html><STYLE>body{background:#f8f", "<html>"),
        ("<html><style>body{margin:0;background:#f8f", "<html><style>body{margin:0;"),
        ("<html><style>body{background:#f8f8fa}\nh1{font-si", "<html><style>body{background:#f8f8fa}"),
        ("<style>a{b:c}</sty", "<style>a{b:c}"),
        ("<style>a{b:c}</style><p>one; two", "<style>a{b:c}</style><p>one; two"),
        ("<style>a{}</style><p>1;<style>b{c:", "<style>a{}</style><p>1;"),
    ],
)
def test_what_is_not_written_out_is_left_out(written: str, settled: str) -> None:
    assert settled_part(written) == settled


def test_whole_pages_stay_as_they_are() -> None:
    page = "<!doctype html>\n<html><style>a{b:c}</style><body>Hi</body></html>\n"
    assert settled_part(page) == page

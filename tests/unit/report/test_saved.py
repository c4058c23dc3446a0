"""The line that says what the cache saved."""

from careen.model.runs.reused import Reused
from careen.report.terminal_output.saved import saved_line


def test_nothing_is_said_where_nothing_came_from_the_cache() -> None:
    reused = Reused()
    assert saved_line(reused) == ""
    reused.add(asked=500)
    assert saved_line(reused) == ""


def test_each_kind_is_named_with_its_figure() -> None:
    reused = Reused()
    reused.add(fetched=1_200_000_000, images=1)
    reused.add(images=1, plans=1, answers=8_412, asked=8_450)
    assert saved_line(reused) == (
        "from the cache: 1.20 GB not fetched, the contents of 2 images, 1 plan, 8,412 of 8,450"
        " answers about files (--no-cache reads all again)"
    )

"""When an error comes with its traceback."""

import sys

import pytest

from careen.tools.process import run


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("-vv", "hardn"), True),
        (("-v", "-v", "hardn"), True),
        (("--verbose", "--verbose", "hardn"), True),
        (("-v", "--verbose", "hardn"), True),
        (("-vvvv", "hardn"), True),
        (("-v", "hardn"), False),
        (("--verbose", "hardn"), False),
        (("harden", "-vv"), False),
        (("-v", "harden", "-v", "/a:/b", "--no-such-option"), False),
    ],
)
def test_a_traceback_is_shown_for_two_of_careens_own_v(words: tuple[str, ...], shown: bool) -> None:
    done = run([sys.executable, "-m", "careen", *words], timeout=60)
    assert done.status == 1
    assert ("Traceback" in done.stderr.decode()) is shown

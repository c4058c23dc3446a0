"""A threshold that nothing can answer is crossed; one that is answered for some packages says
so.
"""

from careen.model.comparing.compared import Compared
from careen.triage.policy import parse_fail_on
from careen.triage.unanswered import unanswered, unseen

ANY_OR_KEV = parse_fail_on(["any,kev"])


def test_an_image_of_which_nothing_was_compared_crosses_every_threshold() -> None:
    assert unanswered(ANY_OR_KEV, Compared(1, 0)) == (
        "any: not known: the only package not compared with any advisory",
        "kev: not known: the only package not compared with any advisory",
    )
    assert (
        unanswered(ANY_OR_KEV, Compared(0, 0))[0]
        == "any: not known: no package was found, so nothing was compared"
    )
    assert unseen(ANY_OR_KEV, Compared(3, 0)) == ()


def test_packages_that_were_not_compared_are_counted_beside_a_gate() -> None:
    assert unanswered(ANY_OR_KEV, Compared(847, 324)) == ()
    (warning,) = unseen(ANY_OR_KEV, Compared(847, 324))
    assert warning.startswith(
        "--fail-on any, kev: 523 of 847 packages not compared with any advisory"
    )


def test_without_a_threshold_nothing_is_said() -> None:
    assert unanswered((), Compared(1, 0)) == unseen((), Compared(9, 1)) == ()


def test_an_image_that_was_compared_wholly_has_nothing_open() -> None:
    assert unanswered(ANY_OR_KEV, Compared(9, 9)) == unseen(ANY_OR_KEV, Compared(9, 9)) == ()

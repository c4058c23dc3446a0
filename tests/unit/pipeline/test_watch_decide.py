"""What a pass does about an image, by what has changed; and when a failure is tried again."""

from dataclasses import replace

import pytest

from careen.pipeline.watching.decide import (
    Ask,
    Harden,
    Judge,
    Push,
    Step,
    Unchanged,
    first_step,
)
from careen.pipeline.watching.failure import failed_again, must_wait
from careen.pipeline.watching.inputs import Inputs
from careen.pipeline.watching.state import Awaited, ImageState, Upstream

INPUTS = Inputs("sha256:up", "configuration", "database")
GOOD = ImageState("t:1", Upstream("sha256:up"), "configuration", "database", result="sha256:made")
PUSHED = replace(GOOD, pushed="sha256:made")
HOUR = 3600


@pytest.mark.parametrize(
    ("state", "inputs", "there", "push", "step"),
    [
        (ImageState("t:1"), INPUTS, False, True, Harden(("not hardened yet",))),
        (GOOD, INPUTS, True, False, Unchanged()),
        (GOOD, INPUTS, True, True, Push()),
        (replace(GOOD, awaited=Awaited(("CVE-1",), 1, 1000)), INPUTS, True, False, Ask()),
        (replace(GOOD, awaited=Awaited(("CVE-1",), 1, 1001)), INPUTS, True, False, Unchanged()),
        (replace(GOOD, awaited=Awaited(("CVE-1",), 11, 0)), INPUTS, True, False, Unchanged()),
        (PUSHED, INPUTS, True, True, Unchanged()),
        (GOOD, replace(INPUTS, upstream="sha256:new"), True, False, Harden(("upstream",))),
        (
            GOOD,
            replace(INPUTS, upstream="sha256:new", configuration="other", judged_by="other"),
            True,
            False,
            Harden(("upstream", "configuration")),
        ),
        (GOOD, replace(INPUTS, judged_by="other"), True, True, Judge()),
        (GOOD, INPUTS, False, False, Harden(("result is gone",))),
        (PUSHED, INPUTS, False, True, Unchanged()),
        (PUSHED, replace(INPUTS, judged_by="other"), False, True, Judge()),
    ],
)
def test_the_step_is_that_of_what_has_changed(
    state: ImageState, inputs: Inputs, there: bool, push: bool, step: Step
) -> None:
    assert first_step(state, inputs, 1000.0, there=there, push=push) == step


def test_each_failure_waits_twice_as_long_up_to_a_day_and_other_inputs_begin_anew() -> None:
    clock, waits, failure = 1_000_000.0, [], None
    for _ in range(9):
        failure = failed_again(failure, INPUTS.fingerprint, (3, "broken"), clock)
        waits.append((failure.until - clock) / HOUR)
        clock = failure.until
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 16, 24, 24]
    assert failure is not None
    assert (failure.times, failure.since) == (9, "1970-01-12T13:46:40Z")
    assert must_wait(failure, INPUTS.fingerprint, failure.until - 1)
    assert not must_wait(failure, INPUTS.fingerprint, failure.until)
    other = replace(INPUTS, judged_by="other")
    assert not must_wait(failure, other.fingerprint, clock - HOUR)
    assert failed_again(failure, other.fingerprint, (1, "broken"), clock).times == 1


def test_hundreds_of_failures_wait_a_day() -> None:
    failure = failed_again(None, INPUTS.fingerprint, (1, "x"), 0.0)
    assert (
        failed_again(replace(failure, times=5000), INPUTS.fingerprint, (1, "x"), 0.0).until
        == 24 * HOUR
    )

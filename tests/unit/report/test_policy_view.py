"""What the terminal says of a policy."""

import io
from dataclasses import replace

from rich.console import Console

from careen.model.policies.policy import ChangedPath, ImageChanges, Policy
from careen.model.policies.proof import BlockedBy, PolicyProof, ProbeResult
from careen.report.views.policy import print_policy
from tests.support.policies import policy_of


def lines(policy: Policy) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    print_policy(console, policy, ())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_the_other_groups_of_the_user_are_shown() -> None:
    policy = policy_of()
    shown = lines(replace(policy, user=replace(policy.user, groups=(4242, 44))))
    assert "user           1000:1000, groups 4242, 44 (USER of the image)" in shown


def test_what_the_policy_leaves_open_is_shown() -> None:
    shown = lines(replace(policy_of(), left_open=("programs in /data can be executed",)))
    assert "not stopped    programs in /data can be executed" in shown


def test_each_file_that_is_opened_is_shown() -> None:
    paths = (
        ChangedPath("/srv/a", 0, 10001, 0o640, "the workload uses /srv/a"),
        ChangedPath("/home/app", 10001, 10001, 0o755, "the home directory"),
    )
    shown = lines(replace(policy_of(), changes=ImageChanges("sha256:1", paths, {}, ())))
    opened = [line for line in shown if line.startswith("opened")]
    assert opened == ["opened         /srv/a to group 10001 (640): the workload uses /srv/a"]


def test_a_probe_whose_result_says_nothing_is_not_shown_as_blocked() -> None:
    odd = ProbeResult("device", "make a device", "EEXIST", "ok", BlockedBy.UNKNOWN, already=False)
    shown = lines(replace(policy_of(), proof=PolicyProof("docker", (), (odd,), ())))
    assert "  make a device: not known whether it is blocked (EEXIST)" in shown
    assert "probes         0 of 1 blocked, 0 of them by the policy alone" in shown

"""What `careen policy` runs an image with, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.engines.embedded.accounts import Accounts
from careen.engines.embedded.spec import CAPABILITIES
from careen.errors import InputError
from careen.model.image import ImageConfig
from careen.model.policies.policy import Capability, RunAs, Writable, WritableBy
from careen.model.runs.workload import Confinement, RunOptions
from careen.pipeline.confining.options import Applied, Part, confined
from careen.pipeline.policy import policy_name, run_as
from tests.support.policies import policy_of

PROFILE = Path("/run/seccomp.json")
DATA = Writable("/data", WritableBy.VOLUME, 0, 0, 0o755, executable=False, reason="x")
SPOOL = Writable("/spool", WritableBy.TMPFS, 7, 7, 0o700, executable=False, reason="x")
POLICY = replace(policy_of(), capabilities=(Capability("CAP_CHOWN", "x"),), writable=(DATA, SPOOL))
APPLIED = Applied(POLICY, PROFILE)
CONFINEMENT = Confinement(("CAP_CHOWN",), no_new_privileges=True, seccomp=PROFILE)


def test_a_workload_runs_under_all_of_the_policy() -> None:
    found = confined(RunOptions(env=("A=1",), user="root"), APPLIED)
    assert found == RunOptions(
        env=("A=1",),
        user="1000:1000",
        read_only=True,
        tmpfs=("/spool:rw,nosuid,nodev,noexec,mode=700,uid=7,gid=7",),
        volumes=("/data",),
        confinement=CONFINEMENT,
    )


def test_what_the_workload_mounts_stays_as_it_is() -> None:
    options = RunOptions(volumes=("/host/data:/data/:ro",), tmpfs=("/spool:size=1m",))
    found = confined(options, APPLIED)
    assert (found.volumes, found.tmpfs) == (options.volumes, options.tmpfs)


def test_podman_gets_a_tmpfs_without_an_owner_that_anyone_may_write_to() -> None:
    found = confined(RunOptions(), replace(APPLIED, owners=False))
    assert found.tmpfs == ("/spool:rw,nosuid,nodev,noexec,mode=1777",)


def test_each_part_can_be_left_out_to_find_what_breaks_a_test() -> None:
    options = RunOptions(user="root")
    found = {part: confined(options, APPLIED, part) for part in Part}
    assert found[Part.SECCOMP].confinement == replace(CONFINEMENT, seccomp=None)
    assert found[Part.CAPABILITIES].confinement == Confinement(
        tuple(CAPABILITIES), no_new_privileges=False, seccomp=PROFILE
    )
    assert found[Part.USER].user == "root"
    assert not found[Part.ROOT].read_only
    assert found[Part.ROOT].tmpfs == ()


def test_the_other_groups_of_the_user_are_given_with_it() -> None:
    policy = replace(POLICY, user=replace(POLICY.user, groups=(4242,)))
    applied = replace(APPLIED, policy=policy)
    for part in (None, *Part):
        confinement = confined(RunOptions(), applied, part).confinement
        assert confinement is not None
        assert confinement.groups == (() if part is Part.USER else (4242,))


ACCOUNTS = Accounts(
    "svc:x:77:88::/:/bin/sh\nembed:x:1000:1000::/home/embed:/bin/sh\n",
    "embed:x:1000:\nrender:x:4242:embed\n",
)


@pytest.mark.parametrize(
    ("asked", "own", "expected"),
    [
        (None, "embed", RunAs(1000, 1000, "/home/embed", "USER of the image", (4242,))),
        (None, "", RunAs(0, 0, "/", "the image has no USER")),
        ("1000", "", RunAs(1000, 1000, "/home/embed", "--user", (4242,))),
        ("77", "", RunAs(77, 88, "/", "--user")),  # an account whose home is the root
        ("10001", "", RunAs(10001, 10001, "/", "--user")),
        ("10001:5", "", RunAs(10001, 5, "/", "--user")),
    ],
)
def test_the_user_has_the_groups_that_docker_gives_it(
    asked: str | None, own: str, expected: RunAs
) -> None:
    config = ImageConfig({"architecture": "amd64", "config": {"User": own}})
    assert run_as(asked, ACCOUNTS, config) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("embed", "embed"),
        ("My_Service.v2", "my-service-v2"),
        ("-x-", "x"),
        ("a" * 70, "a" * 63),
        ("ü", None),
        ("../..", None),
        ("", None),
    ],
)
def test_a_name_is_one_for_kubernetes(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(InputError, match="expected letters or digits"):
            policy_name(text)
    else:
        assert policy_name(text) == expected

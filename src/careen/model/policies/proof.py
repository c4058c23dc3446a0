"""Proof of a runtime policy: tests under it, and what it blocks."""

import enum
from dataclasses import dataclass


class BlockedBy(enum.Enum):
    """What stops a probe."""

    SECCOMP = "seccomp"
    CAPABILITIES = "capabilities"
    READ_ONLY = "read-only root"
    NO_NEW_PRIVILEGES = "no-new-privileges"
    PERMISSIONS = "file permissions"
    NO_EXECUTION = "a mount without execution"
    MASKED = "masked by the runtime"
    ABSENT = "not there"  # nothing to block
    KERNEL = "the kernel lacks it"  # nothing to block
    UNKNOWN = "not known"  # an error that no check of a permission gives


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one probe, under the policy and with the engine's defaults.

    `under` and `without` are `ok`, the name of an error (`EPERM`) or of a signal (`SIGSYS`).
    `blocked_by` is None if the policy does not block it. `already` says that it does not get
    through with the engine's defaults either.
    """

    name: str
    title: str
    under: str
    without: str
    blocked_by: BlockedBy | None
    already: bool

    @property
    def is_blocked(self) -> bool:
        """Whether something that is there is known to be blocked."""
        return self.blocked_by not in (
            None,
            BlockedBy.ABSENT,
            BlockedBy.KERNEL,
            BlockedBy.UNKNOWN,
        )


@dataclass(frozen=True, slots=True)
class TestsUnder:
    """The tests of a workload under the policy.

    `cases` is the number of reported test cases, None if they were not reported.
    """

    __test__ = False

    workload: str
    passed: bool
    cases: int | None
    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class ExploredUnder:
    """Exploration without and under the policy.

    `differing` are the first of `differences` answers that have another status under it.
    """

    experiments: int
    answers: int
    differing: tuple[str, ...]
    differences: int


@dataclass(frozen=True, slots=True)
class PolicyProof:
    """Tests, probes and exploration under the policy.

    `not_applied` names parts that no run here can prove. `explored` is None without exploration.
    """

    engine: str
    tests: tuple[TestsUnder, ...]
    probes: tuple[ProbeResult, ...]
    not_applied: tuple[str, ...]
    explored: ExploredUnder | None = None

    @property
    def passed(self) -> bool:
        """Whether all tests passed, and exploration found no difference."""
        alike = self.explored is None or not self.explored.differences
        return alike and all(each.passed for each in self.tests)

    @property
    def by_policy_alone(self) -> int:
        """Number of blocked probes that the engine's defaults let through."""
        return sum(each.is_blocked and not each.already for each in self.probes)

    @property
    def blocked(self) -> int:
        """Number of probes that something blocks; what is not there is not blocked."""
        return sum(each.is_blocked for each in self.probes)

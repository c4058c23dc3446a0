"""What the probe program tries, and what its results mean."""

import errno
import platform
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from careen.errors import ToolError
from careen.model.policies.policy import Policy
from careen.model.policies.proof import BlockedBy, ProbeResult
from careen.policy.tables import table

PROGRAM = "probe"
OK, KILLED = "ok", "killed"
_TMP, _SHM = "/tmp", "/dev/shm"  # noqa: S108 — in the container
_LINE = re.compile(r"([a-z-]{1,40}[0-9]{0,4})=(\d{1,4}|killed)\Z")
_WROTE, _RAN = "wrote-", "run-written-"
_BY_ERROR = {
    "EROFS": BlockedBy.READ_ONLY,
    "EACCES": BlockedBy.PERMISSIONS,
    "ENODATA": BlockedBy.MASKED,
    "EPERM": BlockedBy.CAPABILITIES,
}
_REFUSED = frozenset({"EPERM", "ENOSYS"})


@dataclass(frozen=True, slots=True)
class Probe:
    """One try: its name, a title, and the system call that it makes ("" for none of its own).

    `always`: the profile refuses these arguments in any case. `kernel`: it uses a file of the
    kernel. `killed`: it uses another table of system calls, which not every machine has. `past`:
    the error after the permission was given.
    """

    name: str
    title: str
    call: str
    always: bool = False
    kernel: bool = False
    killed: bool = False
    past: str = ""

    def passes(self, result: str) -> bool:
        """Return whether a result means that nothing blocked the try."""
        return result in (OK, self.past)


@cache
def probes() -> tuple[Probe, ...]:
    """Return the probes that need no directory, in the program's order."""
    return tuple(Probe(**item) for item in table("probes.toml")["probe"])


def places(policy: Policy, mounted: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the directories to run a written program in: all that can be written, and /tmp.

    `mounted` are those of a workload's own mounts. Every engine mounts /dev/shm.
    """
    root = () if policy.read_only else ("/",)
    own = (each.path for each in policy.writable)
    return tuple(dict.fromkeys((_TMP, *own, *mounted, _SHM, *root)))


def probe_program() -> Path:
    """Return the path of the compiled program. Raises ToolError if it was not built."""
    path = Path(__file__).parent / "bin" / platform.machine() / PROGRAM
    if not path.is_file():
        msg = (
            f"the program that tries a policy is missing for {platform.machine()!r}; build it (in a"
            " source tree: `python scripts/programs.py`)"
        )
        raise ToolError(msg)
    return path


def read_results(output: str) -> Mapping[str, str]:
    """Return what the program printed: `ok`, `killed` or the name of an error, by probe.

    Lines of another form are left out: the engine may add its own.
    """
    found = (match for line in output.splitlines() if (match := _LINE.fullmatch(line.strip())))
    return {match[1]: _word(match[2]) for match in found}


def _word(result: str) -> str:
    if result == KILLED:
        return KILLED
    number = int(result)
    return OK if number == 0 else errno.errorcode.get(number, f"error {number}")


def judged(
    policy: Policy,
    under: Mapping[str, str],
    without: Mapping[str, str],
    directories: Sequence[str] = (),
) -> Iterator[ProbeResult]:
    """Yield what came of each probe under the policy and without it, and what blocks it.

    `directories` are those that the program was given. Raises ToolError if it did not come to a
    probe.
    """
    for probe in probes():
        if probe.killed and probe.name not in under and probe.name not in without:
            continue
        for results in (under, without):
            if probe.name not in results:
                msg = f"the program that tries the policy ended before {probe.name!r}; run it again"
                raise ToolError(msg)
        before = without[probe.name]
        yield ProbeResult(
            probe.name,
            probe.title,
            under[probe.name],
            before,
            _blocked_by(probe, policy, under[probe.name], before),
            already=not probe.passes(before),
        )
    for at, directory in enumerate(directories):
        yield _ran(at, directory, policy, (under, without))


def _ran(
    at: int, directory: str, policy: Policy, results: tuple[Mapping[str, str], Mapping[str, str]]
) -> ProbeResult:
    """Return what came of a program that was written to a directory."""
    wrote, ran = f"{_WROTE}{at}", f"{_RAN}{at}"
    for each in results:
        if ran not in each:
            msg = f"the program that tries the policy ended before {directory!r}; run it again"
            raise ToolError(msg)
    under, without = results
    probe = Probe(f"run-written:{directory}", f"run a program written to {directory}", "execve")
    by = _blocked_by(probe, policy, under[ran], without[ran])
    # Who may not write there at all has nothing to run.
    if under[ran] == "EACCES" and under[wrote] == OK:
        by = BlockedBy.NO_EXECUTION
    # Without the policy the directory may not be there: that blocks nothing.
    already = without[ran] not in (OK, "ENOENT", "ENOTDIR")
    return ProbeResult(probe.name, probe.title, under[ran], without[ran], by, already=already)


def _blocked_by(probe: Probe, policy: Policy, result: str, before: str) -> BlockedBy | None:
    if probe.passes(result):
        return None
    if result == KILLED:
        return _killed(probe, before)
    if result in _REFUSED and (
        probe.always or (probe.call and probe.call not in policy.calls.names)
    ):
        return BlockedBy.SECCOMP
    if probe.name == "gain-privileges":
        return BlockedBy.NO_NEW_PRIVILEGES
    if result in ("ENOENT", "ENOTDIR"):
        return BlockedBy.KERNEL if probe.kernel else BlockedBy.ABSENT
    if result in ("ENOSYS", "EAFNOSUPPORT"):
        return BlockedBy.KERNEL
    return _BY_ERROR.get(result, BlockedBy.UNKNOWN)


def _killed(probe: Probe, before: str) -> BlockedBy:
    """Return what ended a probe: the profile, if nothing does without it."""
    if not probe.killed:
        return BlockedBy.UNKNOWN
    return BlockedBy.KERNEL if before == KILLED else BlockedBy.SECCOMP

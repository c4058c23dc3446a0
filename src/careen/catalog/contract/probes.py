"""Probes in containers: upstream's own programs, run on the C library and the files of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from careen.catalog.contract.sides import row, unknown
from careen.model.catalog.contract import ContractRow, Kept

PLACE = "/.careen-contract"
"""Where the programs are mounted; an image without a shell runs them from there."""
WAITING = "/usr/bin/sleep"


@dataclass(frozen=True, slots=True)
class ContractProbe:
    """One command; `program` is a path of upstream, mounted in both."""

    item: str
    program: str
    args: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    inside: bool = False  # the image's own program, in place of a mounted one

    @property
    def what(self) -> str:
        settings = "".join(f"{key}={value} " for key, value in self.env.items())
        return f"{settings}{self.program.rpartition('/')[2]} {' '.join(self.args)}".strip()

    @property
    def argv(self) -> tuple[str, ...]:
        """The words that run it in a container."""
        name = self.program.rpartition("/")[2]
        return (self.program if self.inside else f"{PLACE}/{name}", *self.args)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a probe did: its status (None: killed at its time limit) and output."""

    status: int | None
    output: str


PROBES = (
    ContractProbe("ld.so", "/usr/bin/true", (), {"LD_BIND_NOW": "1"}),
    ContractProbe("NSS and DNS", "/usr/bin/getent", ("hosts", "localhost")),
    ContractProbe("NSS and DNS", "/usr/bin/getent", ("passwd", "root")),
    ContractProbe("NSS and DNS", "/usr/bin/getent", ("group", "65534")),
    ContractProbe("NSS and DNS", "/usr/bin/getent", ("services", "https")),
    ContractProbe("time zones", "/usr/bin/date", ("-d", "@0", "+%H:%M %Z"), {"TZ": "Asia/Kolkata"}),
    ContractProbe("locale", "/usr/bin/locale", ("charmap",), {"LC_ALL": "C.UTF-8"}),
)
_MUSL_THERE = ("--no-network", "info", "--installed", "musl")
MANAGER_PROBES = (
    ContractProbe("package manager", "/usr/bin/dpkg", ("--audit",), inside=True),
    ContractProbe("package manager", "/usr/bin/apt-get", ("check", "-qq"), inside=True),
    ContractProbe("package manager", "/sbin/apk", _MUSL_THERE, inside=True),
    ContractProbe("package manager", "/usr/bin/rpm", ("-q", "filesystem"), inside=True),
    ContractProbe("shell", "/bin/sh", ("-c", "echo $((6 * 7))"), inside=True),
)


def places(program: str) -> tuple[str, ...]:
    """Return where an upstream image may have a program: its path, and that without /usr."""
    return (program, program.removeprefix("/usr"))


def judged(probe: ContractProbe, theirs: Answered, ours: Answered) -> ContractRow:
    """Return the row of a probe's answers."""
    one, two = (_said(each) for each in (theirs, ours))
    if theirs.status != 0 and ours.status == 0:
        return row(probe.item, probe.what, one, two, "ours answers where upstream does not")
    if theirs.status is None:
        return unknown(probe.item, probe.what, "it did not end on upstream")
    found = row(probe.item, probe.what, one, two)
    if found.kept is Kept.SAME and theirs.status != 0:
        return unknown(probe.item, probe.what, f"it fails on both: {one}")
    return found


def _said(answered: Answered) -> str:
    text = "; ".join(
        " ".join(line.split()) for line in answered.output.splitlines() if line.strip()
    )
    status = "did not end" if answered.status is None else f"status {answered.status}"
    return (text or "no output") if answered.status == 0 else f"{status}: {text}"

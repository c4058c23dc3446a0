"""AppArmor profile: files of the image can be read, observed programs can run, and only what must
be writable can be written.
"""

import re
from collections.abc import Iterator

from careen.model.policies.policy import Policy
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use

FILE = "apparmor.profile"
_SPECIAL = frozenset('\\"{}[]*?^')
_PLAIN = re.compile(r"[A-Za-z0-9_./+:~-]+")
_DENIED = (
    "@{PROC}/kcore",
    "@{PROC}/kmem",
    "@{PROC}/mem",
    "@{PROC}/sysrq-trigger",
    "@{PROC}/sys/kernel/core_pattern",
    "@{PROC}/sys/kernel/modprobe",
    "/sys/firmware/**",
    "/sys/kernel/security/**",
    "/sys/kernel/debug/**",
    "/sys/kernel/tracing/**",
)


def profile_name(policy: Policy) -> str:
    """Return the profile's name in the kernel."""
    return f"careen-{policy.name}"


def apparmor_profile(policy: Policy, bom: RuntimeBom) -> bytes:
    """Return the profile's text; with `audit` it complains and refuses nothing."""
    return ("\n".join(_lines(policy, bom)) + "\n").encode("utf-8", "replace")


def _lines(policy: Policy, bom: RuntimeBom) -> Iterator[str]:
    flags = ["attach_disconnected", "mediate_deleted", *(["complain"] if policy.audit else [])]
    yield "# Load: apparmor_parser -r apparmor.profile"
    yield f"# Use:  docker run --security-opt apparmor={profile_name(policy)} …"
    yield "#include <tunables/global>"
    yield ""
    yield f"profile {profile_name(policy)} flags=({','.join(flags)}) {{"
    yield "  #include <abstractions/base>"
    yield ""
    yield from (f"  {line}" for line in _rules(policy, bom))
    yield "}"


def _rules(policy: Policy, bom: RuntimeBom) -> Iterator[str]:
    yield from (f"network {family} {kind}," for family in ("inet", "inet6") for kind in _KINDS)
    yield from ("network unix,", "unix,", "network netlink raw,")
    yield from (
        f"capability {each.name.removeprefix('CAP_').lower()}," for each in policy.capabilities
    )
    yield "signal (receive) peer=unconfined,"
    yield "signal (receive) peer=runc,"
    yield "signal (receive) peer=crun,"
    yield f"signal (send, receive) peer={profile_name(policy)},"
    yield f"ptrace (readby, tracedby) peer={profile_name(policy)},"
    yield ""
    yield "# the image can be read, and its shared objects can be loaded"
    yield "/ r,"
    yield "/** r,"
    yield "/{,**/}*.so{,.*} mr,"
    yield ""
    yield "# programs and libraries that the workload used"
    yield from (f"{quoted(path)} mrix," for path in _used(bom, Use.EXECUTED))
    yield from (f"{quoted(path)} mr," for path in _used(bom, Use.MAPPED))
    yield ""
    yield "# what must be writable"
    for each in policy.writable:
        inside = quoted(each.path, "/**")
        yield f"{quoted(each.path, '/')} rw,"
        yield f"{inside} rwkl{'m' if each.executable else ''},"
    if not policy.read_only:
        yield "/** wkl,"
    yield from (f"/dev/{name} rw," for name in ("null", "zero", "full", "tty", "ptmx", "pts/*"))
    yield "/dev/shm/ rw,"  # noqa: S108 — in the container
    yield "/dev/shm/** rwkm,"  # noqa: S108
    yield "owner @{PROC}/@{pid}/** rw,"
    if not policy.audit:  # `deny` refuses in a profile that complains, too
        yield ""
        yield from (f"deny {path} rwklx," for path in _DENIED)


_KINDS = ("stream", "dgram")


def _used(bom: RuntimeBom, use: Use) -> list[str]:
    return sorted(file.path for file in bom.files if any(each.use is use for each in file.uses))


def quoted(path: str, end: str = "") -> str:
    """Return a path as AppArmor reads it: quoted, with what is special in a glob escaped.

    What cannot be printed becomes `?`, which matches any one byte.
    """
    safe = "".join(map(_written, path))
    return f"{safe}{end}" if _PLAIN.fullmatch(path) else f'"{safe}{end}"'


def _written(char: str) -> str:
    if not char.isprintable():
        return "?"
    return f"\\{char}" if char in _SPECIAL else char

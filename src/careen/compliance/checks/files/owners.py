"""Owners of files: accounts that exist, and root for what the system runs."""

from collections.abc import Iterator

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.checks.accounts.passwords import NO_ACCOUNTS
from careen.compliance.checks.files.evidence import shown, unknown_user
from careen.compliance.identity import RunsAs
from careen.compliance.subject import Subject
from careen.model.compliance.result import Result
from careen.model.entry import Entry

_PROGRAMS = tuple(
    f"{top}/{name}/" for top in ("", "/usr", "/usr/local") for name in ("bin", "sbin")
)
_LIBRARIES = tuple(
    f"{top}/{name}/" for top in ("", "/usr", "/usr/local") for name in ("lib", "lib64", "lib32")
)
_OTHERS_WRITE, _GROUP_WRITES = 0o022, 0o020
_SYSTEM_GID = 1000  # groups of the system are below (login.defs(5))


def _known(subject: Subject) -> Decision:
    accounts, groups = subject.accounts.passwd, subject.accounts.groups
    if accounts is None or groups is None:
        return not_evaluable(f"{NO_ACCOUNTS}, or no /etc/group, to look owners up")
    uids = {each.uid for each in accounts}
    gids = {gid for _, gid in groups}
    found = (
        shown(entry) for entry in subject.rootfs if entry.uid not in uids or entry.gid not in gids
    )
    return none_of(
        found,
        "{} paths belong to a uid or gid that the image does not have",
        f"the owners of all {len(subject.rootfs)} paths are in /etc/passwd and /etc/group",
    )


def _below(subject: Subject, folders: tuple[str, ...]) -> Iterator[Entry]:
    return (
        entry for entry in subject.rootfs if not entry.is_symlink and entry.path.startswith(folders)
    )


def _owned(subject: Subject, folders: tuple[str, ...], what: str) -> Decision:
    listed = tuple(_below(subject, folders))
    if not listed:
        return not_evaluable(f"there are no {what} at {', '.join(folders[:2])}…")
    found = (
        shown(entry)
        for entry in listed
        if entry.uid != 0 or entry.gid >= _SYSTEM_GID or _is_open(entry, subject.user)
    )
    decision = none_of(
        found,
        f"{{}} {what} of the system do not belong to root, or others can write them",
        f"all {len(listed)} {what} of the system belong to root, and nobody else can write them",
    )
    if subject.user is None and decision.result is Result.PASS and any(map(_by_group, listed)):
        return not_evaluable(unknown_user(subject))
    return decision


def _is_open(entry: Entry, user: RunsAs | None) -> bool:
    # A directory's setgid bit and group write are Debian's way for /usr/local (group staff): that
    # is open only if the image's user is in the group.
    if entry.is_dir:
        return bool(entry.mode & 0o002) or (user is not None and user.writes_by_group(entry))
    return bool(entry.mode & _OTHERS_WRITE)


def _by_group(entry: Entry) -> bool:
    return entry.is_dir and bool(entry.mode & _GROUP_WRITES)


def _programs(subject: Subject) -> Decision:
    return _owned(subject, _PROGRAMS, "programs")


def _libraries(subject: Subject) -> Decision:
    return _owned(subject, _LIBRARIES, "libraries and their files")


CHECKS = (
    Check(
        id="files-have-owners",
        title="All paths belong to accounts and groups of the image",
        reads="/etc/passwd, /etc/group; owners of all paths",
        fix="Add the account, or chown the path to one that exists.",
        command="chroot ROOT find / -xdev -nouser -o -nogroup",
        decide=_known,
    ),
    Check(
        id="programs-owned-by-root",
        title="Programs of the system belong to root",
        reads="owners and modes below bin and sbin; configuration: User",
        fix="chown root:root FILE; chmod go-w FILE",
        command="find -L bin sbin usr/bin usr/sbin usr/local/bin \\( ! -uid 0 -o -gid +999"
        " -o -type f -perm /022 \\)",
        decide=_programs,
    ),
    Check(
        id="libraries-owned-by-root",
        title="Libraries of the system belong to root",
        reads="owners and modes below lib; configuration: User",
        fix="chown root:root FILE; chmod go-w FILE",
        command="find -L lib lib64 usr/lib usr/local/lib \\( ! -uid 0 -o -gid +999"
        " -o -type f -perm /022 \\)",
        decide=_libraries,
    ),
)

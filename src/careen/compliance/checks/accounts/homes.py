"""Shells and home directories of accounts."""

from collections.abc import Iterator

from careen.compliance.accounts import Account
from careen.compliance.check import Check, Decision, none_of, not_applicable, not_evaluable
from careen.compliance.checks.accounts.numbers import unless_unknown
from careen.compliance.checks.accounts.passwords import NO_ACCOUNTS
from careen.compliance.checks.files.evidence import mode_of
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry
from careen.model.paths import name as last

_SYSTEM = 1000  # uids below are of the system (login.defs(5), SYS_UID_MAX)
_NOBODY = 65534
_NO_SHELLS = frozenset({"nologin", "false", "true", "sync", "halt", "shutdown"})
_DEFAULT_SHELL = "/bin/sh"  # of an account that names none (passwd(5))
_OTHERS, _GROUP_WRITE = 0o007, 0o020
# Files in a home that let somebody else in, or hold a password (netrc(5), hosts.equiv(5)).
_TRUSTING = frozenset({".rhosts", ".shosts", ".netrc", ".forward"})


def _logs_in(subject: Subject, account: Account) -> bool:
    """Return whether the account has a shell that is in the image."""
    shell = account.shell or _DEFAULT_SHELL
    if shell.rpartition("/")[2] in _NO_SHELLS:
        return False
    found = subject.rootfs.walk(shell).final if shell.startswith("/") else None
    return found is not None and found.is_executable


def _system_shells(subject: Subject) -> Decision:
    accounts = subject.accounts.passwd
    if accounts is None:
        return not_evaluable(NO_ACCOUNTS)
    found = (
        Evidence(
            "/etc/passwd", f"{each.name}: uid {each.uid}, shell {each.shell or _DEFAULT_SHELL}"
        )
        for each in accounts
        if each.name != "root"
        and each.uid is not None
        and (each.uid < _SYSTEM or each.uid == _NOBODY)
        and _logs_in(subject, each)
    )
    decision = none_of(
        found,
        "{} accounts of the system have a shell",
        f"no account of the system has a shell ({len(accounts)} accounts)",
    )
    return unless_unknown(decision, _unknown(subject))


def _unknown(subject: Subject) -> Iterator[str]:
    """Yield the names of accounts with a shell, and a uid that is no number."""
    for each in subject.accounts.passwd or ():
        if each.uid is None and each.name != "root" and _logs_in(subject, each):
            yield each.name


def _people(subject: Subject) -> Iterator[Account]:
    """Yield the accounts that a person could log in to: a shell, and no uid of the system."""
    for each in subject.accounts.passwd or ():
        if each.uid is not None and (each.uid >= _SYSTEM or each.uid == 0) and each.uid != _NOBODY:
            yield each


def _homes(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    people = [each for each in _people(subject) if each.uid and _logs_in(subject, each)]
    if not people:
        none = not_applicable("no account with a shell has a home directory of its own")
        return unless_unknown(none, _unknown(subject))
    found = (
        Evidence(each.home, f"{each.name}: {trouble}")
        for each in people
        if (trouble := _home_trouble(subject, each))
    )
    decision = none_of(
        found,
        "{} home directories are missing, of another owner, or open to others",
        f"the home directories of {len(people)} accounts are their own",
    )
    return unless_unknown(decision, _unknown(subject))


def _home_trouble(subject: Subject, account: Account) -> str:
    entry = subject.rootfs.walk(account.home).final if account.home.startswith("/") else None
    if entry is None or not entry.is_dir:
        return "no such directory"
    if entry.uid != account.uid:
        return f"owned by uid {entry.uid}"
    return f"mode {entry.mode:04o}" if entry.mode & (_OTHERS | _GROUP_WRITE) else ""


def _trusting(subject: Subject) -> Decision:
    found = (
        Evidence(str(entry.path), mode_of(entry))
        for entry in subject.rootfs
        if (last(entry.path) in _TRUSTING or entry.path == "/etc/hosts.equiv") and not entry.is_dir
    )
    return none_of(
        found,
        "{} files trust other hosts or hold a password",
        f"none of {len(subject.rootfs)} paths is .rhosts, .shosts, .netrc, .forward, hosts.equiv",
    )


def _dot_files(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    homes = {each.home.rstrip("/"): each for each in _people(subject) if len(each.home) > 1}
    there = [home for home in homes if subject.rootfs.walk(home).final is not None]
    if not there:
        return not_applicable("none of the home directories is in the image")
    found = (
        Evidence(str(entry.path), mode_of(entry))
        for entry in subject.rootfs
        if last(entry.path).startswith(".")
        and entry.is_file
        and (account := homes.get(entry.path.rpartition("/")[0])) is not None
        and _is_open(entry, account)
    )
    decision = none_of(
        found,
        "{} hidden files in home directories can be written by others",
        f"no hidden file in {len(there)} home directories can be written by others",
    )
    accounts = subject.accounts.passwd
    return unless_unknown(decision, (each.name for each in accounts if each.uid is None))


def _is_open(entry: Entry, account: Account) -> bool:
    return bool(entry.mode & 0o022) or entry.uid not in (0, account.uid)


CHECKS = (
    Check(
        id="system-accounts-no-shell",
        title="Accounts of the system have no shell",
        reads="/etc/passwd; which shells are in the image",
        fix="Set the shell to nologin: usermod -s /usr/sbin/nologin NAME.",
        command="awk -F: '$3 < 1000 && $1 != \"root\" {print $1, $7}' etc/passwd",
        decide=_system_shells,
    ),
    Check(
        id="home-directories",
        title="Home directories exist and are their users' own",
        reads="/etc/passwd; owners and modes of home directories",
        fix="Create the directory with the user as owner and mode 0750, or remove the shell.",
        command="awk -F: '$3 >= 1000 {print $1, $3, $6, $7}' etc/passwd; ls -ldn home/*",
        decide=_homes,
    ),
    Check(
        id="no-trust-files",
        title="No file trusts other hosts or keeps a password for a login",
        reads="names of all paths",
        fix="Remove the file.",
        command="find . -name .rhosts -o -name .shosts -o -name .netrc -o -name hosts.equiv",
        decide=_trusting,
    ),
    Check(
        id="hidden-files-protected",
        title="Hidden files in home directories are writable by their user only",
        reads="/etc/passwd; owners and modes",
        fix="chmod go-w FILE; chown USER FILE.",
        command="cut -d: -f6 etc/passwd | sort -u | sed 's/^/./' | xargs -I{} find {} -maxdepth 1"
        " -name '.*' -type f -perm /022",
        decide=_dot_files,
    ),
)

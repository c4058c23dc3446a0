"""Names and numbers of accounts and groups: root's are root's alone, and none is there twice."""

from collections import Counter
from collections.abc import Callable, Iterable

from careen.compliance.accounts import Account
from careen.compliance.check import Check, Decision, none_of, not_applicable, not_evaluable
from careen.compliance.checks.accounts.numbers import (
    groups_without_numbers,
    unless_unknown,
    without_numbers,
)
from careen.compliance.checks.accounts.passwords import NO_ACCOUNTS
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

NO_GROUPS = "the image has no groups in /etc/group"
# Accounts of distributions' own lists that have root's group and cannot log in.
_ROOTS_GROUP = frozenset({"root", "sync", "shutdown", "halt", "operator"})
_PASSWD, _GROUP = "/etc/passwd", "/etc/group"


def _accounts_where(is_bad: Callable[[Account], bool], what: str) -> Callable[[Subject], Decision]:
    """Return a decision that fails for each account that `is_bad`."""

    def decide(subject: Subject) -> Decision:
        accounts = subject.accounts.passwd
        if accounts is None:
            return not_evaluable(NO_ACCOUNTS)
        found = (
            Evidence(_PASSWD, f"{each.name}: uid {each.uid}, gid {each.gid}")
            for each in accounts
            if is_bad(each)
        )
        decision = none_of(
            found, f"{{}} accounts besides root have {what}", f"no account but root has {what}"
        )
        return unless_unknown(decision, without_numbers(accounts))

    return decide


def _root_group(subject: Subject) -> Decision:
    groups = subject.accounts.groups
    if groups is None:
        return not_evaluable(NO_GROUPS)
    found = (
        Evidence(_GROUP, f"{name}: gid 0") for name, gid in groups if gid == 0 and name != "root"
    )
    decision = none_of(found, "{} groups besides root have gid 0", "no group but root has gid 0")
    return unless_unknown(decision, groups_without_numbers(groups))


def _twice(file: str, values: Iterable[object], what: str, missing: str) -> Decision:
    counted = Counter(each for each in values if each is not None)
    if not counted:
        return not_evaluable(missing)
    found = (
        Evidence(file, f"{what} {value} is there {count} times")
        for value, count in counted.items()
        if count > 1
    )
    return none_of(
        found, f"{{}} of them are there more than once ({what})", f"each {what} is there once"
    )


def _uids(subject: Subject) -> Decision:
    accounts = subject.accounts.passwd or ()
    decision = _twice(_PASSWD, (each.uid for each in accounts), "uid", NO_ACCOUNTS)
    return unless_unknown(decision, (each.name for each in accounts if each.uid is None))


def _user_names(subject: Subject) -> Decision:
    accounts = subject.accounts.passwd or ()
    return _twice(_PASSWD, (each.name for each in accounts), "user name", NO_ACCOUNTS)


def _gids(subject: Subject) -> Decision:
    groups = subject.accounts.groups or ()
    decision = _twice(_GROUP, (gid for _, gid in groups), "gid", NO_GROUPS)
    return unless_unknown(decision, groups_without_numbers(groups))


def _group_names(subject: Subject) -> Decision:
    groups = subject.accounts.groups or ()
    return _twice(_GROUP, (name for name, _ in groups), "group name", NO_GROUPS)


def _groups_exist(subject: Subject) -> Decision:
    accounts, groups = subject.accounts.passwd, subject.accounts.groups
    if accounts is None:
        return not_evaluable(NO_ACCOUNTS)
    if groups is None:
        return not_evaluable(NO_GROUPS)
    known = {gid for _, gid in groups}
    found = (
        Evidence(_PASSWD, f"{each.name}: gid {each.gid}")
        for each in accounts
        if each.gid is not None and each.gid not in known
    )
    decision = none_of(
        found,
        "{} accounts have a group that /etc/group does not have",
        f"the groups of all {len(accounts)} accounts are in /etc/group",
    )
    return unless_unknown(decision, (each.name for each in accounts if each.gid is None))


def _shadow_group(subject: Subject) -> Decision:
    groups = subject.accounts.groups
    if groups is None:
        return not_evaluable(NO_GROUPS)
    gid = next((gid for name, gid in groups if name == "shadow"), None)
    if gid is None:
        none = not_applicable("the image has no group shadow")
        return unless_unknown(none, (name for name, _ in groups if name == "shadow"))
    listed = (
        Evidence(_GROUP, f"members of shadow: {members}")
        for name, members in subject.accounts.members
        if name == "shadow" and members.strip()
    )
    primary = (
        Evidence(_PASSWD, f"{each.name}: primary group shadow")
        for each in subject.accounts.passwd or ()
        if each.gid == gid
    )
    decision = none_of((*listed, *primary), "the group shadow has members", "shadow has no members")
    accounts = subject.accounts.passwd or ()
    return unless_unknown(decision, (each.name for each in accounts if each.gid is None))


def _valid(subject: Subject) -> Decision:
    accounts = subject.accounts
    if accounts.passwd is None and not accounts.broken:
        return not_evaluable(NO_ACCOUNTS)
    odd = (
        Evidence(_PASSWD, f"{each.name}: the uid or gid is no number")
        for each in accounts.passwd or ()
        if each.uid is None or each.gid is None
    )
    broken = (Evidence(file, f"line {line} has too few fields") for file, line in accounts.broken)
    return none_of(
        (*broken, *odd),
        "{} lines of the account files are not valid",
        "all lines of the account files are valid",
    )


def _check(  # one place for what all of them read
    name: str, title: str, fix: str, command: str, decide: Callable[[Subject], Decision]
) -> Check:
    return Check(name, title, "/etc/passwd, /etc/group", fix, command, decide)


_RENAME = "Give each its own: usermod -u, groupmod -g, usermod -l."
CHECKS = (
    _check(
        "only-root-has-uid-0",
        "Only root has uid 0",
        "Remove the account, or give it another uid.",
        "awk -F: '$3 == 0 {print $1}' etc/passwd",
        _accounts_where(lambda each: each.uid == 0 and each.name != "root", "uid 0"),
    ),
    _check(
        "only-root-has-gid-0",
        "Only root has group 0 as primary group",
        "Give the account a group of its own.",
        "awk -F: '$4 == 0 {print $1}' etc/passwd",
        _accounts_where(
            lambda each: each.gid == 0 and each.uid != 0 and each.name not in _ROOTS_GROUP,
            "group 0 as primary group",
        ),
    ),
    _check(
        "only-root-group-has-gid-0",
        "Only the group root has gid 0",
        "Remove the group, or give it another gid.",
        "awk -F: '$3 == 0 {print $1}' etc/group",
        _root_group,
    ),
    _check(
        "unique-uids",
        "No two accounts share a uid",
        _RENAME,
        "cut -d: -f3 etc/passwd | sort | uniq -d",
        _uids,
    ),
    _check(
        "unique-user-names",
        "No two accounts share a name",
        _RENAME,
        "cut -d: -f1 etc/passwd | sort | uniq -d",
        _user_names,
    ),
    _check(
        "unique-gids",
        "No two groups share a gid",
        _RENAME,
        "cut -d: -f3 etc/group | sort | uniq -d",
        _gids,
    ),
    _check(
        "unique-group-names",
        "No two groups share a name",
        _RENAME,
        "cut -d: -f1 etc/group | sort | uniq -d",
        _group_names,
    ),
    _check(
        "groups-exist",
        "The groups of all accounts exist",
        "Add the group, or give the account one that exists.",
        "cut -d: -f4 etc/passwd | sort -u | grep -vxFf <(cut -d: -f3 etc/group)",
        _groups_exist,
    ),
    _check(
        "shadow-group-empty",
        "The group shadow has no members",
        "Remove the members: they can read all password hashes.",
        "grep ^shadow: etc/group",
        _shadow_group,
    ),
    _check(
        "account-files-valid",
        "The account files have no broken lines",
        "Correct the line, or remove it (pwck, grpck).",
        "pwck -r -R ROOT; grpck -r -R ROOT",
        _valid,
    ),
)

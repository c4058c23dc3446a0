"""Who an image runs as: the ids of its USER, and what they may write."""

from dataclasses import dataclass

from careen.compliance.accounts import Account, Accounts, number
from careen.model.entry import Entry

_OTHERS, _GROUP, _STICKY = 0o002, 0o020, 0o1000


@dataclass(frozen=True, slots=True)
class RunsAs:
    """The user's uid, its primary group, and all its groups."""

    uid: int
    gid: int
    gids: frozenset[int]

    def writes_by_group(self, entry: Entry) -> bool:
        """Return whether a user other than root may write by one of its groups."""
        return self.uid != 0 and entry.gid in self.gids and bool(entry.mode & _GROUP)

    def writes(self, entry: Entry) -> bool:
        """Return whether the user may write; an owner can give itself the right to."""
        by_group = entry.gid in self.gids and bool(entry.mode & _GROUP)
        return entry.uid == self.uid or by_group or bool(entry.mode & _OTHERS)

    def replaces_in(self, folder: Entry) -> bool:
        """Return whether the user may put other files in place of those in a directory."""
        if folder.uid == self.uid:
            return True
        return self.writes(folder) and not folder.mode & _STICKY


def account_of(name: str, accounts: Accounts) -> Account | None:
    """Return the account of a name or number: an account may be named like a number."""
    uid = number(name)
    listed = accounts.passwd or ()
    named = next((each for each in listed if each.name == name), None)
    if named is not None or uid is None:
        return named
    return next((each for each in listed if each.uid == uid), None)


def runs_as(stated: str, accounts: Accounts) -> RunsAs | None:
    """Return the ids of `name|uid[:group|gid]`, or None if the account files do not settle them."""
    name, _, group = stated.partition(":")
    uid = number(name or "0")
    account = account_of(name or "0", accounts)
    if account is not None:
        # Runtimes disagree on an account that is named like another's number.
        if account.uid is None or uid not in (None, account.uid):
            return None
        uid = account.uid
    if uid is None:
        return None
    gid = _gid(group, accounts) if group else 0 if account is None else account.gid
    if gid is None:
        return None
    others = _memberships(account.name, accounts) if account is not None and not group else ()
    return RunsAs(uid, gid, frozenset((gid, *others)))


def _gid(group: str, accounts: Accounts) -> int | None:
    named = next((gid for name, gid in accounts.groups or () if name == group), None)
    return named if named is not None else number(group)


def _memberships(login: str, accounts: Accounts) -> tuple[int, ...]:
    """Return the gids of the groups that list a user: runtimes add them if USER names no group."""
    numbers = dict(accounts.groups or ())
    return tuple(
        gid
        for name, members in accounts.members
        if login in members.strip().split(",") and (gid := numbers.get(name)) is not None
    )

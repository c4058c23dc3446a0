"""Passwords of accounts: empty ones, usable ones, weak hashes."""

from collections.abc import Iterator

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

NO_ACCOUNTS = "the image has no /etc/passwd"


def _fields(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Yield the file, the account and the password field where each password is."""
    accounts = subject.accounts
    for account in accounts.passwd or ():
        if account.password != "x":  # noqa: S105 — the mark of a password in /etc/shadow
            yield "/etc/passwd", account.name, account.password
    for name, field in accounts.shadow or ():
        yield "/etc/shadow", name, field


def _empty(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    found = [
        Evidence(file, f"{name}: empty password")
        for file, name, field in _fields(subject)
        if not field
    ]
    count = len(subject.accounts.passwd)
    return none_of(
        found,
        "{} accounts have an empty password",
        f"none of {count} accounts has an empty password",
    )


def _usable(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    found = [
        Evidence(file, f"{name}: password hash of the form {_form(field)}")
        for file, name, field in _fields(subject)
        if field and field[0] not in "!*"
    ]
    return none_of(
        found,
        "{} accounts have a password in the image",
        f"all of {len(subject.accounts.passwd)} accounts are locked or have no password",
    )


def _form(field: str) -> str:
    """Return the scheme of a hash, never the hash."""
    return field[: field.index("$", 1) + 1] if field.startswith("$") and "$" in field[1:] else "DES"


CHECKS = (
    Check(
        id="no-empty-passwords",
        title="No account has an empty password",
        reads="/etc/passwd, /etc/shadow",
        fix="Lock the account: passwd -l NAME, or write ! in the second field.",
        command="awk -F: '$2 == \"\" {print FILENAME, $1}' etc/passwd etc/shadow",
        decide=_empty,
    ),
    Check(
        id="no-passwords",
        title="No account can log in with a password from the image",
        reads="/etc/passwd, /etc/shadow",
        fix="Lock the account: everyone who has the image has the hash.",
        command="awk -F: '$2 !~ /^[!*x]/ && $2 != \"\" {print FILENAME, $1}' etc/passwd etc/shadow",
        decide=_usable,
    ),
)

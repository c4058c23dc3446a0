"""Passwords of accounts: empty ones, usable ones, weak hashes."""

from collections.abc import Iterator

from careen.compliance.check import Check, Decision, none_of, not_applicable, not_evaluable
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

NO_ACCOUNTS = "the image has no accounts in /etc/passwd"
_STRONG = frozenset({"$y$", "$gy$", "$6$", "$5$", "$7$", "$2b$", "$2y$", "$2a$"})
_LONGEST = 365  # days; the benchmarks' greatest age of a password
_ELSEWHERE = "x"  # the mark of a password in /etc/shadow


def _fields(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Yield the file, the account and the password field where each password is."""
    accounts = subject.accounts
    for account in accounts.passwd or ():
        if account.password != _ELSEWHERE:
            yield "/etc/passwd", account.name, account.password
    for line in accounts.shadow or ():
        yield "/etc/shadow", line.name, line.password


def _hashes(subject: Subject) -> tuple[tuple[str, str, str], ...]:
    return tuple(each for each in _fields(subject) if each[2] and each[2][0] not in "!*")


def _empty(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    found = (
        Evidence(file, f"{name}: empty password")
        for file, name, field in _fields(subject)
        if not field
    )
    return none_of(
        found,
        "{} accounts have an empty password",
        f"none of {len(subject.accounts.passwd)} accounts has an empty password",
    )


def _usable(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    # Who needs no password can log in as well.
    found = (
        Evidence(file, f"{name}: {_way_in(field)}")
        for file, name, field in _fields(subject)
        if field[:1] not in {"!", "*"}
    )
    return none_of(
        found,
        "{} accounts have a password in the image, or need none",
        f"no password opens any of {len(subject.accounts.passwd)} accounts",
    )


def _way_in(field: str) -> str:
    return f"password hash of the form {_form(field)}" if field else "empty password"


def _form(field: str) -> str:
    """Return the scheme of a hash, never the hash."""
    return field[: field.index("$", 1) + 1] if field.startswith("$") and "$" in field[1:] else "DES"


def _shadowed(subject: Subject) -> Decision:
    accounts = subject.accounts.passwd
    if accounts is None:
        return not_evaluable(NO_ACCOUNTS)
    found = (
        Evidence("/etc/passwd", f"{name}: password field in a file that everyone may read")
        for file, name, _ in _hashes(subject)
        if file == "/etc/passwd"
    )
    return none_of(
        found,
        "{} accounts have their password hash in /etc/passwd",
        f"none of {len(accounts)} accounts has a password hash in /etc/passwd",
    )


def _strong(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    usable = _hashes(subject)
    if not usable:
        return not_applicable("no account has a password, so there is no hash")
    found = (
        Evidence(file, f"{name}: hash of the form {_form(field)}")
        for file, name, field in usable
        if _form(field) not in _STRONG
    )
    return none_of(
        found, "{} accounts have a weak password hash", "all password hashes are of a strong form"
    )


def _ageing(subject: Subject) -> Decision:
    if subject.accounts.passwd is None:
        return not_evaluable(NO_ACCOUNTS)
    usable = [line for line in subject.accounts.shadow or () if line.usable]
    if not usable:
        return not_applicable("no account has a password, so none can expire")
    found = (
        Evidence("/etc/shadow", f"{line.name}: expires after {line.longest or 'no'} days")
        for line in usable
        if line.longest is None or not 1 <= line.longest <= _LONGEST
    )
    return none_of(
        found,
        "{} passwords do not expire within a year",
        "all passwords expire within a year",
    )


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
        fix="Lock the account: everyone who has the image has its hash, or needs none.",
        command="awk -F: '$2 !~ /^[!*x]/ {print FILENAME, $1}' etc/passwd etc/shadow",
        decide=_usable,
    ),
    Check(
        id="passwords-shadowed",
        title="No password hash is in /etc/passwd",
        reads="/etc/passwd",
        fix="Move it to /etc/shadow (pwconv), or lock the account.",
        command="awk -F: '$2 !~ /^[x!*]/ && $2 != \"\" {print $1}' etc/passwd",
        decide=_shadowed,
    ),
    Check(
        id="strong-password-hashes",
        title="Password hashes are of a strong form",
        reads="/etc/passwd, /etc/shadow",
        fix="Set the password again with yescrypt or SHA-512, or lock the account.",
        command="cut -d: -f1,2 etc/passwd etc/shadow"
        " | grep -Ev ':[x!*]|:\\$(y|gy|5|6|7|2[aby])\\$'",
        decide=_strong,
    ),
    Check(
        id="passwords-expire",
        title="Passwords expire within a year",
        reads="/etc/shadow",
        fix="Lock the account, or set a greatest age: chage -M 365 NAME.",
        command="cut -d: -f1,2,5 etc/shadow",
        decide=_ageing,
    ),
)

"""The user that the image runs as."""

from careen.compliance.accounts import number
from careen.compliance.check import Check, Decision, failed, not_evaluable, passed
from careen.compliance.identity import account_of
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_KEY = "config.User"


def _not_root(subject: Subject) -> Decision:
    stated = subject.config.user
    name = stated.partition(":")[0]
    seen = Evidence(_KEY, stated or "(not set)")
    if not name:
        return failed("the image states no user, so it runs as root", [seen])
    if number(name) == 0:
        return failed("the image runs as user 0, root", [seen])
    return _named(subject, name, seen)


def _named(subject: Subject, name: str, seen: Evidence) -> Decision:
    found, uid = account_of(name, subject.accounts), number(name)
    if found is None:
        return _missing(subject, name) if uid is None else _number(uid, seen)
    if found.uid is None:
        return not_evaluable(
            f"the uid of {name!r} in /etc/passwd is no number: runtimes may read it as 0"
        )
    line = subject.content_evidence("/etc/passwd", f"{found.name} has uid {found.uid}")
    if found.uid == 0:
        return failed(f"the image runs as {name!r}, whose uid is 0", [seen, line])
    if uid is None:
        return passed(f"the image runs as {name!r} with uid {found.uid}", [seen, line])
    if uid != found.uid:
        return not_evaluable(
            f"an account is named {name!r} and has uid {found.uid}: runtimes disagree who runs"
        )
    return _number(uid, seen)


def _number(uid: int, seen: Evidence) -> Decision:
    return passed(f"the image runs as user {uid}", [seen])


def _missing(subject: Subject, name: str) -> Decision:
    if subject.accounts.passwd is not None:
        return not_evaluable(f"USER is {name!r}, which /etc/passwd does not have")
    if name == "root":
        return failed("the image runs as root", [Evidence(_KEY, subject.config.user)])
    return not_evaluable(f"USER is {name!r}, and the image has no /etc/passwd to look it up")


def _numeric(subject: Subject) -> Decision:
    stated = subject.config.user
    name = stated.partition(":")[0]
    seen = Evidence(_KEY, stated or "(not set)")
    if not name:
        return passed("no user is stated, so there is no name to resolve")
    if name.isascii() and name.isdigit():
        return passed(f"the user is the number {name}", [seen])
    return failed(
        f"the user is the name {name!r}: Kubernetes cannot check runAsNonRoot for it", [seen]
    )


CHECKS = (
    Check(
        id="user-not-root",
        title="The image runs as a user other than root",
        reads="configuration: User; /etc/passwd",
        fix="Set USER to the number of a user other than 0 in the last stage.",
        command="docker image inspect --format '{{.Config.User}}' IMAGE",
        decide=_not_root,
    ),
    Check(
        id="user-numeric",
        title="The image names its user by number",
        reads="configuration: User",
        fix="Write the number of the user in USER, as in USER 10001:10001.",
        command="docker image inspect --format '{{.Config.User}}' IMAGE",
        decide=_numeric,
    ),
)

"""The mode of new files, as login programs and shells set it."""

import re
from collections.abc import Iterator

from careen.compliance.check import Check, Decision, failed, manual, not_applicable, passed
from careen.compliance.secrets.hide import hidden
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_WORD = re.compile(r"[;&|(){}]|[^\s;&|(){}]+")
_OCTAL = re.compile(r"[0-7]{1,4}\Z")
_LOGIN = "/etc/login.defs"
_SHELLS = ("/etc/profile", "/etc/bash.bashrc")
_FOLDER = "/etc/profile.d"  # /etc/profile reads *.sh in it
_WANTED = 0o027  # bits that new files must not get


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the paths and contents of the files that set a umask."""
    folder = subject.rootfs.walk(_FOLDER).final
    scripts = () if folder is None else subject.rootfs.children(folder.path)
    for path in (_LOGIN, *_SHELLS, *(each for each in scripts if each.endswith(".sh"))):
        text = subject.text(path)
        if text is not None:
            yield path, text


def _masks(path: str, text: str) -> Iterator[str]:
    """Yield what a file sets the umask to, as it is written there."""
    name = "UMASK" if path == _LOGIN else "umask"
    for line in text.splitlines():
        words = _WORD.findall(line)
        for at, word in enumerate(words):
            if word.startswith("#"):
                break
            if word != name:
                continue
            value = next((each for each in words[at + 1 :] if not each.startswith("-")), "")
            if value and value[0] not in ";&|(){}#":  # else it only prints the umask
                yield value.strip("'\"")


def _umask(subject: Subject) -> Decision:
    there: list[str] = []
    found: list[Evidence] = []
    weak: list[Evidence] = []
    unread: list[Evidence] = []
    for path, text in _texts(subject):
        there.append(path)
        for value in _masks(path, text):
            each = subject.content_evidence(path, f"umask {hidden(value)[:80]}")
            found.append(each)
            if not _OCTAL.match(value):
                unread.append(each)
            elif int(value, 8) & _WANTED != _WANTED:
                weak.append(each)
    if not there:
        return not_applicable("the image has no login.defs and no profile of a shell")
    if weak or not found:
        return failed(f"no umask of 027 or stricter is set in {', '.join(there[:5])}", weak)
    if unread:
        return manual(f"{len(unread)} settings of the umask are not octal numbers", unread)
    return passed("the umask is 027 or stricter", found)


CHECKS = (
    Check(
        id="default-umask",
        title="Login programs and shells set a umask of 027 or stricter",
        reads="/etc/login.defs, /etc/profile, /etc/profile.d/*.sh, /etc/bash.bashrc",
        fix="Set UMASK 027 in /etc/login.defs; a service sets its own by its start script.",
        command="grep -siE '(^|[ ;&|])umask' etc/login.defs etc/profile etc/profile.d/*.sh"
        " etc/bash.bashrc",
        decide=_umask,
    ),
)

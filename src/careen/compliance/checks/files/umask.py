"""The mode of new files, as login programs and shells set it."""

import re

from careen.compliance.check import Check, Decision, failed, not_applicable, passed
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_LOGIN = re.compile(r"^[ \t]*UMASK[ \t]+(0?[0-7]{3})[ \t]*(?:#.*)?$", re.MULTILINE)
_SHELL = re.compile(r"^[ \t]*umask[ \t]+(0?[0-7]{3})[ \t]*(?:#.*)?$", re.MULTILINE)
_FILES = (("/etc/login.defs", _LOGIN), ("/etc/profile", _SHELL), ("/etc/bash.bashrc", _SHELL))
_WANTED = 0o027  # bits that new files must not get


def _umask(subject: Subject) -> Decision:
    there: list[str] = []
    found: list[Evidence] = []
    for path, pattern in _FILES:
        text = subject.text(path)
        if text is None:
            continue
        there.append(path)
        found += [
            subject.content_evidence(path, f"umask {match[1]}") for match in pattern.finditer(text)
        ]
    if not there:
        return not_applicable("the image has no login.defs and no profile of a shell")
    weak = [each for each in found if int(each.value.split()[1], 8) & _WANTED != _WANTED]
    if weak or not found:
        return failed(f"no umask of 027 or stricter is set in {', '.join(there)}", weak)
    return passed("the umask is 027 or stricter", found)


CHECKS = (
    Check(
        id="default-umask",
        title="Login programs and shells set a umask of 027 or stricter",
        reads="/etc/login.defs, /etc/profile, /etc/bash.bashrc",
        fix="Set UMASK 027 in /etc/login.defs; a service sets its own by its start script.",
        command="grep -iE '^ *umask' etc/login.defs etc/profile etc/bash.bashrc",
        decide=_umask,
    ),
)

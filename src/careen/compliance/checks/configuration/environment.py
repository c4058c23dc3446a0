"""Settings of the environment that decide which code is run."""

import re
from collections.abc import Iterator

from careen.compliance.check import Check, Decision, failed, none_of, not_evaluable, passed
from careen.compliance.checks.files.evidence import mode_of, unknown_user
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_DEFAULT = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_GROUP_WRITES = 0o020
_SYSTEM_GID = 1000  # groups of the system are below (login.defs(5))
# Read by the loader, shells, and interpreters: who sets them, chooses code.
_CODE = ("LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "ENV", "PYTHONSTARTUP", "NODE_OPTIONS", "PERL5OPT")

# Options that name code (nodejs.org/api/cli.html); node takes _ for - in them.
_NODE_LOADS = re.compile(
    r"-r|--(?:require|import|(?:experimental[-_])?loader|env[-_]file|openssl[-_]config"
    r"|inspect(?:[-_]\w+)?|icu[-_]data[-_]dir|snapshot[-_]blob)(?:=|\Z)"
)


def _path(subject: Subject) -> Decision:
    stated = subject.config.env.get("PATH")
    parts = (stated if stated is not None else _DEFAULT).split(":")
    found = [
        Evidence("config.Env PATH", f"{part or '(empty)'}: {trouble}")
        for part in parts
        if (trouble := _trouble(subject, part))
    ]
    if not found and subject.user is None and any(_by_group(subject, part) for part in parts):
        return not_evaluable(unknown_user(subject))
    return none_of(
        found,
        "{} directories of PATH are relative, or others than root can write them",
        f"all {len(parts)} directories of PATH are absolute, and only root can write them",
    )


def _trouble(subject: Subject, part: str) -> str:
    if not part.startswith("/"):
        return "not absolute"
    entry = subject.rootfs.walk(part).final
    if entry is None or not entry.is_dir:
        return ""
    by_group = entry.mode & _GROUP_WRITES and entry.gid >= _SYSTEM_GID
    own = subject.user is not None and subject.user.writes_by_group(entry)
    return mode_of(entry) if entry.uid != 0 or entry.mode & 0o002 or by_group or own else ""


def _by_group(subject: Subject, part: str) -> bool:
    entry = subject.rootfs.walk(part).final
    return entry is not None and bool(entry.mode & _GROUP_WRITES)


def _preload(subject: Subject) -> Decision:
    return none_of(
        _injected(subject),
        "{} settings load code into all programs",
        f"none of {', '.join(_CODE)} names code, and there is no /etc/ld.so.preload",
    )


def _loads_code(name: str, value: str) -> bool:
    """Return whether a variable's value names code.

    Two names are used for other things, too: those do not count.
    """
    if name == "ENV":  # a file that sh reads; services use the name for something else
        return "/" in value or "$" in value or "`" in value
    if name == "NODE_OPTIONS":
        return any(_NODE_LOADS.match(word.strip("\"'")) for word in value.split())
    return bool(value)


def _injected(subject: Subject) -> Iterator[Evidence]:
    for name in _CODE:
        if _loads_code(name, value := subject.config.env.get(name, "")):
            yield Evidence(f"config.Env {name}", shortened(value, 200))
    text = subject.text("/etc/ld.so.preload")
    if text and text.strip():
        yield subject.content_evidence("/etc/ld.so.preload", shortened(text.strip(), 200))


def _absolute(subject: Subject) -> Decision:
    words = (*subject.config.entrypoint, *subject.config.cmd)
    if not words:
        return failed("the image starts nothing: neither ENTRYPOINT nor CMD", ())
    first = str(words[0])
    seen = [Evidence("config.Entrypoint" if subject.config.entrypoint else "config.Cmd", first)]
    if first.startswith("/"):
        return passed("the program that the image starts is named by its whole path", seen)
    return failed(f"{first!r} is looked up in PATH", seen)


CHECKS = (
    Check(
        id="path-safe",
        title="PATH has only absolute directories that root alone can write",
        reads="configuration: Env, User; modes of the directories; /etc/passwd, /etc/group",
        fix="Set PATH to absolute directories; chown root and chmod go-w them.",
        command="docker image inspect --format '{{json .Config.Env}}' IMAGE; stat DIRECTORY",
        decide=_path,
    ),
    Check(
        id="no-injected-code",
        title="No setting loads code into all programs",
        reads="configuration: Env; /etc/ld.so.preload",
        fix="Remove the variable, or link the library to the program that needs it.",
        command="docker image inspect --format '{{json .Config.Env}}' IMAGE; cat etc/ld.so.preload",
        decide=_preload,
    ),
    Check(
        id="entrypoint-absolute",
        title="The program that the image starts is named by its whole path",
        reads="configuration: Entrypoint, Cmd",
        fix="Write the whole path in ENTRYPOINT.",
        command="docker image inspect --format '{{json .Config.Entrypoint}}' IMAGE",
        decide=_absolute,
    ),
)

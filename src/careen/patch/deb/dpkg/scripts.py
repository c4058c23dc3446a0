"""Check of maintainer scripts that cannot be run: harmless to skip, or not.

A script is harmless if every command in it is known not to matter in an image: it prints, tests,
refreshes unneeded caches, or starts services that a container does not run. Anything that is not
understood counts as harmful.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.deb import DEB
from careen.oci.tree.rootfs import Rootfs

MAX_SCRIPT = 256 << 10

RUN_ON_UPGRADE = ("preinst", "postinst")

_READ: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"libc6(?:-[a-z0-9]+)?"),
        "it checks the kernel, refreshes the loader's cache and restarts services",
    ),
    (
        re.compile(r"(?:lib)?python3\.[0-9]+-minimal"),
        "it makes byte code and directories below /usr/local; old byte code is taken away",
    ),
    (re.compile(r"python3-minimal"), "it makes byte code; old byte code is taken away"),
    (re.compile(r"tzdata"), "it sets the time zone that was chosen before"),
    (
        re.compile(r"netbase"),
        "it makes /etc/hosts and /etc/networks on the first installation only",
    ),
    (re.compile(r"base-files"), "it makes directories that are there since the first installation"),
)
"""Packages whose scripts people reviewed (Debian 12 and 13), with what they do on upgrades."""

_OPENS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "("})
_CLOSES = frozenset({"fi", "done", "esac", "}", ")"})
_ENDS = frozenset({";", "&&", "||", "|", "&", ";;", "\n"})
_HARMLESS_BUILTINS = frozenset(
    {
        ":",
        "true",
        "false",
        "echo",
        "printf",
        "exit",
        "return",
        "set",
        "test",
        "[",
        "umask",
        "shift",
        "unset",
        "export",
        "command",
        "which",
        "type",
    }
)
_CACHE_COMMANDS = frozenset(
    {"ldconfig", "/sbin/ldconfig", "dpkg-trigger", "py3clean", "py3compile"}
)
_SERVICE_COMMANDS = frozenset(
    {
        "deb-systemd-helper",
        "deb-systemd-invoke",
        "invoke-rc.d",
        "update-rc.d",
        "systemctl",
        "systemd-tmpfiles",
    }
)
_INIT = ("/usr/lib/systemd/systemd", "/sbin/init")
_MOVES = frozenset({"rm_conffile", "mv_conffile", "symlink_to_dir", "dir_to_symlink", "supports"})
_BELOW = {"lt": (-1,), "lt-nl": (-1,), "le": (-1, 0), "le-nl": (-1, 0)}
_ASSIGNS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_UNREAD = re.compile(r"`|\$\(|<<|\beval\b|\(\s*+\)|^[^\S\n]*+\.\s", re.MULTILINE)
_COMMENT = re.compile(r"^[^\S\n]*+#.*$", re.MULTILINE)
_TILDE = re.compile(r"\\~")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Result of the check.

    `refused` names the harmful command and its script, or is "". `scripts` are those skipped.
    """

    scripts: tuple[str, ...]
    refused: str = ""
    reason: str = ""


def judge(name: str, control: Mapping[str, bytes], installed: str, rootfs: Rootfs) -> Verdict:
    """Check the scripts that an upgrade from version `installed` would run."""
    scripts = tuple(script for script in RUN_ON_UPGRADE if script in control)
    if not scripts:
        return Verdict(())
    for pattern, reason in _READ:
        if pattern.fullmatch(name):
            return Verdict(scripts, reason=reason)
    if name == "openssl" and rootfs.find("/usr/lib/ssl") is not None:
        return Verdict(scripts, reason="it makes the link /usr/lib/ssl, which is there")
    for script in scripts:
        found = _harmful(control[script], installed, rootfs)
        if found:
            return Verdict(scripts, refused=f"its {script} {found}")
    return Verdict(scripts, reason="it prints, tests and refreshes caches")


def _harmful(data: bytes, installed: str, rootfs: Rootfs) -> str:
    """Return what is harmful in a script, "" for nothing."""
    if len(data) > MAX_SCRIPT or not re.match(rb"#!\s*/bin/(?:sh|dash|bash)\b", data):
        return "is no shell script"
    text = data.decode("utf-8", "replace")
    if found := _UNREAD.search(_COMMENT.sub("", text)):
        return f"does more than can be read from it ({found[0].strip()!r})"
    try:
        tokens = list(_tokens(text))
    except ValueError as error:
        return f"cannot be read ({error})"
    for words in _Reader(installed).commands(tokens):
        if found_ := _command(words, installed, rootfs):
            return found_
    return ""


def _tokens(text: str) -> Iterator[str]:
    """Yield words and operators, with a line feed after each line.

    Raises ValueError for quoted text that spans lines.
    """
    for line in re.sub(r"(?m)(^|[ \t;])#.*$", r"\1", text.replace("\\\n", " ")).split("\n"):
        words = shlex.shlex(_TILDE.sub("~", line), posix=True, punctuation_chars=";&|()<>")
        words.whitespace_split = True
        words.commenters = ""
        yield from words
        yield "\n"


class _Reader:
    """Splitter of tokens into simple commands with their redirections.

    Branches of `if` whose condition is false on this upgrade are skipped, as are `case` patterns.
    """

    def __init__(self, installed: str) -> None:
        self._installed = installed
        self._branches: list[_Branch] = []
        self._words: list[str] = []
        self._cases = 0
        self._pattern = False

    def commands(self, tokens: Sequence[str]) -> Iterator[list[str]]:
        """Yield the commands that may run."""
        for one in (*tokens, "\n"):
            if self._pattern:
                self._pattern = one not in (")", "esac")
                self._cases -= one == "esac"
            elif one in _ENDS or (one in _OPENS | _CLOSES and not self._words):
                if self._words and not self._is_dead():
                    yield self._words
                self._end(one)
            elif one == "in" and self._words[:1] == ["case"]:
                self._words, self._pattern = [], True
                self._cases += 1
            else:
                self._words.append(one)

    def _is_dead(self) -> bool:
        return any(branch.dead for branch in self._branches)

    def _end(self, one: str) -> None:
        """End a command at an operator or keyword."""
        branch = self._branches[-1] if self._branches else None
        if branch is not None and branch.asking and self._words:
            branch.terms.append(self._words)
        if branch is not None and branch.asking and one in ("||", "|", "!"):
            branch.plain = False
        self._words = []
        match one:
            case "if":
                self._branches.append(_Branch())
            case "elif" if branch is not None:
                branch.restart()
            case "then" if branch is not None and branch.asking:
                branch.asking = False
                branch.dead = branch.plain and any(
                    _is_false(term, self._installed) for term in branch.terms
                )
            case "else" if branch is not None:
                branch.dead = False
            case "fi" if branch is not None:
                self._branches.pop()
            case "esac":
                self._cases -= 1
            case ";;":
                self._pattern = self._cases > 0


@dataclass(slots=True)
class _Branch:
    """`if` statement; `asking` while its condition is read.

    `plain` is true while the condition's commands are joined by `&&` only.
    """

    terms: list[list[str]] = field(default_factory=list)
    asking: bool = True
    plain: bool = True
    dead: bool = False

    def restart(self) -> None:
        self.terms, self.asking, self.plain, self.dead = [], True, True, False


def _is_false(words: list[str], installed: str) -> bool:
    """Return whether a test is false on an upgrade, where $2 is the installed version."""
    if words[:1] == ["["] and words[-1:] == ["]"]:
        words = ["test", *words[1:-1]]
    if "-o" in words:
        return False
    if words[:1] == ["test"] and "-a" in words:
        places = [at for at, word in enumerate(words) if word == "-a"]
        terms = (
            words[start + 1 : end]
            for start, end in zip((0, *places), (*places, len(words)), strict=True)
        )
        return any(_is_false(["test", *term], installed) for term in terms)
    match words:
        case ["test", "-z", "$2"] | ["test", "$2", "=", ""] | ["test", "x$2", "=", "x"]:
            return True
        case ["dpkg", "--compare-versions", *rest]:
            rest = [word for word in rest if word != "--"]
            # version, operator, version
            if len(rest) == 3 and rest[0] == "$2" and rest[1] in _BELOW:  # noqa: PLR2004
                try:
                    return DEB.compare(installed, rest[2]) not in _BELOW[rest[1]]
                except UnreadableVersionError:
                    return False
    return False


def _command(words: list[str], installed: str, rootfs: Rootfs) -> str:
    while words and _ASSIGNS.match(words[0]):
        words = words[1:]
    for i, word in enumerate(words):
        if (
            word.startswith(">")
            and not word.startswith(">&")
            and (i + 1 >= len(words) or words[i + 1] != "/dev/null")
        ):
            return "writes a file"
        if word == ">&" and words[i + 1 : i + 2] not in (["1"], ["2"]):
            return "writes a file"
    if not words or words[0] == "for" or words[0] in _HARMLESS_BUILTINS | _CACHE_COMMANDS:
        return ""
    name = words[0]
    if name in _SERVICE_COMMANDS:
        return (
            ""
            if all(rootfs.find(path) is None for path in _INIT)
            else f"calls {name}, and the image has a service manager"
        )
    if name == "dpkg" and words[1:2] == ["--compare-versions"]:
        return ""
    if name == "update-alternatives" and words[1:2] == ["--install"]:
        return (
            ""
            if _is_registered(words, rootfs)
            else "registers an alternative that the image does not have"
        )
    if name == "dpkg-maintscript-helper" and words[1:2] and words[1] in _MOVES:
        return "" if _is_past(words, installed) else f"calls {name} {words[1]}"
    return f"calls {name[:60]}"


def _is_past(words: list[str], installed: str) -> bool:
    """Return whether the helper does nothing on this upgrade (dpkg-maintscript-helper(1))."""
    if words[1] == "supports":
        return True
    # It only acts on upgrades from before the given version.
    arguments = words[2 : words.index("--")] if "--" in words else words[2:]
    versions = [
        argument
        for argument in arguments
        if not argument.startswith("/") and argument[:1].isdigit()
    ]
    try:
        return len(versions) == 1 and DEB.compare(installed, versions[0]) > 0
    except UnreadableVersionError:
        return False


def _is_registered(words: list[str], rootfs: Rootfs) -> bool:
    """Return whether an alternative (`--install LINK NAME PATH PRIORITY`) is known or unused."""
    # program, --install and its four arguments
    if len(words) < 6 or not re.fullmatch(r"[A-Za-z0-9+._-]+", words[3]):  # noqa: PLR2004
        return False
    entry = rootfs.find(f"/var/lib/dpkg/alternatives/{words[3]}")
    if entry is None:
        return rootfs.find(words[2]) is None
    return entry.is_file and words[4].encode() in rootfs.read(entry.path, MAX_SCRIPT).split(b"\n")

"""What a program that a Dockerfile starts without a shell needs of its base."""

from collections.abc import Callable, Mapping, Sequence

from packaging.requirements import Requirement

from careen.catalog.entries import Catalog
from careen.catalog.recipe import omitted
from careen.catalog.upstream.started import interpreters
from careen.model.catalog.entry import Entry
from careen.model.catalog.migration import Need
from careen.model.measure import SHELLS

_MANAGERS = ("apt", "dpkg", "debconf")
_NAMES: Mapping[str, str] = {
    "apt": "apt apt-get apt-cache",
    "coreutils": (
        "cat chgrp chmod chown cp cut date dd df du echo env expr false head id install ln ls"
        " mkdir mktemp mv nice nohup printf pwd readlink rm rmdir seq sleep sort stat stdbuf stty"
        " sync tail tee test timeout touch tr true uname wc whoami yes ["
    ),
    "debianutils": "run-parts which",
    "grep": "grep egrep fgrep",
    "mawk": "awk mawk",
    "npm": "npm npx",
    "openssl": "openssl",
    "perl-base": "perl",
    "pip": "pip pip3",
    "python3-pip": "pip pip3",
    "util-linux": "flock getopt ionice setpriv setsid su taskset unshare",
}
"""Programs of packages that entries leave out, where they are not those of the package's name."""
_OTHERS = ("curl", "dumb-init", "gosu", "nc", "pg_isready", "redis-cli", "su-exec", "tini", "wget")
_SCRIPTS = (".sh", ".bash", "entrypoint")
_LANGUAGES = ("java", "node", "python")
"""What bases run scripts by; another interpreter is in no variant."""


def absent_programs(catalog: Catalog, entry: Entry | None) -> Mapping[str, Need]:
    """Return the programs that `runtime` of an entry lacks, with what they are for.

    None stands for an image without an entry: then they are the shells.
    """
    out = dict.fromkeys(SHELLS, Need.SHELL)
    if entry is None:
        return out
    chain = catalog.chain(entry)
    kept = {name for each in chain for name in each.packages}
    gone = {name for left in omitted(chain) for name in left.names} - kept
    for package in gone:
        need = Need.PACKAGE_MANAGER if package in _MANAGERS else Need.PROGRAM
        names = {package, *_NAMES.get(package, "").split()}
        out |= dict.fromkeys(names - SHELLS, need)
    for each in chain:
        wheels = [Requirement(text).name for text in each.compat_pip]
        for package in (*each.compat_packages, *each.dev_packages, *wheels):
            more = {package, *_NAMES.get(package, "").split()}
            out |= dict.fromkeys(more - SHELLS, Need.BUILD_TOOLS)
    return out


def of_program(
    words: Sequence[str], absent: Mapping[str, Need], head: Callable[[str], bytes | None]
) -> tuple[Need, str] | None:
    """Return what starting these words needs and what to do instead; None for nothing known.

    `head` says the first bytes of a program that the Dockerfile copies, None for others.
    """
    if not words:
        return None
    name = words[0].rpartition("/")[2]
    if name in absent:
        return absent[name], f"`runtime` has no {name}: start the program itself"
    if name in _OTHERS:
        return Need.UNKNOWN, f"no variant has {name}: copy it, or do without"
    begins = head(words[0])
    if begins is not None:
        return _of_script(name, begins, absent, head)
    if name.endswith(_SCRIPTS):
        return Need.UNKNOWN, f"{name} may be a script: `runtime` may lack what it runs"
    return None


def _of_script(
    name: str, begins: bytes, absent: Mapping[str, Need], head: Callable[[str], bytes | None]
) -> tuple[Need, str] | None:
    """Return what a program with known first bytes needs; machine code needs nothing."""
    started = interpreters(begins)
    for program in started:
        needed = program.rpartition("/")[2]
        if needed in absent:
            advice = f"{name} is a script that starts {needed}, which `runtime` has not"
            if needed == "env":
                advice += ": name the interpreter by its path in the first line (#!/…)"
            return absent[needed], advice
    if started and not _is_of_a_base(started[-1]) and head(started[-1]) is None:
        advice = f"{name} is a script that starts {started[-1]}, which no variant has"
        return Need.UNKNOWN, advice
    return None


def _is_of_a_base(interpreter: str) -> bool:
    """Return whether a base may have an interpreter, in some version."""
    return interpreter.rpartition("/")[2].rstrip(".0123456789") in _LANGUAGES

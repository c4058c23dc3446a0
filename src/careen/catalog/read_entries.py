"""Reader of catalog files (TOML, docs/catalog.md)."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from careen.catalog.credentials import without_credentials
from careen.catalog.wheels.index import require_index
from careen.errors import InputError
from careen.model.catalog.entry import (
    AddedFile,
    BaseTest,
    Entry,
    Left,
    Link,
    Support,
    User,
    Variant,
)
from careen.oci.reference import parse_reference
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

SCHEMA = 1
MAX_FILE = 1 << 20
MAX_ENTRIES = 500
MAX_ID = 0xFFFFFFFE
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}(?::[a-z0-9][a-z0-9._-]{0,60})?")
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,100}")
_KIND_AND_NAME = re.compile(r"(?:[a-z]{2,10}:)?[A-Za-z0-9][A-Za-z0-9+._-]{0,100}")
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_USER = re.compile(r"[0-9]{1,10}(?::[0-9]{1,10})?")
_KEYS = (
    frozenset(
        ("name", "title", "aliases", "replaces", "inherits", "abstract", "unproven", "distribution")
    )
    | frozenset(("full",))
    | frozenset(
        ("release", "support", "variants", "packages", "compat_packages", "dev_packages", "user")
    )
    | frozenset(
        ("environment", "build_environment", "cmd", "compat_cmd", "users", "links", "unowned")
    )
    | frozenset(
        ("directories", "files", "omitted", "dropped", "tests", "pip", "pip_index", "upstream")
    )
    | frozenset(("major_upgrades", "compat_pip"))
)


def read_entries(path: Path) -> tuple[Entry, ...]:
    """Return the entries of one file. Raises ConfigError with file, line and key."""
    document = load_toml(path, MAX_FILE)
    document.only({"schema", "entry"})
    if document.values.get("schema") != SCHEMA:
        document.fail("schema", f"expected {SCHEMA}: this careen reads no other form")
    tables = document.array("entry")
    if not tables or len(tables) > MAX_ENTRIES:
        document.fail("entry", f"expected 1 to {MAX_ENTRIES} tables [[entry]]")
    return tuple(_entry(table) for table in tables)


def _entry(table: Table) -> Entry:
    table.only(_KEYS)
    return Entry(
        name=_matching(table, "name", _NAME, "a name like debian:trixie"),
        title=_required(table, "title"),
        aliases=_each(table, "aliases", _NAME, "names like debian:13"),
        replaces=table.texts("replaces"),
        full=_full(table),
        inherits=table.text("inherits") or "",
        abstract=table.flag("abstract"),
        unproven=table.text("unproven") or "",
        distribution=table.text("distribution") or "",
        release=table.text("release") or "",
        support=_support(table),
        variants=_variants(table, "variants"),
        packages=_each(table, "packages", _PACKAGE, "names of packages"),
        compat_packages=_each(table, "compat_packages", _PACKAGE, "names of packages"),
        dev_packages=_each(table, "dev_packages", _PACKAGE, "names of packages"),
        pip=_requirements(table, "pip"),
        compat_pip=_requirements(table, "compat_pip"),
        pip_index=_index(table),
        upstream=_upstream(table),
        major_upgrades=_each(
            table, "major_upgrades", _KIND_AND_NAME, "packages like pypi:pip, or their names"
        ),
        environment=_environment(table, "environment"),
        build_environment=_environment(table, "build_environment"),
        cmd=table.texts("cmd"),
        compat_cmd=table.texts("compat_cmd"),
        user=_matching(table, "user", _USER, "UID or UID:GID", default=""),
        users=tuple(_users(table)),
        links=tuple(_links(table)),
        directories=_paths(table, "directories"),
        files=tuple(_files(table)),
        unowned=_paths(table, "unowned"),
        omitted=_left(table, "omitted"),
        dropped=_left(table, "dropped"),
        tests=tuple(_tests(table)),
    )


def _requirements(table: Table, key: str) -> tuple[str, ...]:
    found = table.texts(key)
    for each in found:
        try:
            said = Requirement(each)
        except InvalidRequirement:
            table.fail(key, f"expected requirements like torch>=2.9, got {each!r}")
        if said.url or said.marker:
            table.fail(key, f"expected a name and versions, without URL or marker, got {each!r}")
    return found


def _index(table: Table) -> str:
    found = table.text("pip_index") or ""
    if found:
        try:
            require_index(found)
        except InputError as error:
            table.fail("pip_index", str(error))
        if without_credentials(found) != found:
            table.fail("pip_index", "expected a URL without a password; pip takes it from a netrc")
    return found


def _upstream(table: Table) -> str:
    found = table.text("upstream") or ""
    if found:
        try:
            parse_reference(found)
        except InputError as error:
            table.fail("upstream", str(error))
    return found


def _required(table: Table, key: str) -> str:
    found = table.text(key)
    if found is None:
        table.fail(key, "is missing")
    return found


def _matching(
    table: Table, key: str, pattern: re.Pattern[str], what: str, default: str | None = None
) -> str:
    found = table.text(key)
    if found is None and default is not None:
        return default
    if found is None or not pattern.fullmatch(found):
        table.fail(key, f"expected {what}, got {found!r}")
    return found


def _each(table: Table, key: str, pattern: re.Pattern[str], what: str) -> tuple[str, ...]:
    found = table.texts(key)
    for each in found:
        if not pattern.fullmatch(each):
            table.fail(key, f"expected {what}, got {each!r}")
    return found


def _paths(table: Table, key: str) -> tuple[str, ...]:
    found = table.texts(key)
    for each in found:
        if not each.startswith("/") or ".." in each.split("/"):
            table.fail(key, f"expected absolute paths without '..', got {each!r}")
    return found


def _full(table: Table) -> tuple[str, ...]:
    found = table.texts("full")
    for each in found:
        if each not in table.texts("replaces"):
            table.fail("full", f"expected some of `replaces`, got {each!r}")
    return found


def _support(table: Table) -> Support | None:
    if "support" not in table.values:
        return None
    found = table.table("support")
    found.only({"until", "source"})
    until = found.date("until")
    return Support(until or dt.date.min, _required(found, "source")) if until else _no_day(found)


def _no_day(table: Table) -> Support:
    table.fail("until", "is missing")


def _variants(table: Table, key: str) -> tuple[Variant, ...]:
    known = {each.value: each for each in Variant}
    for each in (found := table.texts(key)):
        if each not in known:
            table.fail(key, f"expected some of {', '.join(known)}, got {each!r}")
    return tuple(known[each] for each in found)


def _environment(table: Table, key: str) -> Mapping[str, str]:
    found = table.table(key)
    for name in found.values:
        if not name or "=" in name:
            found.fail(name, "is not a name of a variable")
    return {name: _required(found, name) for name in found.values}


def _users(table: Table) -> Iterator[User]:
    for each in table.array("users"):
        each.only({"name", "uid", "home", "upstream"})
        uid = each.values.get("uid")
        if not isinstance(uid, int) or isinstance(uid, bool) or not 0 < uid <= MAX_ID:
            each.fail("uid", "expected a number above 0")
        home = _paths(each, "home")
        if len(home) != 1 or ":" in home[0]:
            each.fail("home", "expected one path")
        name = _matching(each, "name", _ACCOUNT, "a name of an account")
        yield User(name, uid, home[0], each.flag("upstream"))


def _links(table: Table) -> Iterator[Link]:
    for each in table.array("links"):
        each.only({"path", "target"})
        path = _paths(each, "path")
        if len(path) != 1:
            each.fail("path", "expected one path")
        yield Link(path[0], _required(each, "target"))


def _files(table: Table) -> Iterator[AddedFile]:
    for each in table.array("files"):
        each.only({"path", "text", "executable", "build"})
        path = _paths(each, "path")
        if len(path) != 1:
            each.fail("path", "expected one path")
        flags = (each.flag("executable"), each.flag("build"))
        yield AddedFile(path[0], _required(each, "text"), *flags)


def _left(table: Table, key: str) -> tuple[Left, ...]:
    out: list[Left] = []
    for each in table.array(key):
        each.only({"names", "reason"})
        names = each.texts("names") if key == "omitted" else _paths(each, "names")
        if not names:
            each.fail("names", "is empty")
        out.append(Left(names, _required(each, "reason")))
    return tuple(out)


def _tests(table: Table) -> Iterator[BaseTest]:
    for each in table.array("tests"):
        each.only({"variants", "argv", "contains"})
        argv = each.texts("argv")
        if not argv:
            each.fail("argv", "is empty")
        yield BaseTest(_variants(each, "variants"), argv, _required(each, "contains"))

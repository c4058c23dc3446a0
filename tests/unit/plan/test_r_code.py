"""Commands that the code of an R package names: its lazy-load database."""

import zlib

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.compiled import r_code
from careen.plan.scanners.compiled.r_code import RCommands, r_commands
from tests.support.plans import Case, Files, elf, package, plan_for

NAMES = frozenset({b"pandoc", b"gs", b"which"})
R, PACKAGE = "/usr/lib/R/bin/exec/R", "/usr/lib/R/site-library/papers/R/papers"


def text(word: bytes) -> bytes:
    """A CHARSXP as R serializes it."""
    return b"\x00\x04\x00\x09" + len(word).to_bytes(4, "big") + word


def symbol(word: bytes) -> bytes:
    return b"\x00\x00\x00\x01" + text(word)


def vector(*words: bytes) -> bytes:
    return b"\x00\x00\x00\x10" + len(words).to_bytes(4, "big") + b"".join(map(text, words))


def database(*objects: bytes) -> bytes:
    return b"".join(len(each).to_bytes(4, "big") + zlib.compress(each) for each in objects)


FINDER = symbol(b"find_program") + symbol(b"Sys.which")


def test_a_text_of_a_package_that_starts_programs() -> None:
    data = database(FINDER, symbol(b"find_program") + vector(b"pandoc"))
    assert r_commands(data, NAMES) == RCommands(named=frozenset({b"pandoc"}))
    assert r_commands(database(FINDER, vector(b"other", b"gs")), NAMES).named == {b"gs"}


def test_a_command_line_and_a_pipeline() -> None:
    data = database(FINDER + vector(b"gs -q -dBATCH"), vector(b"pandoc x |which | gs"))
    assert r_commands(data, NAMES) == RCommands(frozenset(), frozenset({b"gs"}), NAMES)
    data = database(FINDER, vector(b"pandoc x | other", b"gs | gs", b"pandoc |", b" "))
    assert r_commands(data, NAMES) == RCommands()


@pytest.mark.parametrize(
    "data",
    [
        database(symbol(b"sqrt"), vector(b"pandoc")),  # starts nothing
        database(vector(b"Sys.which"), vector(b"pandoc")),  # a text, no call
        database(FINDER, symbol(b"pandoc")),  # a variable
        database(FINDER, vector(b"pandoc is missing")),  # a message
        database(FINDER, vector(b"pandoc2")),
        FINDER + vector(b"pandoc"),  # not compressed
    ],
)
def test_what_names_no_command(data: bytes) -> None:
    assert r_commands(data, NAMES) == RCommands()


def test_objects_longer_than_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r_code, "_PIECE", 7)
    noise = bytes(n * n % 251 for n in range(5000))
    data = database(noise, FINDER + noise, vector(b"pandoc"), noise)
    assert r_commands(data, NAMES).named == {b"pandoc"}


def test_a_database_that_lies_about_its_lengths_ends() -> None:
    good = database(FINDER, vector(b"pandoc"), b"x" * 100)
    for at in range(len(good)):
        r_commands(good[:at], NAMES)
        r_commands(good[:at] + b"\xff" * 3 + good[at + 3 :], NAMES)
    bomb = (10).to_bytes(4, "big") + zlib.compress(FINDER + vector(b"pandoc") + bytes(1 << 20))
    assert r_commands(bomb, NAMES) == RCommands()


def test_no_more_is_unpacked_than_a_package_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    data = database(FINDER + vector(b"gs"), bytes(500) + vector(b"pandoc"))
    assert r_commands(data, NAMES).named == {b"gs", b"pandoc"}
    monkeypatch.setattr(r_code, "MAX_CODE", 300)
    assert r_commands(data, NAMES).named == {b"gs"}


def kept(text: bytes, path: str = f"{PACKAGE}.rdb") -> set[str]:
    commands = ("pandoc", "git", "convert", "dpkg", "stty")
    programs: Files = {f"/usr/bin/{item}": elf() for item in commands}
    files: Files = {R: elf(), path: database(FINDER, vector(text)), **programs}
    base = package(Ecosystem.DEB, "dpkg", ("/usr/bin/dpkg", "/usr/bin/stty"), essential=True)
    tools = package(Ecosystem.DEB, "tools", tuple(f"/usr/bin/{item}" for item in commands[:3]))
    used = {R: Use.EXECUTED}
    plan = plan_for(Case(files, used, (), packages=(base, tools), rules=load_rules()))
    assert ImagePath(path) in plan.keep
    return {item for item in commands if ImagePath(f"/usr/bin/{item}") in plan.keep}


@pytest.mark.parametrize(
    ("text", "stay"),
    [
        (b"pandoc", {"pandoc"}),
        (b"git", set()),  # one that rules skip
        (b"git -v", set()),
        (b"convert", set()),  # an English word
        (b"stty", set()),  # of an essential package
        (b"stty -echo", {"stty"}),
        (b"dpkg -s x |stty", {"dpkg", "stty"}),
    ],
)
def test_a_package_of_r_keeps_the_commands_that_it_names(text: bytes, stay: set[str]) -> None:
    assert kept(text) == stay
    assert kept(text, f"{PACKAGE.replace('/R/papers', '/data/Rdata')}.rdb") == set()

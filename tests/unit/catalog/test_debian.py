"""Sources, lists, locks, and the lines for what goes wrong; without apt."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from careen.catalog import isolation
from careen.catalog.debian import bootstrap as builder
from careen.catalog.debian import sources
from careen.catalog.debian.failures import failure
from careen.catalog.debian.family import DEBIAN
from careen.catalog.debian.lists import digests
from careen.catalog.debian.named_keys import named_line, unread
from careen.catalog.debian.sources_file import left_out, sources_file
from careen.catalog.definition import definition
from careen.catalog.entries import load_catalog
from careen.catalog.isolation import environment
from careen.catalog.lock_file import parsed, written
from careen.catalog.named_places import is_local
from careen.catalog.port import PackageSources, RootRequest
from careen.catalog.recipe import recipe
from careen.errors import ConfigError, InputError
from careen.model.catalog.entry import Variant
from careen.model.catalog.lock import Lock, LockedPackage, Step
from careen.pipeline.catalog import build
from careen.pipeline.catalog.roots import definitions
from careen.tools.process import Finished, Program

DEB822 = """Types: deb
URIs: https://mirror.test/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian.pgp

Types: deb-src
URIs: https://mirror.test/debian
Suites: trixie
Components: main

Types: deb
URIs: file:/srv/local
Suites: ./
Trusted: yes
"""


def folder(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return tmp_path


def test_the_machines_sources_are_taken_signed_and_by_network(tmp_path: Path) -> None:
    apt = folder(tmp_path, "sources.list.d/debian.sources", DEB822)
    found = sources.of_this_machine("trixie", "trixie", apt)
    start = "deb [signed-by=/usr/share/keyrings/debian.pgp] https://mirror.test/debian"
    assert found.lines == (f"{start} trixie main", f"{start} trixie-updates main")


def test_another_release_comes_from_the_same_mirrors(tmp_path: Path) -> None:
    apt = folder(tmp_path, "sources.list.d/debian.sources", DEB822)
    found = sources.of_this_machine("bookworm", "trixie", apt)
    assert [line.split()[3] for line in found.lines] == ["bookworm", "bookworm-updates"]


def test_one_line_sources_are_read_and_untrusted_ones_left_out(tmp_path: Path) -> None:
    text = (
        "# a comment\n"
        "deb http://user:secret@mirror.test/debian trixie main contrib # more\n"
        "deb [trusted=yes] http://unsigned.test/ trixie main\n"
    )
    found = sources.of_this_machine("trixie", "", folder(tmp_path, "sources.list", text))
    assert found.lines == ("deb http://user:secret@mirror.test/debian trixie main contrib",)
    assert found.public == ("deb http://mirror.test/debian trixie main contrib",)


def test_no_source_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no signed source of Debian trixie.*--source"):
        sources.of_this_machine("trixie", "trixie", tmp_path)


def test_given_sources_are_signed_by_the_given_key(tmp_path: Path) -> None:
    key = tmp_path / "key.gpg"
    key.write_bytes(b"a key")
    found = sources.given(["deb [arch=amd64] http://m.test/ trixie main"], key, "trixie")
    assert found.lines == (f"deb [arch=amd64 signed-by={key}] http://m.test/ trixie main",)
    own = "deb [signed-by=/k.gpg] http://m.test/ trixie main"
    assert sources.given([own], key, "trixie").lines == (own,)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("http://m.test trixie main", "expected 'deb URI SUITE COMPONENT"),
        ("deb [trusted=yes] http://m.test trixie main", "only sources with a valid signature"),
        ("deb [allow-insecure=yes] http://m.test trixie main", "allow-insecure"),
        ("deb http://m.test trixie main\nDeb evil", "expected 'deb URI"),
    ],
)
def test_a_source_that_is_not_checked_is_refused(line: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        sources.given([line], None, "trixie")


def test_a_refused_source_shows_no_password() -> None:
    with pytest.raises(InputError) as error:
        sources.given(["deb http://u:secret@m.test"], None, "trixie")
    assert "secret" not in str(error.value)


def test_the_sources_of_an_image_name_no_local_place() -> None:
    lines = (
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://mirror.test/debian trixie main",
        "deb [signed-by=debian-archive-keyring.pgp] https://mirror.test/debian trixie-updates main",
        "deb http://127.0.0.1:99/x trixie main",
        "deb file:/srv/x trixie main",
    )
    assert sources_file(lines, "/usr/share/keyrings/k.pgp", DEBIAN.own_keys).decode() == (
        "Types: deb\nURIs: https://mirror.test/debian\nSuites: trixie trixie-updates\n"
        "Components: main\nSigned-By: /usr/share/keyrings/k.pgp\n"
    )


@pytest.mark.parametrize(
    "key",
    [
        *("/home/x.gpg", "a" * 40, "/home/usr/share/keyrings/debian-archive-keyring.gpg"),
        "/usr/share/keyrings/debian-archive-keyring.gpg,/k.gpg",
        *("debian-archive-keyring.gpg@unknown", f"debian-archive-keyring.gpg@sha256:{'a' * 64}"),
        "debian-archive-keyring.gpg,x.gpg@unknown",
    ],
)
def test_a_source_with_its_own_key_is_not_given_debians(key: str) -> None:
    line = f"deb [arch=amd64 Signed-By={key}] https://mirror.test/debian trixie main"
    assert left_out((line,), DEBIAN.own_keys) == (line,)
    assert sources_file((line,), "/usr/share/keyrings/k.pgp", DEBIAN.own_keys) == b""


def test_digests_are_those_of_the_wanted_versions() -> None:
    lists = (
        b"Package: a\nVersion: 1\nArchitecture: amd64\nSHA256: " + b"1" * 64 + b"\n\n"
        b"Package: a\nVersion: 2\nArchitecture: amd64\nDescription: x\nSHA256: " + b"2" * 64 + b"\n"
        b"\nPackage: ab\nVersion: 1\nArchitecture: all\nSHA256: " + b"3" * 64 + b"\n"
    )
    wanted = {("a", "amd64", "2"), ("ab", "all", "1"), ("none", "all", "1")}
    assert digests(lists, wanted) == {("a", "amd64", "2"): "2" * 64, ("ab", "all", "1"): "3" * 64}


LOCK = Lock(
    entry="debian:trixie",
    variant="runtime",
    architecture="amd64",
    created="2026-11-30T00:00:00Z",
    sources=("deb https://mirror.test/debian trixie main",),
    steps=(
        Step(
            "debian:trixie",
            (LockedPackage("libc6", "amd64", "2.41-12+deb13u1", "a" * 64),),
            "d" * 64,
        ),
    ),
)


def test_a_lock_is_read_as_it_was_written() -> None:
    data = written(LOCK)
    assert parsed(data, "lock") == LOCK
    assert written(parsed(data, "lock")) == data


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("careen.base-lock", "other", "not a lock"),
        ('"version":1', '"version":2', "not a lock"),
        ("2026-11-30T00:00:00Z", "yesterday", "created: expected a time"),
        (
            "2.41-12+deb13u1",
            "1\\nPin-Priority: 1",
            r"packages\[0\].version: not a word of a package manager",
        ),
        ('"libc6"', '"*"', "name: not a word of a package manager"),
        ("a" * 64, "abc", "sha256: not a SHA-256"),
        ('"definition":"d', '"definition":"x', "definition: not a SHA-256"),
        ('"steps":[', '"steps":7,"x":[', "steps: expected a list"),
        ('["deb https', '[7,"deb https', "sources: expected lines"),
    ],
)
def test_a_damaged_lock_is_named(old: str, new: str, said: str) -> None:
    text = written(LOCK).decode()
    assert old in text
    with pytest.raises(ConfigError, match=said):
        parsed(text.replace(old, new).encode(), "lock")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "Err:1 http://m.test trixie InRelease\n  Could not connect to 127.0.0.1:9",
            "does not answer",
        ),
        (
            "E: The repository 'http://m.test trixie InRelease' is not signed.",
            "no valid signature of a trusted key",
        ),
        (
            "E: Release file for http://m.test/InRelease is expired (invalid since 3d 2h).",
            "the Release file has expired",
        ),
        ("E: Failed to fetch http://m.test/a.deb  Hash Sum mismatch", "not what the signed"),
        ("E: Version '9' for 'a' was not found", "sources lack a package"),
        ("tar: ./x: Wrote only 512 bytes\ntar: No space left on device", "the disk is full"),
        (
            (
                "dpkg: error processing package a (--configure):\n installed a package"
                " post-installation script subprocess returned error exit status 7\n"
                "E: Sub-process env returned an error code (1)"
            ),
            "a script of a package failed (installed a package post-installation script",
        ),
        (
            (
                "dpkg: error processing archive /a.deb (--unpack):\n trying to overwrite '/x', which is"
                " also in package b 1\nE: Sub-process env returned an error code (1)"
            ),
            "dpkg cannot install a package (dpkg: error processing archive /a.deb",
        ),
        ("I: fine\nE: mmdebstrap failed to run", "E: mmdebstrap failed to run"),
        ("", "no output"),
    ],
)
def test_what_went_wrong_is_one_line(output: str, said: str) -> None:
    line = failure(output)
    assert said in line
    assert "\n" not in line


@pytest.mark.parametrize("start", ["E: cannot parse", "E: Failed to fetch", "said by somebody:"])
def test_what_went_wrong_shows_no_password(start: str) -> None:
    line = failure(f"{start} deb http://user:secret@m.test/debian trixie main")
    assert "m.test/debian" in line
    assert "secret" not in line


def test_scripts_of_packages_see_no_variable_of_careen_but_the_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAREEN_QUEUE", "redis://user:secret@queue.test")
    monkeypatch.setenv("CAREEN_RUN", "/tmp/run")
    found = environment(tmp_path, 7)
    assert {name for name in found if name.startswith("CAREEN_")} == {"CAREEN_RUN"}
    assert "secret" not in " ".join(found.values())


def test_scripts_of_packages_run_without_network_passwords_and_proxies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[list[str], Mapping[str, str]]] = []
    sources_said: list[str] = []
    settings_said: list[str] = []
    settings = tmp_path / "settings"

    def run(argv: list[str], *, timeout: float, env: Mapping[str, str]) -> Finished:
        assert timeout > 0
        runs.append((argv, env))
        listed = Path(argv[-1])
        assert listed.stat().st_mode & 0o777 == 0o600
        sources_said.append(listed.read_text())
        settings_said.append(settings.read_text() if settings.exists() else "")
        (tmp_path / "fetched.tar").touch()
        return Finished(0, b"", b"")

    monkeypatch.setattr(isolation, "run", run)
    monkeypatch.setattr(Program, "require", lambda self: self.names[0])
    monkeypatch.setattr(isolation, "ROOM", 0)
    monkeypatch.setenv("https_proxy", "http://user:secret@proxy.test")
    lines = ("deb https://user:secret@mirror.test/debian trixie main",)
    found = PackageSources(lines, (), ('Acquire::http::Proxy "http://u:secret@p.test";',))
    steps = (("libc6",), ("python3",))
    request = RootRequest("trixie", found, steps, pins=(), epoch=7, into=tmp_path)
    builder.bootstrap(request, "Debian")
    (fetching, outside), (installing, inside) = runs
    assert "--net" not in fetching
    assert "secret" not in " ".join(fetching)  # every user of the machine sees the words
    assert sources_said == [f"{lines[0]}\n", "deb https://mirror.test/debian trixie main\n"]
    assert f"--aptopt={settings}" in fetching
    assert settings_said == [f"{found.settings[0]}\n", ""]
    assert "https_proxy" in outside
    assert sum("--download-only install" in word for word in fetching) == 2
    assert not [word for word in fetching if "Chroot-Directory" in word]
    assert "--net" in installing
    assert "-sys_module" in installing[installing.index("--bounding-set") + 1].split(",")
    assert "secret" not in " ".join((*installing, *inside.values()))
    assert not (tmp_path / "fetched.tar").exists()


def test_the_time_of_a_lock_counts_before_source_date_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert build._created(LOCK) == LOCK.created
    assert build._created(None) == "2001-09-09T01:46:40Z"


def test_a_lock_knows_the_definitions_of_its_entries() -> None:
    catalog = load_catalog()
    entry = catalog.find("debian:trixie")
    chain = catalog.chain(entry)
    wanted = recipe(catalog, entry, Variant.RUNTIME)
    (now,) = definitions(wanted, chain)
    same = replace(LOCK, steps=(replace(LOCK.steps[0], definition=now),))
    assert build._changed(chain, wanted, same) == ()
    assert "definition of debian:trixie has changed" in build._changed(chain, wanted, LOCK)[0]
    silent = replace(LOCK, steps=(replace(LOCK.steps[0], definition=""),))
    assert "does not say" in build._changed(chain, wanted, silent)[0]
    moved = (chain[0], replace(chain[1], replaces=(), tests=()))
    assert definition(moved) == now
    assert definition((replace(chain[0], user="1"), chain[1])) != now


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (
            "deb mirror+file:/etc/apt/mirrors/own.list trixie main",
            "deb mirror+file:own.list trixie main",
        ),
        ("deb [signed-by=/home/u/k.gpg] http://h.test/d ./", "deb http://h.test/d ./"),
    ],
)
def test_no_path_of_this_machine_stands_in_a_line(line: str, named: str) -> None:
    assert named_line(line, re.compile("never"), unread) == named


def test_a_list_of_mirrors_on_this_machine_is_local() -> None:
    assert is_local("mirror+file:/etc/apt/mirrors/own.list")
    assert is_local("cdrom:[Debian]/")
    assert not is_local("mirror+https://mirror.test/own.list")

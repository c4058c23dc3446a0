"""Sources of packages: credentials, suites, keys, names for paths, and this machine's apt as apt reads it."""

import hashlib
from pathlib import Path

import pytest

from careen.catalog.alpine.family import ALPINE
from careen.catalog.credentials import without_credentials
from careen.catalog.debian.family import DEBIAN
from careen.catalog.debian.sources import MAX_SOURCES, given, of_this_machine
from careen.catalog.named_places import without_options
from careen.catalog.port import Family, PackageSources
from careen.catalog.rpm.family import REDHAT
from careen.errors import ConfigError, InputError

KEY = "a" * 40


def stanza(tmp_path: Path, *fields: str, name: str = "x.sources") -> Path:
    path = tmp_path / "sources.list.d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    basic = ["Types: deb", "URIs: https://m.test/debian", "Suites: trixie", "Components: main"]
    path.write_text("\n".join([*basic, *fields]) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    "info", ["u:secret", "aws:" + "secret" * 200, "u:p@secret", "u:p/secret", "u:p@secret/x"]
)
def test_no_credentials_are_shown(info: str) -> None:
    lines = (f"deb http://{info}@m.test/debian trixie main",)
    assert PackageSources(lines, ()).passwordless == ("deb http://m.test/debian trixie main",)
    (shown,) = DEBIAN.named(lines)
    assert shown == "deb http://m.test/debian trixie main"
    said = without_credentials(f"Err:1 'http://{info}@m.test/debian' failed, https://n.test/x")
    assert said == "Err:1 'http://m.test/debian' failed, https://n.test/x"


@pytest.mark.parametrize("info", ["u:p@ss", "u:secret/w", "u/secret", "u:p@ss/w"])
def test_user_info_in_doubt_is_refused_and_not_shown(info: str, tmp_path: Path) -> None:
    uri = f"http://{info}@m.test/debian"
    with pytest.raises(InputError, match="%40 and %2F") as error:
        given([f"deb {uri} trixie main"], None, "trixie")
    assert info not in str(error.value)
    path = tmp_path / "sources.list"
    path.write_text(f"deb {uri} trixie main\n")
    with pytest.raises(InputError, match="%40 and %2F") as error:
        of_this_machine("trixie", "trixie", tmp_path)
    assert info not in str(error.value)


@pytest.mark.parametrize("rest", ["[word", "word", "12 x x", "#"])
def test_a_password_with_a_space_is_not_shown(rest: str) -> None:
    with pytest.raises(InputError, match=r"^--source 'deb http://m\.test/") as error:
        given([f"deb http://u:secret {rest}@m.test/debian trixie main"], None, "trixie")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "uri", ["http://[::1]:80/x", "http://u:p%40@m.test:8080", "tor+http://m/x"]
)
def test_usual_uris_are_taken(uri: str) -> None:
    line = f"deb {uri} trixie main"
    assert given([line], None, "trixie").lines == (line,)


def test_sources_of_another_release_are_refused() -> None:
    with pytest.raises(InputError, match="the suite is 'sid'; expected trixie"):
        given(["deb http://m.test/debian sid main"], None, "trixie")
    with pytest.raises(InputError, match="the suite is 'trixiex'"):
        given(["deb http://m.test/debian trixiex main"], None, "trixie")
    assert given(["deb http://m.test/debian trixie-security main"], None, "trixie").lines


def test_lists_without_a_date_are_noted() -> None:
    line = "deb [check-valid-until=No] http://u:secret@m.test/debian trixie main"
    (note,) = given([line], None, "trixie").notes
    assert "may be old" in note
    assert "secret" not in note
    assert not given(["deb [check-date=yes] http://m.test/d trixie main"], None, "trixie").notes


def test_too_many_sources_are_refused(tmp_path: Path) -> None:
    lines = [f"deb http://m.test/{number} trixie main" for number in range(MAX_SOURCES + 1)]
    with pytest.raises(InputError, match="65 sources; at most 64"):
        given(lines, None, "trixie")
    (tmp_path / "sources.list").write_text("\n".join(lines))
    with pytest.raises(InputError, match="65 sources; at most 64"):
        of_this_machine("trixie", "trixie", tmp_path)


@pytest.mark.parametrize(
    "field",
    [*("Enabled: false", "Enabled: No", "enabled: off", "Architectures: arm64"), "Trusted: with"],
)
def test_a_source_that_apt_does_not_use_or_check_is_left_out(field: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no signed source"):
        of_this_machine("trixie", "trixie", stanza(tmp_path, field), "amd64")


def test_an_architecture_of_a_line_counts(tmp_path: Path) -> None:
    lines = (
        f"deb [arch{x}] http://{n}.test/ trixie main" for n, x in enumerate(("=arm64", "-=amd64"))
    )
    (tmp_path / "sources.list").write_text(
        "\n".join((*lines, "deb [arch=arm64,amd64] http://m.test/ trixie main"))
    )
    found = of_this_machine("trixie", "trixie", tmp_path, "amd64")
    assert found.lines == ("deb http://m.test/ trixie main",)


def test_values_on_later_lines_are_read(tmp_path: Path) -> None:
    more = ("Suites:", " trixie", "# a comment", " trixie-updates", f"Signed-By: {KEY}", f" {KEY}!")
    found = of_this_machine("trixie", "trixie", stanza(tmp_path, *more))
    start = f"deb [signed-by={KEY},{KEY}!] https://m.test/debian"
    assert found.lines == (f"{start} trixie main", f"{start} trixie-updates main")


@pytest.mark.parametrize(
    "value",
    ["\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ", " /a/k[1].gpg", " Debian Archive"],
)
def test_a_key_that_no_line_can_name_is_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"m\.test/debian': Signed-By is neither"):
        of_this_machine("trixie", "trixie", stanza(tmp_path, f"Signed-By:{value}"))


def test_the_case_of_a_key_file_is_kept(tmp_path: Path) -> None:
    line = "deb [Signed-By=/k/MyKey.gpg] http://m.test/ trixie main"
    (tmp_path / "sources.list").write_text(line)
    (found,) = of_this_machine("trixie", "trixie", tmp_path).lines
    assert found == "deb [signed-by=/k/MyKey.gpg] http://m.test/ trixie main"


def test_a_key_file_that_apt_cannot_be_told_is_refused() -> None:
    with pytest.raises(InputError, match="--source-key '/k/a b'"):
        given(["deb http://m.test/ trixie main"], Path("/k/a b"), "trixie")


def test_a_key_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.gpg: cannot be read: No such file"):
        given(["deb http://m.test/ trixie main"], tmp_path / "gone.gpg", "trixie")


KEYRING = "/usr/share/keyrings/debian-archive-keyring.pgp"


@pytest.mark.parametrize("folder", ["one", "another/place"])
def test_a_key_has_a_name_and_a_digest_wherever_it_lies(folder: str, tmp_path: Path) -> None:
    key = tmp_path / folder / "mine.gpg"
    key.parent.mkdir(parents=True)
    key.write_bytes(b"a key")
    found = DEBIAN.given(["deb http://u:secret@m.test/d trixie main"], key, "trixie", "amd64")
    assert found.lines == (f"deb [signed-by={key}] http://u:secret@m.test/d trixie main",)
    assert found.passwordless == (f"deb [signed-by={key}] http://m.test/d trixie main",)
    digest = hashlib.sha256(b"a key").hexdigest()
    name = f"mine.gpg@sha256:{digest}"
    assert found.public == (f"deb [signed-by={name}] http://m.test/d trixie main",)
    assert DEBIAN.named(found.public) == found.public
    assert DEBIAN.unnamed(found.public)  # the image has no such key


def test_the_distributions_keys_are_named_alike_on_every_machine() -> None:
    line = f"deb [arch=amd64 signed-by={KEYRING}] https://m.test/d trixie main"
    (named,) = DEBIAN.given([line], None, "trixie", "amd64").public
    wanted = "deb [arch=amd64 signed-by=debian-archive-keyring.pgp] https://m.test/d trixie main"
    assert named == wanted
    assert DEBIAN.unnamed([named]) == ()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (
            f"deb [signed-by={KEYRING}] https://m.test/d trixie main",
            "deb [signed-by=debian-archive-keyring.pgp] https://m.test/d trixie main",
        ),
        (
            f"deb [signed-by=/home/me/k.gpg,{KEY}] https://m.test/d trixie main",
            f"deb [signed-by=k.gpg@unknown,{KEY}] https://m.test/d trixie main",
        ),
        ("deb [signed-by=/etc/passwd] file:/srv/m trixie main", None),
        ("deb https://u:secret@m.test/d trixie main", "deb https://m.test/d trixie main"),
    ],
)
def test_an_old_lock_loses_its_paths_and_no_file_is_read(line: str, named: str | None) -> None:
    wanted = named or "deb [signed-by=passwd@unknown] file:m trixie main"
    assert DEBIAN.named([line]) == (wanted,)
    assert DEBIAN.named([wanted]) == (wanted,)
    assert bool(DEBIAN.unnamed([line])) is bool(DEBIAN.unnamed([wanted]))


@pytest.mark.parametrize("family", [ALPINE, REDHAT])
def test_repositories_of_this_machine_are_named_by_their_last_part(family: Family) -> None:
    lines = ("/home/me/apk/main", "file:///home/me/ubi/os/", "https://m.test/alpine/main", "/")
    assert family.named(lines) == (
        *("file:main", "file:os", "https://m.test/alpine/main", "file:/"),
    )
    assert family.named(family.named(lines)) == family.named(lines)


def test_a_lock_of_another_key_is_of_the_same_source() -> None:
    line = "deb [signed-by=a.gpg@unknown arch=amd64] http://m.test/d trixie main"
    assert without_options(line) == "deb http://m.test/d trixie main"
    assert without_options("https://m.test/[x] y") == "https://m.test/[x] y"

"""Sources of packages: credentials, suites, keys, and this machine's apt as apt reads it."""

from pathlib import Path

import pytest

from careen.catalog.credentials import without_credentials
from careen.catalog.debian.sources import MAX_SOURCES, given, of_this_machine
from careen.catalog.port import PackageSources
from careen.errors import InputError

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
    (shown,) = PackageSources(lines, ()).public
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

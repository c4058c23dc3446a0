"""The search for secrets: every layer, the configuration, bounds, exceptions, and no values."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from careen.compliance.check import Decision
from careen.compliance.checks.supply.secrets import CHECKS
from careen.compliance.recorded import recorded_digests
from careen.compliance.secrets import gitleaks, stage, wide
from careen.compliance.secrets.excuse import Excuses
from careen.compliance.secrets.owner import delivered
from careen.compliance.secrets.parts import CHUNK, LARGEST, parts_of
from careen.compliance.secrets.scan import scan_secrets
from careen.compliance.secrets.stage import Bounds
from careen.compliance.secrets.wide import narrowed
from careen.compliance.subject import Subject
from careen.errors import ToolError
from careen.inventory.scan import scan
from careen.model.compliance.result import Result
from careen.model.compliance.secrets import (
    ExcusedSecret,
    SecretException,
    SecretScan,
    SuspectedSecret,
)
from careen.model.packages.file_digest import FileDigest
from careen.model.paths import ImagePath
from careen.oci.extents import BytesPart, Extents, ZeroPart
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from tests.support.compliance import TODAY
from tests.support.images import Item, directory, file, layer, oci_layout, whiteout
from tests.support.secrets import AWS, GITHUB, HUGGING_FACE, VALUES, private_key

pytestmark = pytest.mark.gitleaks


def searched(
    folder: Path,
    *layers: Sequence[Item],
    entries: Sequence[SecretException] = (),
    bounds: Bounds | None = None,
    today: str = "2026-12-01",
    **document: Any,
) -> SecretScan:
    made = oci_layout(folder / "image", [layer(*each) for each in layers], config=document)
    (scratch := folder / "scratch").mkdir()
    (empty := folder / "empty").mkdir()
    with open_image(OciLayout(made, None), None, scratch) as image:
        subject = Subject(image, image.rootfs(), scan(image.rootfs()), TODAY)
        excuses = Excuses(subject.inventory, entries, today, partial(recorded_digests, subject))
        return scan_secrets(image, excuses, empty, bounds or Bounds())


def places(found: SecretScan) -> list[tuple[str, str, int, int, bool]]:
    return [
        (each.kind, each.where, each.layer, each.line, each.deleted) for each in found.suspected
    ]


def decision_of(found: SecretScan, folder: Path) -> Decision:
    (there := folder / "decided").mkdir(parents=True)
    made = oci_layout(there / "image", [layer(file("a"))])
    with open_image(OciLayout(made, None), None, there) as image:
        return CHECKS[0].decide(
            Subject(image, image.rootfs(), scan(image.rootfs()), TODAY, secrets=found)
        )


def decided(found: SecretScan, folder: Path) -> tuple[Result, str]:
    decision = decision_of(found, folder)
    return decision.result, decision.reason


def test_a_secret_of_a_text_has_layer_path_and_line(tmp_path: Path) -> None:
    text = f"# settings\n\nkey = '{AWS}'\n"
    found = searched(tmp_path, [file("app/settings.py", text)])
    assert places(found) == [("aws-access-token", "/app/settings.py", 0, 3, False)]
    assert decided(found, tmp_path)[0] is Result.FAIL


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        (
            "root/.netrc",
            "machine pypi.example.org login ci password Xq7-pl2_Vw\n",
            "netrc-password",
        ),
        (
            "root/.netrc",
            "machine pypi.example.org\n  login ci\n  password Xq7-pl2_Vw\n",
            "netrc-password",
        ),
        (
            "etc/pip.conf",
            "index-url = https://ci:Xq7pl2VwzR@pypi.example.org/simple\n",
            "url-password",
        ),
        ("app/.env", "DB_PASSWORD=vB3kQ9mZx7LwT2pR\n", "generic-api-key"),
        (
            "root/.docker/config.json",
            '{"auths": {"r": {"auth": "Y2k6WHE3cGwyVnd6UnE5"}}}',
            "generic-api-key",
        ),
    ],
)
def test_files_of_credentials(tmp_path: Path, name: str, text: str, kind: str) -> None:
    found = searched(tmp_path, [file(name, text)])
    assert {(each.kind, each.where) for each in found.suspected} == {(kind, f"/{name}")}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_a_text_in_utf_16_is_read_if_it_says_so(tmp_path: Path, encoding: str) -> None:
    text = f"# Schlüssel 鍵\r\nkey = '{AWS}'\r\n"
    marked = text if encoding == "utf-16" else f"\ufeff{text}"
    found = searched(
        tmp_path,
        [file("a.ps1", marked.encode(encoding)), file("b", text.encode("utf-16-le")), file("c")],
    )
    assert places(found) == [("aws-access-token", "/a.ps1", 0, 2, False)]


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xfe", b"\xff\xfea", b"\xfe\xff\xd8\x00a"])
def test_a_damaged_text_in_utf_16_is_no_error(data: bytes) -> None:
    text = narrowed(Extents([BytesPart(data)]))
    assert text is not None
    assert list(parts_of(text)) == []


def test_a_long_text_in_utf_16_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "LIMIT", 9)
    found = searched(tmp_path, [file("a.ps1", "a long text".encode("utf-16"))])
    assert found.unread[0].startswith("/a.ps1: 24 bytes of UTF-16, at most ")


def test_a_file_that_a_later_layer_deletes_is_searched(tmp_path: Path) -> None:
    found = searched(
        tmp_path,
        [directory("root/.aws"), file("root/.aws/credentials", f"aws_access_key_id={AWS}\n")],
        [whiteout("root/.aws/credentials")],
    )
    assert places(found) == [("aws-access-token", "/root/.aws/credentials", 0, 1, True)]


def test_a_file_that_a_later_layer_replaces_is_searched(tmp_path: Path) -> None:
    found = searched(tmp_path, [file("etc/t", f"t {GITHUB}\n")], [file("etc/t", "none\n")])
    assert places(found) == [("github-pat", "/etc/t", 0, 1, True)]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"config": {"Env": ["PATH=/bin", f"GITHUB_TOKEN={GITHUB}"]}}, "config.Env[GITHUB_TOKEN]"),
        ({"config": {"Labels": {"token": GITHUB}}}, "config.Labels[token]"),
        ({"config": {"Cmd": ["serve", "--token", GITHUB]}}, "config.Cmd"),
        (
            {"history": [{"created_by": f"RUN |1 TOKEN={GITHUB} /bin/sh -c make"}]},
            "history[0].created_by",
        ),
    ],
)
def test_the_configuration_is_searched(
    tmp_path: Path, document: Mapping[str, Any], where: str
) -> None:
    found = searched(tmp_path, [file("a", "a")], **document)
    assert [(each.where, each.layer, each.place) for each in found.suspected] == [
        (where, -1, "configuration")
    ]


def test_a_binary_has_the_offset_of_the_part(tmp_path: Path) -> None:
    data = b"\x7fELF\0\0" + bytes(range(128, 256)) * 99 + HUGGING_FACE.encode() + b"\0\xff" * 99
    found = searched(tmp_path, [file("usr/lib/m.so", data)])
    assert places(found) == [("huggingface-token", "/usr/lib/m.so", 0, 0, False)]
    assert 0 <= len(data) - 198 - 37 - found.suspected[0].offset <= 200


def test_a_private_key_is_found_and_its_two_lines_alone_are_none(tmp_path: Path) -> None:
    bare = "".join(f"-----{word} RSA PRIVATE KEY-----\n" for word in ("BEGIN", "END"))
    found = searched(tmp_path, [file("app/key.pem", private_key()), file("app/help.txt", bare)])
    assert places(found) == [("private-key", "/app/key.pem", 0, 1, False)]


def test_no_value_leaves_the_scan(tmp_path: Path) -> None:
    lines = "".join(f"x = '{value}'\n" for value in VALUES)
    found = searched(tmp_path, [file("a.py", lines)], config={"Env": [f"T={GITHUB}"]})
    assert len(found.suspected) == 4
    assert not [value for value in VALUES if value in repr(found)]


def test_an_image_cannot_excuse_its_own_secrets(tmp_path: Path) -> None:
    allowed = f"k = '{AWS}'  # gitleaks:allow\n"
    found = searched(
        tmp_path,
        [
            file("a.py", allowed),
            file(".gitleaksignore", "a.py:aws-access-token:1\n"),
            file(".gitleaks.toml", "[allowlist]\nregexes = ['.*']\n"),
        ],
    )
    assert [each.where for each in found.suspected] == ["/a.py"]


def test_an_entry_excuses_with_its_reason_until_its_day(tmp_path: Path) -> None:
    entry = SecretException("aws-*", "/app/tests/*", "made up", ".careenignore:3", "2026-12-31")
    there = [file("app/tests/a.py", f"'{AWS}'\n"), file("app/b.py", f"'{AWS}'\n")]
    (first := tmp_path / "first").mkdir()
    found = searched(first, there, entries=[entry])
    assert [each.where for each in found.suspected] == ["/app/b.py"]
    assert [(each.by, each.reason) for each in found.excused] == [(".careenignore:3", "made up")]
    decision = decision_of(found, first)
    assert decision.reason.endswith("; 1 excused")
    assert decision.evidence[-1].value.endswith("line 1, excused by .careenignore:3: made up")
    (later := tmp_path / "later").mkdir()
    ended = searched(later, there, entries=[entry], today="2027-01-01")
    assert len(ended.suspected) == 2
    assert ended.expired == (".careenignore:3: ended on 2026-12-31; review it",)
    assert ended.expired[0] in decided(ended, later)[1]


STATUS = "Package: tool\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n"
LINE = f"k = '{AWS}'\n"


def of_tool(sums: str, *paths: str) -> list[Item]:
    """Return files with a secret that the list of a Debian package names."""
    return [
        file("var/lib/dpkg/status", STATUS),
        file("var/lib/dpkg/info/tool.list", "".join(f"/{path}\n" for path in (".", *paths))),
        file("var/lib/dpkg/info/tool.md5sums", sums),
        *(file(path, LINE) for path in paths),
    ]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_a_file_of_a_distribution_is_published_and_configuration_is_not(tmp_path: Path) -> None:
    sums = f"{md5(LINE)}  usr/bin/tool\n{md5(LINE)}  etc/tool.conf\n"
    found = searched(tmp_path, of_tool(sums, "usr/bin/tool", "etc/tool.conf"))
    assert [each.where for each in found.suspected] == ["/etc/tool.conf"]
    assert [each.secret.where for each in found.excused] == ["/usr/bin/tool"]
    assert "the digest that the package database states" in found.excused[0].reason


def test_a_file_that_its_package_delivered_otherwise_is_the_image_s_own(tmp_path: Path) -> None:
    sums = f"{md5('other')}  usr/bin/tool\n"
    found = searched(tmp_path, of_tool(sums, "usr/bin/tool"))
    assert [(each.where, each.package) for each in found.suspected] == [("/usr/bin/tool", "")]
    assert decided(found, tmp_path)[0] is Result.FAIL


def test_a_list_without_digests_excuses_nothing(tmp_path: Path) -> None:
    found = searched(tmp_path, of_tool("", "usr/share/secret.conf", "app/.env"))
    assert found.excused == ()
    assert {each.where: bool(each.package) for each in found.suspected} == {
        "/usr/share/secret.conf": True,
        "/app/.env": False,
    }
    assert decided(found, tmp_path)[0] is Result.FAIL


def test_a_python_package_has_no_file_outside_of_its_folder(tmp_path: Path) -> None:
    info = "usr/lib/python3/dist-packages/tool-1.dist-info"
    there = [
        file("app/.env", LINE),
        file(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tool\nVersion: 1\n"),
        file(f"{info}/RECORD", "../../../../app/.env,,\n"),
    ]
    found = searched(tmp_path, there)
    assert [(each.where, each.package) for each in found.suspected] == [("/app/.env", "")]


def test_a_known_line_is_excused_and_another_of_the_file_is_not(tmp_path: Path) -> None:
    text = f"        RegEnumKey = win32api.RegEnumKey\n        api_key = '{GITHUB}'\n"
    there = [file("lib/python3.8/distutils/msvccompiler.py", text)]
    found = searched(tmp_path, there, [file("lib/python3.8/distutils/msvccompiler.py", "none")])
    assert [(each.secret.line, each.by) for each in found.excused] == [(1, "careen")]
    assert {(each.line, each.deleted) for each in found.suspected} == {(2, True)}
    (other := tmp_path / "other").mkdir()
    line = f"{GITHUB}  RegEnumKey = win32api.RegEnumKey\n"
    assert searched(other, [file("a.py", line)]).excused == ()


def test_a_file_of_a_python_package_is_for_a_person(tmp_path: Path) -> None:
    site = "usr/lib/python3/dist-packages"
    there = [
        file(f"{site}/tool/__init__.py", f"k = '{AWS}'\n"),
        file(
            f"{site}/tool-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: tool\nVersion: 1\n"
        ),
        file(f"{site}/tool-1.dist-info/RECORD", "tool/__init__.py,,\n"),
    ]
    found = searched(tmp_path, there)
    assert [each.package for each in found.suspected] == ["pkg:pypi/tool@1"]
    result, reason = decided(found, tmp_path)
    assert result is Result.MANUAL
    assert reason.endswith("a person must look")


def test_what_is_too_large_is_named_and_nothing_passes(tmp_path: Path) -> None:
    large = [file("a.bin", b"a" * 3000), file("b.txt", "nothing")]
    found = searched(tmp_path, large, bounds=Bounds(file=2000))
    assert found.unread == ("/a.bin: 3000 bytes, of one file at most 2000 are read",)
    assert found.files == 1
    assert decided(found, tmp_path)[0] is Result.NOT_EVALUABLE


@pytest.mark.parametrize(
    "bounds", [Bounds(bytes=10), Bounds(part_bytes=500), Bounds(parts=12), Bounds(files=12)]
)
def test_each_bound_is_told(tmp_path: Path, bounds: Bounds) -> None:
    there = [file(f"{name}.py", f"'{AWS}'\n" * 9) for name in "abcdefg"]
    found = searched(tmp_path, there, bounds=bounds)
    assert len(found.unread) == 1
    assert ".py and all after it" in found.unread[0]


def test_a_clean_image_passes_with_what_was_read(tmp_path: Path) -> None:
    found = searched(tmp_path, [file("a.py", "x = 1\n")])
    result, reason = decided(found, tmp_path)
    assert result is Result.PASS
    assert "1 files of all layers" in reason


def test_a_gigabyte_is_read_in_pieces() -> None:
    mark = f"\nk = '{AWS}'\n".encode()
    at = (1 << 30) - 7  # across the end of a piece
    found = list(parts_of(Extents([ZeroPart(at), BytesPart(mark), ZeroPart(9)])))
    assert [each.line for each in found] == [0]
    assert AWS.encode() in found[0].data
    assert len(found[0].data) < 500


def test_lines_are_counted_across_pieces() -> None:
    text = b"filler\n" * (CHUNK // 7 + 10) + f"k = '{AWS}'\n".encode()
    assert [each.line for each in parts_of(Extents([BytesPart(text)]))] == [CHUNK // 7 + 11]


@pytest.fixture
def as_gitleaks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Put a script in the place of gitleaks, where nobody may run it."""
    with TemporaryDirectory(dir="/tmp") as text:
        (program := Path(text) / "gitleaks").write_text("")
        Path(text).chmod(0o755)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{text}:/usr/bin:/bin")

        def write(script: str) -> None:
            program.write_text(f"#!/bin/sh\n{script}\n")

        yield write


def test_a_scanner_that_fails_is_named(tmp_path: Path, as_gitleaks: Callable[[str], None]) -> None:
    as_gitleaks("exit 3")
    found = searched(tmp_path, [file("a", "a")], config={"Env": ["A=b"]})
    assert len(found.unread) == 1
    assert "parts from architecture to " in found.unread[0]
    assert found.unread[0].endswith(": gitleaks: status 3")
    assert decided(found, tmp_path)[0] is Result.NOT_EVALUABLE


REPORT = """\
for word; do last=$before; before=$word; [ "$last" = --report-path ] && to=$word; done
[ -z "$to" ] || {{ {}; }} > "$to"
"""


def test_a_report_of_another_shape_is_named(
    tmp_path: Path, as_gitleaks: Callable[[str], None]
) -> None:
    said = json.dumps([{"RuleID": "a", "File": "name", "StartLine": 1}])
    as_gitleaks(REPORT.format(f"echo '{said}'"))
    found = searched(tmp_path, [file("a", AWS)])
    assert any("a report that careen cannot read" in each for each in found.unread)


@pytest.mark.root
def test_the_scanner_is_nobody_without_a_network_and_writes_its_report_alone(
    tmp_path: Path, as_gitleaks: Callable[[str], None]
) -> None:
    (secret := tmp_path / "secret").write_text("x")
    secret.chmod(0o644)  # its folder is root's alone
    seen = (
        "id -u; wc -l < /proc/net/dev; grep CapBnd /proc/self/status;"
        f" cat {secret} || echo unreadable; touch 0000000 rules.toml || echo unwritable;"
        " ulimit -c; grep -q . 0000000 && echo parts"
    )
    as_gitleaks(REPORT.format(f"{{ {seen}; }} 2>/dev/null"))
    found = searched(tmp_path, [file("a", AWS)])
    assert any("report of gitleaks" in each for each in found.unread), found.unread
    report = next((tmp_path / "empty" / "out").iterdir()).read_text().split("\n")
    # two lines of titles and `lo`
    assert report[:3] == ["65534", "3", "CapBnd:\t0000000000000000"]
    assert report[3:] == ["unreadable", "unwritable", "0", "parts", ""]


@pytest.mark.root
def test_a_report_that_is_a_link_is_not_followed(
    tmp_path: Path, as_gitleaks: Callable[[str], None]
) -> None:
    (other := tmp_path / "other.json").write_text("[]")
    as_gitleaks(f'for to; do case $to in *.json) ln -s {other} "$to";; esac; done')
    found = searched(tmp_path, [file("a", AWS)])
    assert any("its report cannot be used" in each for each in found.unread), found.unread


@pytest.mark.root
def test_a_scanner_in_a_folder_of_root_s_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own := tmp_path / "bin").mkdir(mode=0o700)
    copy(gitleaks.GITLEAKS.require(), own / "gitleaks")
    monkeypatch.setenv("PATH", f"{own}:/usr/bin:/bin")
    found = searched(tmp_path, [file("a", AWS)])
    assert [each.where for each in found.suspected] == ["/a"]


def test_without_what_confines_it_the_scanner_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gitleaks, "missing_programs", lambda: "setpriv")
    with pytest.raises(ToolError, match="setpriv of util-linux, which confines it, is not inst"):
        searched(tmp_path, [file("a", AWS)])


BEGINNINGS = ("CWS", "FWS", "MZ", "%PDF-", "SQLi", "BZh", "%!", "{\\rtf", "!<arch>", "Cr24")


@pytest.mark.parametrize("begin", BEGINNINGS)
def test_what_begins_like_a_program_is_judged(tmp_path: Path, begin: str) -> None:
    found = searched(
        tmp_path,
        [file("app/env", f"{begin}_TOKEN={GITHUB}\n")],
        config={"Env": [f"{begin}_SECRET={GITHUB}"]},
    )
    assert places(found) == [
        ("github-pat", f"config.Env[{begin}_SECRET]", -1, 1, False),
        ("github-pat", "/app/env", 0, 1, False),
    ]


@pytest.mark.parametrize(("at", "magic"), [(128, "DICM"), (257, "ustar"), (32769, "CD001")])
def test_what_looks_like_an_archive_further_on_is_judged(
    tmp_path: Path, at: int, magic: str
) -> None:
    for before in (0, 1, 300, 301):  # whatever careen writes before it
        (folder := tmp_path / str(before)).mkdir()
        lines = (f"a_key = '{AWS}'\n" * 3000)[: max(0, at - before)]
        found = searched(folder, [file("a.py", lines + magic + f"\nk = '{GITHUB}'\n")])
        assert "github-pat" in {each.kind for each in found.suspected}


def test_a_second_secret_of_a_long_line_is_whole(tmp_path: Path) -> None:
    for distance in (0, 100, 140, 155, 170, 200, 350, 420):
        (folder := tmp_path / str(distance)).mkdir()
        text = json.dumps({"cache_key": "aaaabbbbccccdddd", "f": "-" * distance, "t": GITHUB})
        found = searched(folder, [file("a.json", text)])
        assert "github-pat" in {each.kind for each in found.suspected}, distance


def test_neighbours_are_one_part_and_no_part_is_long() -> None:
    line = f"k='{AWS}' ".encode() * 5000
    found = list(parts_of(Extents([BytesPart(line)])))
    assert sum(len(each.data) for each in found) < 1.1 * len(line)
    assert max(len(each.data) for each in found) <= LARGEST


def test_many_matches_are_judged_in_batches(tmp_path: Path) -> None:
    lines = "".join(f"k{n} = '{GITHUB}'\n" for n in range(30_000))
    found = searched(tmp_path, [file("a.py", lines)])
    assert found.unread == ()
    assert {each.line for each in found.suspected} == set(range(1, 30_001))


def test_what_earlier_batches_found_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "BATCH_FILES", 1)
    monkeypatch.setattr(gitleaks, "MAX_REPORT", 2000)
    there = [file("a", f"{AWS}\n"), file("b", f"{AWS}\n" * 20), file("c", f"{AWS}\n")]
    found = searched(tmp_path, there)
    assert [each.where for each in found.suspected] == ["/a", "/c"]
    assert len(found.unread) == 1
    assert found.unread[0].startswith("/b: gitleaks: its report cannot be used: ")


def test_time_for_judging_ends(tmp_path: Path) -> None:
    found = searched(tmp_path, [file("a", f"{AWS}\n")], bounds=Bounds(judging=0))
    assert len(found.unread) == 1
    assert found.unread[0].endswith("to /a and all after it: gitleaks took 0 s")


def test_all_texts_of_the_configuration_are_searched(tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "config": {"Env": [f"T={GITHUB}", "T=none"], "Volumes": {f"/{GITHUB}": {}}},
        "container_config": {"Cmd": ["sh", f"T={AWS}"], "Env": [f"H={HUGGING_FACE}"]},
        "history": [{"created_by": "x" * 40_000 + f" {AWS}"}],
        "x": [{"y": GITHUB}],
    }
    found = searched(tmp_path, [file("a", "a")], **document)
    assert {each.where for each in found.suspected} == {
        "config.Env[T]",
        "config.Volumes",
        "container_config.Cmd",
        "container_config.Env[H]",
        "history[0].created_by",
        "x[0].y",
    }


def test_a_long_key_and_one_without_its_end_are_found(tmp_path: Path) -> None:
    first, *lines, last, _ = private_key().split("\n")
    long = "\n".join((first, *lines * 10, last, ""))
    assert len(long) > 12_000
    cut = "\n".join((first, *lines))
    found = searched(tmp_path, [file("long.asc", long), file("cut.pem", cut + "\nx")])
    assert places(found) == [
        ("private-key", "/cut.pem", 0, 1, False),
        ("private-key", "/long.asc", 0, 1, False),
    ]


@pytest.mark.parametrize("package", ["", "pkg:pypi/tool@1"])
def test_what_limits_the_search_is_evidence(tmp_path: Path, package: str) -> None:
    there = SuspectedSecret("aws-access-token", "/a", 0, 1, 0, package=package)
    excused = (ExcusedSecret(replace(there, where="/b"), "list:1", "made up"),)
    unread = tuple(f"/c{n}: too large" for n in range(20))
    found = SecretScan("gitleaks", 1, 1, (there,) * 99, excused, unread, ("list:2: ended",))
    decision = decision_of(found, tmp_path)
    assert decision.result is (Result.MANUAL if package else Result.FAIL)
    assert "not all was read: /c0: too large; /c1: too large; /c2: too large; and 17 more" in (
        decision.reason
    )
    shown = [(each.where, each.value) for each in decision.evidence]
    assert ("not read", "/c9: too large") in shown
    assert ("an entry that has ended", "list:2: ended") in shown
    bare = decision_of(replace(found, suspected=(there,), unread=()), tmp_path / "bare")
    assert [each.where for each in bare.evidence] == ["an entry that has ended", "/a", "/b"]


def test_a_record_without_a_digest_shows_nothing(tmp_path: Path) -> None:
    made = oci_layout(tmp_path / "image", [layer(file("usr/a", LINE))])
    (scratch := tmp_path / "scratch").mkdir()
    with open_image(OciLayout(made, None), None, scratch) as image:
        bare = FileDigest(ImagePath("/usr/a"), "", "")
        assert delivered({"/usr/a"}, lambda: [bare], image.rootfs()) == {}
        full = FileDigest(ImagePath("/usr/a"), "md5", md5(LINE))
        other = FileDigest(ImagePath("/usr/a"), "md5", md5("x"))
        assert delivered({"/usr/a"}, lambda: [full, bare], image.rootfs()) == {"/usr/a": True}
        assert delivered({"/usr/a"}, lambda: [other, full], image.rootfs()) == {"/usr/a": False}

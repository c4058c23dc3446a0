"""What jars and poms state: versions, signatures, dependencies that are inherited and managed."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive
from careen.patch.jars.maven import Coordinates
from careen.patch.jars.name import contradiction, manifest, properties_version, signed_by
from careen.patch.jars.pom import MAX_PARENTS, BadPomError, Need, needs
from careen.patch.jars.zip import Exchanged, exchange
from tests.support.jars import jar

WANTED = Coordinates("org.example", "lib", "1.2")
PROPERTIES = "META-INF/maven/org.example/lib/pom.properties"
MANIFEST = "META-INF/MANIFEST.MF"


def archive(files: Mapping[str, bytes]) -> ZipArchive:
    return ZipArchive(io.BytesIO(jar(files)), "x.jar")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (b"version=1.2\n", "1.2"),
        (b"#version=9\n!version=8\n version = 1.2 \r\n", "1.2"),
        (b"version=1\nversion=2\n", "2"),
        (b"groupId=org.example\n", ""),
        (b"version\n", ""),
        (b"\xff\xfe\x00", ""),
    ],
)
def test_the_version_in_pom_properties(text: bytes, version: str) -> None:
    assert properties_version(archive({PROPERTIES: text}), "org.example", "lib") == version


def test_a_jar_without_pom_properties_states_no_version_there() -> None:
    assert properties_version(archive({}), "org.example", "lib") == ""
    assert properties_version(archive({PROPERTIES: b"version=1"}), "org.other", "lib") == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_the_main_section_of_a_manifest_counts_and_long_lines_are_joined(end: str) -> None:
    lines = [
        "Manifest-Version: 1.0",
        "Bundle-Version: 1.2.",
        " 3",
        "Empty:",
        "Bundle-Version: 9",
        "",
        "Name: inner/",
        "Implementation-Version: 7",
        "",
    ]
    found = manifest(archive({MANIFEST: end.join(lines).encode()}))
    assert found == {"Manifest-Version": "1.0", "Bundle-Version": "1.2.3"}


def test_a_jar_without_a_manifest_has_no_entries() -> None:
    assert manifest(archive({})) == {}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({PROPERTIES: b"version=1.2\n"}, ""),
        ({PROPERTIES: b"version=1.3\n"}, "its pom.properties says version '1.3'"),
        ({PROPERTIES: b"version=\x1b[31m\n"}, r"its pom.properties says version '\x1b[31m'"),
        ({MANIFEST: b"Implementation-Version: 1.2\n\n"}, ""),
        ({MANIFEST: b"Bundle-Version: 1.2.0.RELEASE\n\n"}, ""),
        ({MANIFEST: b"Specification-Version: 1.2\nBundle-Version: 5\n\n"}, ""),
        ({MANIFEST: b"Bundle-Version: 5\n\n"}, "its manifest says version '5'"),
        ({MANIFEST: b"Bundle-Version: unknown\n\n"}, "its manifest says version 'unknown'"),
        ({}, "neither a pom.properties nor its manifest says which version it is"),
    ],
)
def test_a_jar_of_another_version_contradicts(files: dict[str, bytes], expected: str) -> None:
    assert contradiction(archive(files), WANTED) == expected


@pytest.mark.parametrize(
    ("lines", "wanted", "is_it"),
    [
        ("Implementation-Version: 31.1-rc1", "31.1", False),
        ("Implementation-Version: 31.1", "31.1-rc1", False),
        ("Implementation-Version: 31.1-rc2", "31.1-rc1", False),
        ("Bundle-Version: 31.1.0.android", "31.1-jre", False),
        ("Bundle-Version: 31.1.0.jre", "31.1-jre", True),
        ("Bundle-Version: 31.1.0.Final", "31.1", True),
        ("Bundle-Version: 31.1.0.SP1", "31.1.0.Final", False),
        ("Bundle-Version: 3.18.0.v20220516-2155", "3.18.0", True),
        ("Bundle-Version: 9.4.12.v20180830", "9.4.12.v20180830", True),
        ("Implementation-Version: 31.1 (build 7)", "31.1", True),
        ("Implementation-Version: 31.1-rc1\nSpecification-Version: 31.1", "31.1", False),
        ("Implementation-Version: 31.1-rc1\nSpecification-Version: 31.1", "31.1-rc1", True),
        ("Implementation-Version: r09", "r09", True),
        ("Implementation-Version: r09", "r08", False),
    ],
)
def test_the_qualifier_of_a_version_counts_as_its_numbers_do(
    lines: str, wanted: str, is_it: bool
) -> None:
    jar = archive({MANIFEST: f"{lines}\n\n".encode()})
    assert (contradiction(jar, Coordinates("org.example", "lib", wanted)) == "") is is_it


def test_a_jar_that_cannot_be_read_contradicts_with_the_reason() -> None:
    found = contradiction(archive({PROPERTIES: b"version=1.2\n" + b" " * (2 << 20)}), WANTED)
    assert PROPERTIES in found
    assert "\n" not in found


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("META-INF/ABC.SF", True),
        ("meta-inf/abc.sf", True),
        ("META-INF/sub/ABC.SF", False),
        ("META-INF/ABC.SF.txt", False),
        ("META-INF/MANIFEST.MF", False),
    ],
)
def test_a_signature_is_found_by_its_name(name: str, signed: bool) -> None:
    assert signed_by(archive({"a": b"", name: b""})) == (name if signed else "")


# Dependencies of a pom.


def pom(name: str, body: str) -> bytes:
    return (
        f"<project><groupId>org.example</groupId><artifactId>{name}</artifactId>"
        f"<version>1.2</version>{body}</project>"
    ).encode()


def dependency(name: str, **fields: str) -> str:
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
    return f"<dependency><groupId>g</groupId><artifactId>{name}</artifactId>{inner}</dependency>"


def found(poms: Mapping[str, bytes]) -> list[str] | None:
    """Return `name:version` of each need of `lib`; `poms` are by artifact."""
    result = needs(WANTED, lambda wanted: poms.get(wanted.artifact))
    return None if result is None else [f"{need.artifact}:{need.version}" for need in result]


def test_an_artifact_without_a_pom_has_no_known_needs() -> None:
    assert found({}) is None
    assert found({"lib": pom("lib", "")}) == []


def test_only_what_is_needed_at_run_time_counts() -> None:
    body = "".join(
        (
            dependency("plain", version="1"),
            dependency("compile", version="1", scope="compile"),
            dependency("runtime", version="1", scope="runtime"),
            dependency("test", version="1", scope="test"),
            dependency("provided", version="1", scope="provided"),
            dependency("optional", version="1", optional="true"),
            dependency("sources", version="1", classifier="sources"),
            dependency("zip", version="1", type="zip"),
            dependency("plain", version="2"),
            dependency("range", version="[1.5,2.0)"),
            dependency("below", version="(,2.0]"),
            dependency("bare"),
        )
    )
    assert found({"lib": pom("lib", f"<dependencies>{body}</dependencies>")}) == [
        "plain:1",
        "compile:1",
        "runtime:1",
        "range:1.5",
        "below:",
        "bare:",
    ]


def test_versions_and_scopes_are_inherited_from_parents_and_bills_of_materials() -> None:
    parent = "<parent><groupId>org.example</groupId><artifactId>{}</artifactId><version>1</version></parent>"
    lib = pom(
        "lib",
        parent.format("above")
        + "<properties><v>7</v></properties><dependencies>"
        + dependency("own", version="${v}")
        + dependency("version", version="${project.version}")
        + dependency("managed")
        + dependency("imported")
        + dependency("hidden")
        + "</dependencies>",
    )
    above = pom(
        "above",
        parent.format("top")
        + "<properties><v>1</v><bom>3</bom></properties><dependencyManagement><dependencies>"
        + dependency("managed", version="4")
        + dependency("hidden", version="4", scope="test")
        + dependency("bill", version="${bom}", type="pom", scope="import")
        + "</dependencies></dependencyManagement>",
    )
    top = pom("top", f"<dependencies>{dependency('far', version='9')}</dependencies>")
    bill = pom(
        "bill",
        "<dependencyManagement><dependencies>"
        + dependency("managed", version="8")
        + dependency("imported", version="8")
        + dependency("other", version="1", type="pom", scope="import")
        + "</dependencies></dependencyManagement>",
    )
    assert found({"lib": lib, "above": above, "top": top, "bill": bill}) == [
        "own:7",
        "version:1.2",
        "managed:4",
        "imported:8",
        "far:9",
    ]


def test_parents_that_never_end_or_are_their_own_are_given_up() -> None:
    asked: list[str] = []

    def endless(wanted: Coordinates) -> bytes:
        asked.append(wanted.artifact)
        number = len(asked) if len(asked) < 100 else 0
        return pom(
            wanted.artifact,
            f"<parent><groupId>g</groupId><artifactId>p{number}</artifactId>"
            "<version>1</version></parent>",
        )

    assert needs(WANTED, endless) == ()
    assert len(asked) == MAX_PARENTS
    own = "<parent><groupId>org.example</groupId><artifactId>lib</artifactId><version>1.2</version></parent>"
    assert found({"lib": pom("lib", own)}) == []


def test_a_bill_of_materials_without_a_version_is_not_asked_for() -> None:
    body = (
        "<dependencyManagement><dependencies>"
        + dependency("bill", type="pom", scope="import")
        + "</dependencies></dependencyManagement>"
    )
    asked: list[Coordinates] = []

    def fetch(wanted: Coordinates) -> bytes | None:
        asked.append(wanted)
        return pom("lib", body) if wanted == WANTED else None

    assert needs(WANTED, fetch) == ()
    assert asked == [WANTED]


def test_a_pom_that_cannot_be_read_is_named() -> None:
    with pytest.raises(BadPomError, match=r"the pom of org\.example:lib:1\.2 cannot be read: "):
        found({"lib": b"<!DOCTYPE x><project/>"})


def test_a_need_is_named_as_maven_does() -> None:
    assert Need("g", "a", "1").name == "g:a"


# Archives that cannot be rewritten.


def packed(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr("a", b"one")
        made.writestr("b", b"two")
    return out.getvalue()


def damaged(name: str) -> bytes:
    data = bytearray(packed(zipfile.ZIP_BZIP2 if name == "another method" else 8))
    end, first = data.rindex(b"PK\5\6"), data.index(b"PK\1\2")
    match name:
        case "no end":
            del data[end:]
        case "several volumes":
            struct.pack_into("<H", data, end + 4, 1)
        case "directory elsewhere":
            struct.pack_into("<L", data, end + 16, 0xFFFFFF)
        case "directory too large":
            struct.pack_into("<L", data, end + 12, 0xFFFFFF)
        case "broken directory":
            data[first] = 0
        case "entry behind the directory":
            struct.pack_into("<L", data, first + 42, first + 1)
        case "one place for two":
            second = data.index(b"PK\1\2", first + 1)
            struct.pack_into("<L", data, second + 42, 0)
        case "encrypted":
            struct.pack_into("<H", data, first + 8, 1)
        case "no local header":
            data[0] = 0
        case "64 bits without a record":
            data[end:end] = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    return bytes(data)


DAMAGES = {
    "no end": "it has no end record",
    "several volumes": "it is one of several volumes",
    "directory elsewhere": "its directory is not where it says",
    "directory too large": "its directory is not where it says",
    "broken directory": "its directory is broken at byte",
    "entry behind the directory": "its directory is broken at byte",
    "one place for two": "two entries have one place",
    "encrypted": "the entry b'a' is encrypted",
    "another method": "packed in a way that is not written",
    "no local header": "is encrypted, or packed",
    "64 bits without a record": "its end record of 64 bits is not where it should be",
}


@pytest.mark.parametrize("name", DAMAGES)
def test_an_archive_that_is_broken_is_not_rewritten(name: str) -> None:
    with pytest.raises(ImageError) as caught:
        exchange(damaged(name), {"a": Exchanged("a", b"new")}, "x.jar")
    assert str(caught.value).startswith("x.jar: cannot be rewritten: ")
    assert DAMAGES[name] in str(caught.value)


@pytest.mark.parametrize("size", [0, 1, 21, 40])
def test_an_archive_that_is_cut_off_is_refused(size: int) -> None:
    with pytest.raises(ImageError, match=r"x\.jar: cannot be rewritten: "):
        exchange(packed()[-size:] if size else b"", {"a": Exchanged("a", b"new")}, "x.jar")


def test_an_entry_that_is_not_there_is_refused() -> None:
    with pytest.raises(ImageError, match="is not there, or there twice"):
        exchange(packed(), {"c": Exchanged("c", b"")}, "x.jar")

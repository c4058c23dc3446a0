"""Families of distributions: their sources, names, and what their package managers say."""

from pathlib import Path

import pytest

from careen.catalog.alpine import failures as of_apk
from careen.catalog.alpine import sources as repositories
from careen.catalog.alpine.family import ALPINE
from careen.catalog.alpine.offers import parsed_policy
from careen.catalog.debian.family import DEBIAN
from careen.catalog.families import FAMILIES, family_of
from careen.catalog.port import Family
from careen.catalog.rpm import failures as of_rpm
from careen.catalog.rpm.family import REDHAT
from careen.catalog.rpm.offers import parsed_query
from careen.catalog.ubuntu.family import UBUNTU
from careen.errors import InputError
from careen.evidence.attest.base import base_provenance
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.lock import Lock, LockedPackage, Step
from careen.model.measure import Measure
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import tree

KEY = "-----BEGIN PUBLIC KEY-----\n"
PGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"


def test_each_distribution_has_its_family_and_an_unknown_one_is_an_error() -> None:
    assert {name: family_of(name).title for name in FAMILIES} == {
        "debian": "Debian",
        "ubuntu": "Ubuntu",
        "alpine": "Alpine",
        "rhel": "Red Hat",
    }
    with pytest.raises(InputError, match=r"no builder makes roots of 'arch'; there are debian"):
        family_of("arch")


@pytest.mark.parametrize(
    ("family", "machine", "name"),
    [(DEBIAN, "x86_64", "amd64"), (UBUNTU, "aarch64", "arm64"), (ALPINE, "x86_64", "x86_64")],
)
def test_processors_have_the_familys_names(family: Family, machine: str, name: str) -> None:
    assert family.architecture(machine) == name


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/a@b-1.rsa.pub").write_text(KEY)
    return tmp_path / "keys"


def test_repositories_of_apk_come_with_keys(keys: Path) -> None:
    lines = ("https://u:secret@m.test/alpine/v3.23/main/", "/srv/apk")
    found = ALPINE.given(lines, keys, "3.23", "x86_64")
    assert found.lines == ("https://u:secret@m.test/alpine/v3.23/main", "/srv/apk")
    assert found.public == ("https://m.test/alpine/v3.23/main", "file:apk")
    assert ALPINE.settings(found.public, tree({})) == {
        "/etc/apk/repositories": b"https://m.test/alpine/v3.23/main\n"
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deb http://m.test x main", "expected the address or the path of a repository of apk"),
        ("@edge https://m.test/x", "expected the address or the path"),
        ("relative/path", "expected the address or the path"),
        ("https://u:a/b@m.test/x", "the URI is ambiguous"),
    ],
)
def test_a_line_that_is_no_repository_is_refused(line: str, said: str, keys: Path) -> None:
    with pytest.raises(InputError, match=said):
        ALPINE.given((line,), keys, "3.23", "x86_64")


def test_keys_of_apk_are_public_keys_with_their_names(tmp_path: Path) -> None:
    for name, text, said in (
        ("x.txt", KEY, "with the name that the signatures state"),
        ("x.pub", PGP.replace("PUBLIC", "PRIVATE"), "is no public key in PEM"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=said):
            ALPINE.given(("/srv/apk",), tmp_path / name, "3.23", "x86_64")
    with pytest.raises(InputError, match="needs the keys that sign it"):
        ALPINE.given(("/srv/apk",), None, "3.23", "x86_64")


def test_a_machine_of_the_release_gives_its_own_repositories(tmp_path: Path, keys: Path) -> None:
    (tmp_path / "repositories").write_text("# a comment\nhttps://m.test/main\n@edge https://e/x\n")
    (tmp_path / "release").write_text("3.23.6\n")
    places = (tmp_path / "repositories", keys, tmp_path / "release")
    assert repositories.of_this_machine("3.23", *places).lines == ("https://m.test/main",)
    for release in ("3.2", "3.22"):
        with pytest.raises(InputError, match=f"this machine is no Alpine {release}; give"):
            repositories.of_this_machine(release, *places)


def test_repositories_of_dnf_come_with_the_key_of_the_packages(tmp_path: Path) -> None:
    key = tmp_path / "key.asc"
    key.write_text(PGP)
    found = REDHAT.given(("http://m.test/os/", "file:///srv/os"), key, "9", "x86_64")
    assert found.lines == ("http://m.test/os", "file:///srv/os")
    (note,) = found.notes
    assert "without TLS" in note
    there = tree({"/etc/yum.repos.d/x": ""})
    (written,) = REDHAT.settings(found.public, there).values()
    assert b"baseurl=http://m.test/os\n" in written
    assert b"gpgcheck=1" in written
    assert b"/srv/os" not in written
    assert REDHAT.settings(found.public, tree({})) == {}  # micro has no place for them


@pytest.mark.parametrize(
    "line", ["/srv/os", "https://m.test/a b", "file://srv/os", "https://x\n[y]"]
)
def test_a_line_that_dnf_would_read_otherwise_is_refused(line: str, tmp_path: Path) -> None:
    key = tmp_path / "key.asc"
    key.write_text(PGP)
    with pytest.raises(InputError, match="expected the address of a repository of dnf"):
        REDHAT.given((line,), key, "9", "x86_64")


def test_packages_of_rpm_need_a_key(tmp_path: Path) -> None:
    (tmp_path / "key.asc").write_text("no key")
    for key, said in ((None, "need the file of the keys"), (tmp_path, "need the file")):
        with pytest.raises(InputError, match=said):
            REDHAT.given(("https://m.test/os",), key, "9", "x86_64")
    with pytest.raises(InputError, match="is no OpenPGP key in ASCII"):
        REDHAT.given(("https://m.test/os",), tmp_path / "key.asc", "9", "x86_64")
    with pytest.raises(InputError, match="may need a subscription"):
        REDHAT.of_this_machine("9", "x86_64")


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            (
                "WARNING: updating and opening http://m.test/x86_64/APKINDEX.tar.gz: BAD signature\n"
                "ERROR: unable to select packages:\n  musl (no such package):"
            ),
            "no valid signature of a given key",
        ),
        ("ERROR: musl-1: No space left on device", "the disk is full"),
        ("ERROR: musl-1: package mentioned in index not found (try 'apk update')", "not what"),
        ("ERROR: musl-1: file format is invalid or inconsistent", "not what"),
        ("WARNING: opening http://m.test/x: Connection refused", "does not answer"),
        ("ERROR: unable to select packages:\n  musl (no such package):", "sources lack a package"),
        ("ERROR: lib/apk/exec/x-1.post-install: exited with error 7", "a script of a package"),
        ("(1/1) Installing x\nERROR: something else", "ERROR: something else"),
        ("", "no output"),
    ],
)
def test_what_apk_says_is_one_line(said: str, cause: str) -> None:
    line = of_apk.failure(said)
    assert cause in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("Package x.rpm is not signed\nError: GPG check FAILED", "no valid signature of a given"),
        ("Error: Failed to download metadata: Cannot download repomd.xml: x", "does not answer"),
        ("Error: Some packages from local repository have incorrect checksum", "is not what"),
        (
            "Error: \n Problem: conflicting requests\n  - nothing provides b needed by a",
            "without --lock (- nothing provides b needed by a)",
        ),
        ("error: %post(a-1) scriptlet failed, exit status 7", "a script of a package failed"),
        ("installing package a needs 2MB more space on the / filesystem", "the disk is full"),
        ("error: https://u:secret@m.test/x: strange", "error: https://m.test/x: strange"),
    ],
)
def test_what_dnf_and_rpm_say_is_one_line(said: str, cause: str) -> None:
    line = of_rpm.failure(said)
    assert cause in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("distribution", "version", "purl"),
    [
        ("alpine", "1.2.5-r23", "pkg:apk/alpine/x@1.2.5-r23?arch=x86_64"),
        ("rhel", "1:3.0-2.el9", "pkg:rpm/redhat/x@3.0-2.el9?arch=x86_64&epoch=1"),
        ("ubuntu", "1:2", "pkg:deb/ubuntu/x@1:2?arch=x86_64"),
    ],
)
def test_provenance_names_packages_of_each_family(
    distribution: str, version: str, purl: str
) -> None:
    step = Step("x:1", (LockedPackage("x", "x86_64", version, "a" * 64),))
    lock = Lock("x:1", "runtime", "x86_64", "2026-11-30T00:00:00Z", (), (step,))
    figures = Measure("x", "sha256:1", 1, 1, {}, 0, 0, 0, 0, 0)
    built = BuiltBase(
        "x:1", "runtime", figures, (), lock, (), distribution=distribution, unproven="never built"
    )
    found = base_provenance(built, "a", "b", "0.1")["buildDefinition"]
    assert [each["uri"] for each in found["resolvedDependencies"]] == [purl]
    assert found["internalParameters"]["unproven"] == "never built"


def test_ubuntus_images_name_ubuntus_sources() -> None:
    root: Rootfs = tree({})
    lines = ("deb https://m.test/ubuntu noble main",)
    ((path, text),) = UBUNTU.settings(lines, root).items()
    assert path == "/etc/apt/sources.list.d/ubuntu.sources"
    assert b"Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg" in text
    own = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://m.test noble main"
    assert ["Ubuntu's keys alone" in note for note in UBUNTU.unnamed((own,))] == [True]
    assert DEBIAN.unnamed((own,)) == ()


def test_the_newest_offer_counts_by_the_familys_own_order() -> None:
    policy = "musl policy:\n  1.2.9-r0:\n    /srv/a\n  1.2.10-r0:\n    /srv/b\nx policy:\n  1:\n"
    assert parsed_policy(policy) == {"musl": "1.2.10-r0", "x": "1"}
    query = "bash 0 5.1-9.el9\nbash 0 5.1-10.el9\nssl 1 3.0-2.el9\nnot a line of it\n"
    assert parsed_query(query) == {"bash": "5.1-10.el9", "ssl": "1:3.0-2.el9"}
    assert ALPINE.compare("1.2.9-r0", "1.2.10-r0") < 0
    assert REDHAT.compare("1:1-1", "2-1") > 0
    assert DEBIAN.compare("1~rc1", "1") < 0

"""Wheels of a step: chosen for the root's Python, complete, unpacked, and the same layer again."""

import errno
import hashlib
import io
import os
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.catalog.wheels.complete import require_complete
from careen.catalog.wheels.fetch import fetch, reason
from careen.catalog.wheels.install import unpack, write_layer
from careen.catalog.wheels.target import Target, target_of
from careen.errors import InputError, ToolError, VerificationError
from careen.inventory.scan import scan
from careen.model.catalog.lock import LockedWheel
from tests.support.tiny_wheels import write_wheel
from tests.support.trees import Exec, Link, tree

TARGET = Target(13, 41, "x86_64")
STATUS = "Package: libc6\nStatus: install ok installed\nVersion: 2.41-12\nArchitecture: amd64\n"
ROOT: dict[str, Any] = {
    "/usr/bin/python3": Link("python3.13"),
    "/usr/bin/python3.13": Exec(b"python"),
    "/usr/lib/libc.so.6": b"c",
    "/var/lib/dpkg/status": STATUS,
    "/var/lib/dpkg/info/libc6.list": "/usr/lib/libc.so.6\n",
}


def locked(path: Path) -> LockedWheel:
    name, version, _ = path.name.split("-", 2)
    return LockedWheel(name, version, path.name, "0" * 64)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that the user's pip takes for its only source."""
    found = tmp_path / "index"
    found.mkdir()
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(found))
    return found


def place(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_the_target_is_the_python_of_the_root() -> None:
    root = tree(ROOT)
    assert target_of(root, scan(root), "x86_64") == TARGET
    tags = list(TARGET.platforms())
    assert tags[0] == "manylinux_2_41_x86_64"
    assert "manylinux_2_42_x86_64" not in tags
    assert "manylinux2014_x86_64" in tags


def test_a_python_that_was_compiled_into_usr_local_comes_first() -> None:
    own: dict[str, Any] = {
        "/usr/local/bin/python3": Link("python3.11"),
        "/usr/local/bin/python3.11": Exec(b"x"),
    }
    root = tree({**ROOT, **own})
    found = target_of(root, scan(root), "x86_64")
    assert (found.version, found.interpreter) == ("3.11", "/usr/local/bin/python3")
    assert found.site == "/usr/local/lib/python3.11/site-packages"
    environment = {"/usr/local/bin/python3": Link("/usr/bin/python3")}
    root = tree({**ROOT, **environment})
    assert target_of(root, scan(root), "x86_64") == TARGET


@pytest.mark.parametrize("gone", ["/usr/bin/python3", "/var/lib/dpkg/status"])
def test_a_root_without_python_or_glibc_is_refused(gone: str) -> None:
    root = tree({path: data for path, data in ROOT.items() if path != gone})
    with pytest.raises(InputError, match="pip: the"):
        target_of(root, scan(root), "x86_64")


def test_a_root_of_red_hat_is_told_where_wheels_go() -> None:
    files = {path: data for path, data in ROOT.items() if "/dpkg/" not in path}
    root = tree({**files, "/etc/os-release": 'ID="rhel"\nVERSION_ID="9.6"\n'})
    with pytest.raises(InputError, match="of rhel, and wheels are installed on Debian and Ubuntu"):
        target_of(root, scan(root), "x86_64")


def test_wheels_of_the_users_index_are_fetched_with_what_they_require(
    index: Path, tmp_path: Path
) -> None:
    write_wheel(index, "one", "1.0")
    write_wheel(index, "one", "2.0", requires=["two>=1"])
    write_wheel(index, "two", "1.5", tag="cp313-cp313-manylinux_2_41_x86_64")
    write_wheel(index, "two", "1.6", tag="cp313-cp313-manylinux_2_99_x86_64")  # a newer glibc
    found = fetch(["one"], (), TARGET, place(tmp_path, "a"))
    assert [(each.name, each.version) for each in found] == [("one", "2.0"), ("two", "1.5")]
    write_wheel(index, "one", "3.0")
    again = fetch(["one"], found, TARGET, place(tmp_path, "b"))
    assert again == found


def test_a_wheel_that_was_altered_is_refused(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "one", "1.0")
    found = fetch(["one"], (), TARGET, place(tmp_path, "a"))
    other = write_wheel(index, "one", "1.0", files={"one.py": "other = 1\n"})
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    with pytest.raises(VerificationError) as error:
        fetch(["one"], found, TARGET, place(tmp_path, "b"))
    assert str(error.value).startswith(
        "fetching wheels: one 1.0 is not the one of the lock: it has the SHA-256"
        f" {digest}, and the lock has {found[0].sha256}; nothing was installed"
    )


def test_a_source_distribution_is_never_built(index: Path, tmp_path: Path) -> None:
    with tarfile.open(index / "one-1.0.tar.gz", "w:gz") as out:
        info = tarfile.TarInfo("one-1.0/setup.py")
        out.addfile(info, io.BytesIO(b""))
    with pytest.raises(ToolError, match=r"for Python 3\.13: ERROR: .*one"):
        fetch(["one"], (), TARGET, place(tmp_path, "a"))


def test_a_pip_in_the_current_directory_is_not_run(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(index, "one", "1.0")
    here = place(tmp_path, "here")
    (here / "pip.py").write_text(f"open({str(tmp_path / 'run')!r}, 'x')\n")
    monkeypatch.chdir(here)
    fetch(["one"], (), TARGET, place(tmp_path, "a"))
    assert not (tmp_path / "run").exists()


def test_a_url_that_a_wheel_requires_is_not_followed(index: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    source = tmp_path / "evil-1.tar.gz"
    with tarfile.open(source, "w:gz") as out:
        setup = f"open({str(ran)!r}, 'x')\n".encode()
        info = tarfile.TarInfo("evil-1/setup.py")
        info.size = len(setup)
        out.addfile(info, io.BytesIO(setup))
    write_wheel(index, "one", "1.0", requires=[f"evil @ {source.as_uri()}"])
    with pytest.raises(ToolError, match=r"one requires 'evil @ .*a URL"):
        fetch(["one"], (), TARGET, place(tmp_path, "a"))
    assert not ran.exists()


@pytest.mark.parametrize("text", ["two===1.zip", "two===${HOME}"])
def test_a_text_in_place_of_a_version_is_not_given_to_pip(
    index: Path, tmp_path: Path, text: str
) -> None:
    write_wheel(index, "one", "1.0", requires=[text])
    with pytest.raises(ToolError, match="one requires 'two==="):
        fetch(["one"], (), TARGET, place(tmp_path, "a"))


def test_what_is_required_of_one_wheel_by_several_is_met(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "one", "1.0", requires=["three<3", 'x; python_version < "3.13"'])
    write_wheel(index, "two", "1.0", requires=["Three>=1", "four[more]"])
    write_wheel(index, "three", "2.0")
    write_wheel(index, "three", "3.0", requires=["gone"])
    write_wheel(index, "four", "1.0", requires=["one", "five<2; extra == 'more'"])
    write_wheel(index, "five", "1.9")
    write_wheel(index, "five", "2.0")
    write_wheel(index, "gone", "1.0", requires=["three>=2"])
    scratch = place(tmp_path, "a")
    found = fetch(["three", "two"], (), TARGET, scratch)
    assert [f"{each.name} {each.version}" for each in found] == [
        "five 1.9",
        "four 1.0",
        "one 1.0",
        "three 2.0",
        "two 1.0",
    ]
    assert sorted(each.file for each in found) == sorted(
        x.name for x in (scratch / "wheels").iterdir()
    )
    require_complete(scratch / "wheels", found, ["three", "two"], TARGET)


@pytest.mark.parametrize("password", ["secret", "se/cret", "s" * 3000, "se@cret"])
def test_pips_reason_has_no_password(password: str) -> None:
    said = f"Looking\nERROR: cannot reach https://user:{password}@index.example/simple\nmore"
    assert reason(said) == "ERROR: cannot reach https://index.example/simple"


def test_a_requirement_of_the_roots_python_alone_is_found(tmp_path: Path) -> None:
    one = write_wheel(
        tmp_path, "one", "1", requires=['two; python_version >= "3.13"', "x; extra == 'x'"]
    )
    two = write_wheel(tmp_path, "two", "2")
    wheels = [locked(one), locked(two)]
    require_complete(tmp_path, wheels, ["one"], TARGET)
    with pytest.raises(ToolError, match=r"one requires 'two; .*no wheel of it was fetched"):
        require_complete(tmp_path, wheels[:1], ["one"], TARGET)
    require_complete(tmp_path, wheels[:1], ["one"], Target(12, 41, "x86_64"))
    with pytest.raises(ToolError, match=r"one\[x\]|requires 'x; extra"):
        require_complete(tmp_path, wheels, ["one[x]"], TARGET)
    with pytest.raises(ToolError, match="two 2 was fetched"):
        require_complete(tmp_path, wheels, ["one", "two>2"], TARGET)


def test_copies_of_packages_in_a_wheel_do_not_speak_for_it(tmp_path: Path) -> None:
    copy = "Metadata-Version: 2.1\nName: other\nVersion: 1\nRequires-Dist: gone\n"
    files = {"one.py": "", "one/_vendor/other-1.dist-info/METADATA": copy}
    one = write_wheel(tmp_path, "one", "1", files, requires=["two"])
    wheels = [locked(one), locked(write_wheel(tmp_path, "two", "2"))]
    require_complete(tmp_path, wheels, ["one"], TARGET)


def layer_of(wheels: list[Path], place: Path, target: Target = TARGET) -> bytes:
    place.mkdir()
    unpack(wheels, target, place)
    tar = place.with_suffix(".tar")
    write_layer(place, tree(ROOT), 1_700_000_000, tar)
    return tar.read_bytes()


def test_the_layer_is_what_an_installer_makes_and_the_same_again(tmp_path: Path) -> None:
    files = {
        "one/__init__.py": "",
        "one-1.data/scripts/tool": "#!python\nprint(1)\n",
        "one-1.dist-info/entry_points.txt": "[console_scripts]\nrun-one = one:main\n",
    }
    wheel = write_wheel(tmp_path, "one", "1", files)
    data = layer_of([wheel], tmp_path / "a")
    assert data == layer_of([wheel], tmp_path / "b")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        rows = {each.name: each for each in tar}
        site = "usr/local/lib/python3.13/dist-packages"
        record = tar.extractfile(f"{site}/one-1.dist-info/RECORD")
        tool = tar.extractfile("usr/local/bin/tool")
        assert record is not None
        assert tool is not None
        assert "../../../bin/run-one" in record.read().decode()
        assert tool.read().startswith(b"#!/usr/bin/python3\n")
    assert f"{site}/one/__init__.py" in rows
    assert rows["usr/local/bin/run-one"].mode == 0o755
    assert {each.mtime for each in rows.values()} == {1_700_000_000}
    assert {each.uid for each in rows.values()} == {0}


def test_wheels_go_into_the_virtual_environment_where_there_is_one(tmp_path: Path) -> None:
    files = {"one/__init__.py": "", "one-1.data/scripts/tool": "#!python\n"}
    wheel = write_wheel(tmp_path, "one", "1", files)
    data = layer_of([wheel], tmp_path / "a", replace(TARGET, environment=True))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tool = tar.extractfile("usr/local/bin/tool")
        assert tool is not None
        assert tool.read() == b"#!/usr/local/bin/python3\n"
        assert "usr/local/lib/python3.13/site-packages/one/__init__.py" in tar.getnames()


@pytest.mark.parametrize(
    "files",
    [
        {"../../escape.py": "x = 1\n"},
        {"one-1.data/scripts/../../../../etc/passwd": "x\n"},
        {"/etc/absolute": "x\n"},
        {"one-1.data/unknown/x": "x\n"},
        {"other-1.dist-info/METADATA": "x\n"},
    ],
)
def test_a_wheel_that_leaves_its_place_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    wheel = write_wheel(tmp_path, "one", "1", files)
    with pytest.raises(InputError, match=r"one-1-py3-none-any\.whl cannot be installed"):
        layer_of([wheel], tmp_path / "a")
    assert not (tmp_path / "escape.py").exists()


def test_a_damaged_wheel_and_two_of_one_file_are_refused(tmp_path: Path) -> None:
    one = write_wheel(tmp_path, "one", "1", {"same.py": ""})
    two = write_wheel(tmp_path, "two", "1", {"same.py": ""})
    with pytest.raises(InputError, match="two-1"):
        layer_of([one, two], tmp_path / "a")
    one.write_bytes(one.read_bytes()[:100])
    with pytest.raises(InputError, match="one-1"):
        layer_of([one], tmp_path / "b")


def test_a_wheel_whose_record_is_not_true_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "one", "1", {"one.py": "abc\n"})
    wheel.write_bytes(wheel.read_bytes().replace(b"abc\n", b"abd\n"))
    with pytest.raises(InputError, match="one-1"):
        layer_of([wheel], tmp_path / "a")


def with_broken_data(wheel: Path, member: str) -> None:
    """Compress a wheel, and damage the compressed data of one file."""
    with zipfile.ZipFile(wheel) as plain:
        content = {each.filename: plain.read(each) for each in plain.infolist()}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in content.items():
            out.writestr(name, data)
        start = out.getinfo(member).header_offset + 30 + len(member)
    data = wheel.read_bytes()
    wheel.write_bytes(data[:start] + b"\xff" * 4 + data[start + 4 :])


def test_a_wheel_with_broken_data_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "one", "1", {"one.py": "x = 1\n" * 100})
    with_broken_data(wheel, "one.py")
    with pytest.raises(InputError, match=r"one-1.* cannot be installed"):
        layer_of([wheel], tmp_path / "a")
    with_broken_data(write_wheel(tmp_path, "one", "1"), "one-1.dist-info/METADATA")
    with pytest.raises(ToolError, match=r"one-1.*: cannot be read"):
        require_complete(tmp_path, [locked(wheel)], ["one"], TARGET)


@pytest.mark.parametrize(
    "points", ["[console_scripts]\na = b:c\na = b:d\n", "no section\n", "[x]\n%\n"]
)
def test_a_wheel_with_broken_entry_points_is_refused(tmp_path: Path, points: str) -> None:
    wheel = write_wheel(tmp_path, "one", "1", {"one-1.dist-info/entry_points.txt": points})
    with pytest.raises(InputError, match=r"one-1.* cannot be installed"):
        layer_of([wheel], tmp_path / "a")


def test_a_file_where_a_directory_is_needed_is_no_full_disk(tmp_path: Path) -> None:
    one = write_wheel(tmp_path, "one", "1", {"same": ""})
    two = write_wheel(tmp_path, "two", "1", {"same/two.py": ""})
    with pytest.raises(InputError, match=r"two-1.* cannot be installed"):
        layer_of([one, two], tmp_path / "a")


@pytest.mark.parametrize(("number", "free"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_only_a_full_disk_asks_for_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, free: bool
) -> None:
    wheel = write_wheel(tmp_path, "one", "1")

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("careen.catalog.wheels.install.install", fail)
    with pytest.raises(ToolError) as caught:
        layer_of([wheel], tmp_path / "a")
    assert ("free some room" in str(caught.value)) is free

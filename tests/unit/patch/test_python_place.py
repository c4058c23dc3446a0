"""The program that puts wheels in the place of installed distributions, run in this process."""

import base64
import csv
import hashlib
import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from careen.patch.python import place

INFO = "alpha-2.dist-info"
FILES: Mapping[str, bytes] = {
    "alpha/__init__.py": b"VERSION = '2'\n\n\ndef main():\n    return 0\n",
    f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: alpha\nVersion: 2\n",
}


def wheel(files: Mapping[str, bytes], modes: Mapping[str, int] | None = None) -> bytes:
    """Return a wheel; `modes` are the Unix modes of some members, with their type."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(member, data)
    return out.getvalue()


@dataclass
class Site:
    """An environment with `bin` and `lib`, and the program's answer."""

    top: Path
    answer: dict[str, Any] = field(default_factory=dict)
    status: int = 0

    @property
    def lib(self) -> Path:
        return self.top / "lib"

    def step(self, data: bytes, **more: Any) -> dict[str, Any]:
        """Return the job for one wheel; `more` replaces its fields."""
        path = self.top.parent / f"{hashlib.sha256(data).hexdigest()[:8]}.whl"
        path.write_bytes(data)
        scripts = str(self.top / "bin")
        given: dict[str, Any] = {
            "wheel": str(path),
            "sha256": hashlib.sha256(data).hexdigest(),
            "site": str(self.lib),
            "prefix": str(self.top),
            "stay": [str(self.lib), scripts, str(self.top)],
            "scripts": scripts,
            "scheme": {
                "purelib": str(self.lib),
                "platlib": str(self.lib),
                "scripts": scripts,
                "data": str(self.top),
                "headers": str(self.top / "include"),
            },
            "remove": [],
            "uid": os.getuid(),
            "gid": os.getgid(),
            "mode": 0o644,
            "directory": 0o755,
            "installer": "pip",
            "requested": False,
            "levels": [],
            "shebang": "#!/usr/bin/python3",
            "entry_points": {},
            "versioned": [],
        }
        return {**given, **more}

    def put(self, name: str, data: bytes | str = b"") -> str:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)

    def record(self) -> dict[str, tuple[str, str]]:
        """Return the digest and size of each path in RECORD."""
        text = (self.lib / INFO / "RECORD").read_text()
        return {row[0]: (row[1], row[2]) for row in csv.reader(text.splitlines())}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = Site(tmp_path / "env")
    for name in ("bin", "lib"):
        (found.top / name).mkdir(parents=True)
    return found


@pytest.fixture
def run(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Site]:
    def ran(*steps: Mapping[str, Any]) -> Site:
        job = site.top.parent / "job.json"
        job.write_text(json.dumps({"steps": steps}))
        monkeypatch.setattr(sys, "argv", ["place.py", str(job)])
        mask = os.umask(0o077)
        try:
            site.status = place.main()
        finally:
            os.umask(mask)
        (line,) = capsys.readouterr().out.splitlines()
        site.answer = json.loads(line.removeprefix("careen:"))
        return site

    return ran


def test_files_of_the_wheel_are_placed_and_recorded(run: Callable[..., Site], site: Site) -> None:
    run(site.step(wheel(FILES), requested=True, installer="uv"))
    assert (site.status, site.answer) == (0, {"placed": 1})
    assert (site.lib / "alpha/__init__.py").read_bytes() == FILES["alpha/__init__.py"]
    assert (site.lib / INFO / "INSTALLER").read_text() == "uv\n"
    assert (site.lib / INFO / "REQUESTED").read_bytes() == b""
    rows = site.record()
    assert rows.pop(f"{INFO}/RECORD") == ("", "")
    assert rows.keys() == {
        "alpha/__init__.py",
        f"{INFO}/INSTALLER",
        f"{INFO}/METADATA",
        f"{INFO}/REQUESTED",
    }
    for path, (digest, size) in rows.items():
        data = (site.lib / path).read_bytes()
        value = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert (digest, size) == (f"sha256={value}", str(len(data)))


def test_modes_come_from_the_old_version_and_the_wheel(
    run: Callable[..., Site], site: Site
) -> None:
    files = {**FILES, "alpha/tool": b"#!/bin/sh\n", "alpha/odd": b"", "alpha/sub/x": b""}
    modes = {"alpha/tool": stat.S_IFREG | 0o755, "alpha/odd": stat.S_IFLNK | 0o777}
    run(site.step(wheel(files, modes), mode=0o640, directory=0o750))
    seen = {
        name: stat.S_IMODE((site.lib / "alpha" / name).lstat().st_mode)
        for name in ("__init__.py", "tool", "odd", "sub", "sub/x")
    }
    assert seen == {
        "__init__.py": 0o640,
        "tool": 0o750,
        "odd": 0o640,  # a symlink of an archive becomes a plain file
        "sub": 0o750,
        "sub/x": 0o640,
    }


def test_the_old_version_goes_and_its_empty_directories_with_it(
    run: Callable[..., Site], site: Site
) -> None:
    remove = [
        site.put("lib/alpha/old/deep/x.py"),
        site.put("lib/alpha/gone.py"),
        site.put("bin/alpha-old", "#!/usr/bin/python3\n"),
        str(site.lib / "never-there.py"),
        str(site.top / "share"),
    ]
    site.put("share/file")
    run(site.step(wheel(FILES), remove=remove))
    assert sorted(path.name for path in (site.lib / "alpha").iterdir()) == ["__init__.py"]
    assert (site.top / "share" / "file").is_file()  # a directory in the list is left alone
    assert list((site.top / "bin").iterdir()) == []  # and is kept, though it is empty
    assert (site.top / "bin").is_dir()


def test_a_link_is_removed_or_replaced_and_never_followed(
    run: Callable[..., Site], site: Site
) -> None:
    outside = site.put("outside/file", "kept")
    (site.lib / "alpha").mkdir()
    (site.lib / "alpha" / "__init__.py").symlink_to(outside)
    (site.lib / "folder").symlink_to(site.top / "outside")
    run(site.step(wheel(FILES), remove=[str(site.lib / "folder")]))
    assert Path(outside).read_text() == "kept"
    assert not (site.lib / "alpha" / "__init__.py").is_symlink()
    assert not (site.lib / "folder").is_symlink()


def test_a_file_may_move_from_one_distribution_to_another(
    run: Callable[..., Site], site: Site
) -> None:
    """All old versions are removed before anything is placed."""
    other = {"shared.py": b"new\n", "beta-2.dist-info/METADATA": b"Name: beta\n"}
    old = site.put("lib/shared.py", "old\n")
    run(site.step(wheel(other)), site.step(wheel(FILES), remove=[old]))
    assert Path(old).read_bytes() == b"new\n"
    assert site.answer == {"placed": 2}


ENTRY_POINTS = b"[console_scripts]\nalpha = alpha:main\nsub = alpha.cli:App.run [extra]\n"


def test_console_scripts_are_written(run: Callable[..., Site], site: Site) -> None:
    run(site.step(wheel({**FILES, f"{INFO}/entry_points.txt": ENTRY_POINTS})))
    script = (site.top / "bin" / "sub").read_text()
    assert script.startswith("#!/usr/bin/python3\nimport sys\n\nfrom alpha.cli import App\n")
    assert script.endswith("    sys.exit(App.run())\n")
    assert (site.top / "bin" / "sub").stat().st_mode & 0o777 == 0o755
    assert "../bin/alpha" in site.record()


def test_a_script_that_calls_the_same_function_stays_as_it_was(
    run: Callable[..., Site], site: Site
) -> None:
    own = "#!/opt/python\n# written by conda\n"
    remove = [site.put("bin/alpha", own), site.put("bin/sub", own)]
    points = {"alpha": "alpha:main", "sub": "alpha.other:run"}
    data = wheel({**FILES, f"{INFO}/entry_points.txt": ENTRY_POINTS})
    run(site.step(data, remove=remove, entry_points=points))
    assert (site.top / "bin" / "alpha").read_text() == own
    changed = (site.top / "bin" / "sub").read_text()
    assert changed.startswith("#!/opt/python\nimport sys\n")  # its interpreter stays


def test_scripts_that_only_pip_makes_stay(run: Callable[..., Site], site: Site) -> None:
    remove = [site.put("bin/pip", "#!/old\n"), site.put("bin/pip3.11", "#!/old\n")]
    text = b"[console_scripts]\npip = pip._internal:main\n"
    run(
        site.step(
            wheel({**FILES, f"{INFO}/entry_points.txt": text}),
            remove=remove,
            versioned=["pip3.11", "pip3.12"],
        )
    )
    assert sorted(path.name for path in (site.top / "bin").iterdir()) == ["pip", "pip3.11"]
    assert "from pip._internal import main" in (site.top / "bin" / "pip3.11").read_text()


def test_data_of_a_wheel_goes_to_its_scheme(run: Callable[..., Site], site: Site) -> None:
    files = {
        **FILES,
        "alpha-2.data/purelib/pure.py": b"",
        "alpha-2.data/data/share/doc": b"doc",
        "alpha-2.data/headers/a.h": b"",
        "alpha-2.data/scripts/tool": b"#!python\nprint()\n",
        "alpha-2.data/scripts/shell": b"#!/bin/sh\n",
    }
    run(site.step(wheel(files)))
    assert (site.lib / "pure.py").is_file()
    assert (site.top / "share/doc").read_bytes() == b"doc"
    assert (site.top / "include/a.h").is_file()
    assert (site.top / "bin/tool").read_bytes() == b"#!/usr/bin/python3\nprint()\n"
    assert (site.top / "bin/shell").read_bytes() == b"#!/bin/sh\n"


@pytest.mark.parametrize("count", [3, 70])
def test_byte_code_is_made_for_the_levels_of_the_old_version(
    run: Callable[..., Site], site: Site, count: int
) -> None:
    files = {**FILES, **{f"alpha/m{number}.py": b"x = 1\n" for number in range(count)}}
    files["alpha/broken/template.py"] = b"{% if x %}\n"
    run(site.step(wheel(files), levels=["", "2"]))
    tag = sys.implementation.cache_tag
    names = {path.name for path in (site.lib / "alpha/__pycache__").iterdir()}
    assert {f"m0.{tag}.pyc", f"m0.{tag}.opt-2.pyc", f"__init__.{tag}.pyc"} <= names
    assert len(names) == 2 * (count + 1)
    assert not (site.lib / "alpha/broken/__pycache__").exists()
    assert site.record()[f"alpha/__pycache__/m0.{tag}.pyc"] == ("", "")
    data = (site.lib / f"alpha/__pycache__/m0.{tag}.pyc").read_bytes()
    assert int.from_bytes(data[4:8], "little") == 0b11  # by the source's digest, no time


def test_the_time_of_files_is_that_of_the_build(
    run: Callable[..., Site], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    run(site.step(wheel(FILES)))
    assert (site.lib / "alpha/__init__.py").stat().st_mtime == 1700000000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "tomorrow")
    run(site.step(wheel(FILES)))
    assert (site.lib / "alpha/__init__.py").stat().st_mtime != 1700000000


BAD: dict[str, tuple[dict[str, bytes], str]] = {
    "no dist-info": ({"alpha.py": b""}, "expected one dist-info, found []"),
    "two": ({**FILES, "b-1.dist-info/METADATA": b""}, "expected one dist-info, found ["),
    "absolute path": ({**FILES, "/etc/passwd": b""}, "a path leaves its place: '/etc/passwd'"),
    "path out": ({**FILES, "a/../../x": b""}, "a path leaves its place: 'a/../../x'"),
    "path out of the data": (
        {**FILES, "alpha-2.data/data/../../x": b""},
        "a path leaves its place",
    ),
    "backslash": ({**FILES, "a\\..\\x": b""}, "a path leaves its place"),
    "empty part": ({**FILES, "a//x": b""}, "a path leaves its place"),
    "unknown scheme": ({**FILES, "alpha-2.data/evil/x": b""}, "nowhere to put"),
    "file for a scheme": ({**FILES, "alpha-2.data/data": b""}, "nowhere to put"),
    "script with a path": (
        {**FILES, f"{INFO}/entry_points.txt": b"[console_scripts]\n../x = a:b\n"},
        "an entry point that is none: '../x=a:b'",
    ),
    "script that is the directory": (
        {**FILES, f"{INFO}/entry_points.txt": b"[console_scripts]\n.. = a:b\n"},
        "an entry point that is none",
    ),
    "code for a function": (
        {**FILES, f"{INFO}/entry_points.txt": b"[console_scripts]\nx = a:b()or evil\n"},
        "an entry point that is none",
    ),
    "no function": (
        {**FILES, f"{INFO}/entry_points.txt": b"[console_scripts]\nx = a\n"},
        "an entry point that is none",
    ),
    "entry points that cannot be read": (
        {**FILES, f"{INFO}/entry_points.txt": b"x = 1\n"},
        "entry_points.txt: File contains no section headers",
    ),
    "entry points that are no text": (
        {**FILES, f"{INFO}/entry_points.txt": b"[console_scripts]\n\xff = a:b\n"},
        "'utf-8' codec can't decode byte 0xff",
    ),
    "control character in a name": (
        {**FILES, f"{INFO}/entry_points.txt": b"[console_scripts]\na\0b = a:b\n"},
        "an entry point that is none",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_wheel_that_cannot_be_placed_is_named_with_the_reason(
    name: str, run: Callable[..., Site], site: Site
) -> None:
    files, expected = BAD[name]
    step = site.step(wheel(files))
    run(step)
    assert site.status == 1
    assert site.answer["problem"].startswith(f"{Path(step['wheel']).name}: ")
    assert expected in site.answer["problem"]
    assert not (site.top.parent / "x").exists()


def test_a_wheel_that_was_changed_is_refused(run: Callable[..., Site], site: Site) -> None:
    run(site.step(wheel(FILES), sha256="0" * 64))
    assert "its SHA-256 is" in site.answer["problem"]
    assert list(site.lib.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "no zip"])
def test_a_damaged_archive_is_named(damage: str, run: Callable[..., Site], site: Site) -> None:
    data = wheel(FILES)
    at = data.index(b"VERSION = '2'")
    bad = {
        "cut": data[:-30],
        "flipped": data[:at] + b"v" + data[at + 1 :],
        "no zip": b"<html>not found</html>",
    }[damage]
    step = site.step(bad)
    run(step)
    assert site.status == 1
    assert site.answer["problem"].startswith(f"{Path(step['wheel']).name}: ")

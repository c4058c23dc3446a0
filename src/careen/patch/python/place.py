"""Program that replaces installed distributions by wheels, run inside the container.

The environment's own interpreter runs it, with a job file as its argument. It may use only the
standard library of Python 3.7. It follows the PyPA specifications "Binary distribution format",
"Recording installed projects" and "Entry points", and checks the wheels' digests once more.
It prints one line: `careen:{"placed": …}` or `careen:{"problem": …}`.
"""

from __future__ import annotations

import base64
import configparser
import csv
import hashlib
import io
import json
import os
import stat
import sys
import zipfile
import zlib
from typing import Any

_PIECE = 1 << 20
_FEW = 64  # fewer files compile faster than four processes start
_COMPILE_PROCESSES = 4


class Problem(Exception):  # noqa: N818 — what is wrong with a wheel, in words
    """The wheel cannot be installed."""


def main() -> int:
    """Run the job; return 1 if it fails, else 0."""
    with open(sys.argv[1], encoding="utf-8") as stream:
        job = json.load(stream)
    os.umask(0o022)
    try:
        above: dict[str, dict[str, Any]] = {}
        kept = [
            _remove(step, above) for step in job["steps"]
        ]  # all of them first: a file may move between distributions
        for step, scripts in zip(job["steps"], kept):
            Placer(step, scripts).place()
        _prune(above)
    except Problem as problem:
        print("careen:" + json.dumps({"problem": str(problem)}))  # noqa: T201 — the answer
        return 1
    print("careen:" + json.dumps({"placed": len(job["steps"])}))  # noqa: T201 — the answer
    return 0


def _remove(step: dict[str, Any], above: dict[str, dict[str, Any]]) -> dict[str, bytes]:
    """Remove the old version's files; return its console scripts.

    Adds the directories of the files to `above`.
    """
    kept: dict[str, bytes] = {}
    for path in step["remove"]:
        if not os.path.lexists(path) or (os.path.isdir(path) and not os.path.islink(path)):
            continue
        if (
            os.path.dirname(path) == step["scripts"]
            and os.path.isfile(path)
            and os.path.getsize(path) < _PIECE
        ):
            with open(path, "rb") as stream:
                kept[os.path.basename(path)] = stream.read()
        os.unlink(path)
        above[os.path.dirname(path)] = step
    return kept


def _prune(above: dict[str, dict[str, Any]]) -> None:
    """Remove empty directories and their empty parents."""
    for directory in sorted(above, key=len, reverse=True):
        here, step = directory, above[directory]
        while (
            here not in step["stay"]
            and len(here) > len(step["prefix"])
            and os.path.isdir(here)
            and not os.listdir(here)
        ):
            os.rmdir(here)
            here = os.path.dirname(here)


class Placer:
    """Installer of one wheel."""

    def __init__(self, step: dict[str, Any], kept: dict[str, bytes]) -> None:
        self.step = step
        self.kept = kept
        self.rows: list[tuple[str, str, str]] = []
        self.sources: list[str] = []

    def place(self) -> None:
        """Check the wheel's digest and unpack it."""
        try:
            with open(self.step["wheel"], "rb") as stream:
                self._verify(stream)
                with zipfile.ZipFile(stream) as archive:
                    self._unpack(archive)
        # What zipfile raises for an archive that is damaged, encrypted or packed by another method;
        # ValueError also for text that is not UTF-8, and for NUL in a name.
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
            raise Problem("%s: %s" % (os.path.basename(self.step["wheel"]), error)) from error

    def _verify(self, stream: Any) -> None:
        digest = hashlib.sha256()
        for piece in iter(lambda: stream.read(_PIECE), b""):
            digest.update(piece)
        if digest.hexdigest() != self.step["sha256"]:
            raise Problem(
                "%s: its SHA-256 is %s, expected %s"
                % (os.path.basename(self.step["wheel"]), digest.hexdigest(), self.step["sha256"])
            )
        stream.seek(0)

    def _unpack(self, archive: zipfile.ZipFile) -> None:
        tops = sorted({name.split("/")[0] for name in archive.namelist()})
        infos = [name for name in tops if name.endswith(".dist-info")]
        if len(infos) != 1:
            raise Problem(
                "%s: expected one dist-info, found %s"
                % (os.path.basename(self.step["wheel"]), infos)
            )
        info = infos[0]
        data = info[: -len(".dist-info")] + ".data"
        for member in archive.infolist():
            name = member.filename
            parts = name.split("/")
            if (
                name.endswith("/")
                or name == info + "/RECORD"
                or name.startswith((info + "/RECORD.", info + "/INSTALLER"))
            ):
                continue
            if name.startswith("/") or ".." in parts or "" in parts or "\\" in name or "\0" in name:
                raise Problem(
                    "%s: a path leaves its place: %r"
                    % (os.path.basename(self.step["wheel"]), name[:200])
                )
            executable = bool((member.external_attr >> 16) & 0o111) and stat.S_ISREG(
                (member.external_attr >> 16) or stat.S_IFREG
            )
            if parts[0] != data:
                self._copy(archive, member, os.path.join(self.step["site"], *parts), executable)
            elif len(parts) > 2 and parts[1] in self.step["scheme"]:
                target = os.path.join(self.step["scheme"][parts[1]], *parts[2:])
                if parts[1] == "scripts":
                    self._script(archive, member, target)
                else:
                    self._copy(archive, member, target, executable)
            else:
                raise Problem(
                    "%s: nowhere to put %r" % (os.path.basename(self.step["wheel"]), name[:200])
                )
        self._entry_points(archive, info)
        where = os.path.join(self.step["site"], info)
        for name, content in (
            ("INSTALLER", self.step["installer"] + "\n"),
            ("REQUESTED", "" if self.step["requested"] else None),
        ):
            if content is not None:
                self._write(os.path.join(where, name), content.encode(), False)
        self._compile()
        self._record(os.path.join(where, "RECORD"))

    def _copy(
        self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: str, executable: bool
    ) -> None:
        self._make(os.path.dirname(target))
        digest, size = hashlib.sha256(), 0
        self._clear(target)
        with archive.open(member) as source, open(target, "wb") as out:
            for piece in iter(lambda: source.read(_PIECE), b""):
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        self._done(target, digest, size, executable)

    def _write(self, target: str, content: bytes, executable: bool) -> None:
        self._make(os.path.dirname(target))
        self._clear(target)
        with open(target, "wb") as out:
            out.write(content)
        self._done(target, hashlib.sha256(content), len(content), executable)

    def _clear(self, target: str) -> None:
        if os.path.islink(target) or os.path.isfile(target):
            os.unlink(target)

    def _done(self, target: str, digest: Any, size: int, executable: bool) -> None:
        self._own(
            target, self.step["mode"] | ((self.step["mode"] & 0o444) >> 2 if executable else 0)
        )
        value = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        self.rows.append((os.path.relpath(target, self.step["site"]), "sha256=" + value, str(size)))
        if target.endswith(".py"):
            self.sources.append(target)

    def _own(self, path: str, mode: int) -> None:
        os.chown(path, self.step["uid"], self.step["gid"])
        os.chmod(path, mode)
        if os.environ.get("SOURCE_DATE_EPOCH", "").isdigit():
            os.utime(path, (int(os.environ["SOURCE_DATE_EPOCH"]),) * 2)

    def _make(self, directory: str) -> None:
        missing = []
        while not os.path.isdir(directory):
            missing.append(directory)
            directory = os.path.dirname(directory)
        for path in reversed(missing):
            os.mkdir(path)
            os.chown(path, self.step["uid"], self.step["gid"])
            os.chmod(path, self.step["directory"])

    def _script(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: str) -> None:
        with archive.open(member) as source:
            content = source.read()
        first, newline, rest = content.partition(b"\n")
        if first.startswith(b"#!python"):
            content = self._shebang(os.path.basename(target)) + newline + rest
        self._write(target, content, True)

    def _shebang(self, name: str) -> bytes:
        old = self.kept.get(name, b"").split(b"\n")[0]
        return old if old.startswith(b"#!") else str(self.step["shebang"]).encode()

    def _entry_points(self, archive: zipfile.ZipFile, info: str) -> None:
        """Write console scripts; keep an existing one that calls the same function."""
        wanted: dict[str, str] = {}
        try:
            text = archive.read(info + "/entry_points.txt").decode("utf-8")
        except KeyError:
            text = ""
        parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        try:
            parser.read_string(text)
        except configparser.Error as error:
            raise Problem(
                "%s: entry_points.txt: %s" % (os.path.basename(self.step["wheel"]), error)
            ) from error
        for section in ("console_scripts", "gui_scripts"):
            if parser.has_section(section):
                wanted.update(
                    {
                        name.strip(): value.split("[")[0].strip()
                        for name, value in parser.items(section)
                    }
                )
        for name in self.step["versioned"]:  # pip creates these itself: pip3.11
            if name in self.kept and name not in wanted and "pip" in wanted:
                wanted[name] = wanted["pip"]
        for name, value in sorted(wanted.items()):
            module, _, function = (part.strip() for part in value.partition(":"))
            dotted = (module + "." + function).split(".")
            if (
                not function
                or not all(part.isidentifier() for part in dotted)
                or "/" in name
                or "\0" in name
                or name in ("", ".", "..")
            ):
                raise Problem(
                    "%s: an entry point that is none: %r"
                    % (os.path.basename(self.step["wheel"]), (name + "=" + value)[:200])
                )
            old = self.step["entry_points"].get(name) or (
                self.step["entry_points"].get("pip") if name in self.step["versioned"] else None
            )
            if name in self.kept and old == value:
                content = self.kept[name]
            else:
                lines = (
                    self._shebang(name).decode("utf-8", "replace"),
                    "import sys",
                    "",
                    "from %s import %s" % (module, function.split(".")[0]),
                    "",
                )
                content = (
                    "\n".join(lines)
                    + '\nif __name__ == "__main__":\n    sys.exit(%s())\n' % function
                ).encode()
            self._write(os.path.join(self.step["scheme"]["scripts"], name), content, True)

    def _compile(self) -> None:
        """Write byte code for each level that the old version had."""
        import importlib.util

        wanted = []
        for source in sorted(self.sources):
            if self.step["levels"] and os.path.dirname(source) != self.step["scheme"]["scripts"]:
                self._make(os.path.join(os.path.dirname(source), "__pycache__"))
                wanted += [
                    (
                        source,
                        importlib.util.cache_from_source(source, optimization=level or ""),
                        int(level or 0),
                    )
                    for level in self.step["levels"]
                ]
        if len(wanted) < _FEW:
            _compiled(wanted)
        else:
            _compile_in_parallel(wanted)
        for _, cached, _ in wanted:
            if os.path.isfile(cached):
                self._own(cached, self.step["mode"])
                self.rows.append((os.path.relpath(cached, self.step["site"]), "", ""))
        for directory in sorted({os.path.dirname(cached) for _, cached, _ in wanted}):
            if not os.listdir(directory):
                os.rmdir(directory)

    def _record(self, target: str) -> None:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for row in sorted(self.rows):
            writer.writerow(row)
        writer.writerow((os.path.relpath(target, self.step["site"]), "", ""))
        self._write(target, out.getvalue().encode("utf-8", "surrogateescape"), False)


def _compile_in_parallel(wanted: list[tuple[str, str, int]]) -> None:
    """Compile in four processes."""
    children = []
    # Always four: a file's byte code can depend on what its process compiled before.
    for share in range(_COMPILE_PROCESSES):
        child = os.fork()
        if not child:
            status = 1
            try:
                _compiled(wanted[share::_COMPILE_PROCESSES])
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    if any([os.waitpid(child, 0)[1] for child in children]):  # noqa: C419 — each is waited for
        raise Problem("compiling byte code: a process ended before it was done")


def _compiled(wanted: list[tuple[str, str, int]]) -> None:
    import py_compile

    for source, cached, level in wanted:
        try:
            py_compile.compile(
                source,
                cached,
                doraise=True,
                optimize=level,
                # Byte code that names its source's digest contains no time.
                invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
            )
        except (
            py_compile.PyCompileError,
            ValueError,
            RecursionError,
        ):  # a template, or a test for another Python
            continue


if __name__ == "__main__":
    sys.exit(main())

"""The tests in a directory that ask a running service, by the file names of each tool."""

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from careen.workload.plain import harmless
from careen.workload.proposal.readme import CurlLine, curl_lines

MOST_FILES = 5_000
MOST_READ = 400
BYTES = 512 * 1024
DEEPEST = 5
_SKIPPED = {
    "node_modules",
    "vendor",
    "venv",
    "build",
    "dist",
    "target",
    "__pycache__",
    "careen-out",
}
_TOLD = re.compile(r"\b(?:BASE_URL|CAREEN_PORT_\d|CAREEN_CONTAINER)")
_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1):(\d{2,5})\b")
_SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_SHELL_WORDS = {"smoke", "test", "tests", "check"}


@dataclass(frozen=True, slots=True)
class FoundTest:
    """A test of a service: its command, and where it comes from.

    `fixed` is the host port that it names itself. `trouble` says why it cannot be used as it is, ""
    if it can.
    """

    command: str
    source: str
    fixed: int | None = None
    trouble: str = ""


def find_tests(directory: Path, ports: tuple[int, ...]) -> tuple[FoundTest, ...]:
    """Return the tests below a directory that name the service or one of its `ports`.

    Those that name neither come with the reason why they test no container.
    """
    told: dict[str, list[str]] = {}
    fixed: dict[str, int] = {}
    silent: dict[str, list[str]] = {}
    for path, tool in islice(_test_files(directory), MOST_READ):
        text = _text(directory / path)
        port = next((int(found) for found in _LOCAL.findall(text) if int(found) in ports), None)
        if _TOLD.search(text) or port is not None:
            told.setdefault(tool, []).append(path)
            if not _TOLD.search(text) and port is not None:
                fixed.setdefault(tool, port)
        else:
            silent.setdefault(tool, []).append(path)
    out = [
        _found(tool, files, silent.get(tool, []), fixed.get(tool), directory)
        for tool, files in told.items()
    ]
    out += [_other(tool, files) for tool, files in silent.items() if tool not in told]
    return (*out, *_readme_tests(directory, ports))


def _test_files(directory: Path) -> Iterator[tuple[str, str]]:
    seen = 0
    for inside, folders, files in os.walk(directory):
        relative = Path(inside).relative_to(directory)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _SKIPPED
        )
        if len(relative.parts) >= DEEPEST:
            folders[:] = []
        for name in sorted(files):
            seen += 1
            if seen > MOST_FILES:
                return
            if tool := _tool_of(name):
                yield str(relative / name), tool


def _tool_of(name: str) -> str:
    """Return the tool whose test files have such a name, or ""."""
    stem, suffix = Path(name).stem, Path(name).suffix
    if suffix == ".py" and (stem.startswith("test_") or stem.endswith("_test")):
        return "pytest"
    if suffix in _SCRIPTS and stem.endswith((".test", ".spec")):
        return "npm"
    if name.endswith("_test.go"):
        return "go"
    words = set(stem.replace("-", "_").split("_"))
    return "sh" if suffix in (".sh", ".bash") and words & _SHELL_WORDS else ""


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as stream:
            return stream.read(BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _found(
    tool: str, files: list[str], others: list[str], fixed: int | None, directory: Path
) -> FoundTest:
    paths = _shortest(files, others)
    quoted = " ".join(shlex.quote(path) for path in paths)
    match tool:
        case "pytest":
            return _on_path(FoundTest(f"pytest -q {quoted}", _named(paths), fixed), "pytest")
        case "npm":
            script = _npm_script(directory)
            if not script:
                return FoundTest(
                    "npm test", _named(paths), fixed, "package.json has no test script"
                )
            return _on_path(FoundTest("npm test", f"package.json: {script}", fixed), "npm")
        case "go":
            folders = dict.fromkeys(str(Path(path).parent) for path in files)
            packages = " ".join(shlex.quote(f"./{name}") for name in folders)
            return _on_path(
                FoundTest(f"go test -v -count=1 {packages}", _named(paths), fixed), "go"
            )
        case _:
            program = "bash" if any(path.endswith(".bash") for path in files) else "sh"
            command = " && ".join(f"{program} {shlex.quote(path)}" for path in files)
            return FoundTest(command, _named(files), fixed)


def _on_path(test: FoundTest, program: str) -> FoundTest:
    if shutil.which(program) is not None:
        return test
    trouble = f"{program} is not on PATH here: install it"
    return FoundTest(test.command, test.source, test.fixed, trouble)


def _other(tool: str, files: list[str]) -> FoundTest:
    command = {"pytest": "pytest -q", "npm": "npm test", "go": "go test -v ./..."}.get(tool, "sh …")
    trouble = (
        "names neither BASE_URL nor a port of the service, so it tests this directory and not the"
        " container: point it at $BASE_URL"
    )
    return FoundTest(command, _named(files), trouble=trouble)


def _shortest(files: list[str], others: list[str]) -> list[str]:
    """Return the folders whose test files are all in `files`, else the files."""
    folders = dict.fromkeys(str(Path(path).parent) for path in files)
    if "." in folders or any(str(Path(path).parent) in folders for path in others):
        return files
    return list(folders)


def _named(paths: list[str]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return harmless(f"{paths[0]}{more}")


def _npm_script(directory: Path) -> str:
    try:
        found = json.loads(_text(directory / "package.json"))["scripts"]["test"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return "" if not isinstance(found, str) or "no test specified" in found else harmless(found)


def _readme_tests(directory: Path, ports: tuple[int, ...]) -> Iterator[FoundTest]:
    name = next(
        (name for name in ("README.md", "README", "readme.md") if (directory / name).is_file()), ""
    )
    if name:
        for line in curl_lines(_text(directory / name)):
            yield _curl(line, name, ports)


def _curl(line: CurlLine, name: str, ports: tuple[int, ...]) -> FoundTest:
    if line.trouble:
        return FoundTest(line.command, name, trouble=line.trouble)
    if line.port not in ports:
        trouble = f"asks port {line.port}, which the service does not expose"
        return FoundTest(line.command, name, trouble=trouble)
    command = line.command
    if len(ports) > 1:  # BASE_URL may be another port's
        command = command.replace('"$BASE_URL"', f'"http://127.0.0.1:$CAREEN_PORT_{line.port}"')
    return _on_path(FoundTest(command, f"{name}, a curl line"), "curl")

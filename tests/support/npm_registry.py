"""A registry of small npm packages: their archives and what a registry says of them; and a stand-in
for npm that answers from it.
"""

import base64
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from careen.formats.versions.semver import NPM
from careen.model.runs.engine import CommandResult
from careen.patch.npm.ranges import satisfies
from careen.patch.sandbox import INSIDE


def archive(document: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """A package as npm packs one, its command executable."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar:
        for name, data in {"package.json": json.dumps(document).encode(), **files}.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size, info.mode, info.mtime = len(data), 0o644, 499162500
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@dataclass
class NpmPackages:
    """`archives` by name and version; `documents` what is in their package.json."""

    archives: dict[str, dict[str, bytes]] = field(default_factory=dict)
    documents: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def add(
        self, name: str, version: str, files: Mapping[str, bytes] | None = None, **stated: Any
    ) -> None:
        document = {"name": name, "version": version, "license": "MIT", **stated}
        self.documents.setdefault(name, {})[version] = document
        self.archives.setdefault(name, {})[version] = archive(
            document, {"index.js": f"module.exports='{version}'\n".encode(), **(files or {})}
        )

    def manifest(self, name: str, version: str, address: str) -> dict[str, Any]:
        data = self.archives[name][version]
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
        shasum = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        file = f"{name.rpartition('/')[2]}-{version}.tgz"
        return {
            **self.documents[name][version],
            "dist": {
                "integrity": integrity,
                "shasum": shasum,
                "tarball": f"{address}/{name}/-/{file}",
            },
        }

    def packument(self, name: str, address: str) -> dict[str, Any]:
        versions = {
            version: self.manifest(name, version, address) for version in self.documents[name]
        }
        return {
            "name": name,
            "dist-tags": {"latest": max(versions, key=NPM.key)},
            "versions": versions,
        }


@dataclass
class FakeNpm:
    """As much of a container as a patcher uses: npm and node, answering from the packages. `asked`
    are the command lines; `notice` follows what the registry answered.
    """

    packages: NpmPackages
    scratch: Path
    node: str = "v20.11.0"
    complaint: str = ""
    notice: str = ""
    asked: list[tuple[str, ...]] = field(default_factory=list)
    viewing: Callable[[], object] = lambda: None

    def exec(
        self,
        argv: tuple[str, ...],
        timeout: float,  # noqa: ARG002
        *,
        env: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> CommandResult:
        self.asked.append(argv)
        words = [word for word in argv[1:] if not word.startswith("--")]
        if argv[:2] == ("node", "-e"):
            return self._write(
                *(Path(word.replace(INSIDE, str(self.scratch))) for word in argv[-2:])
            )
        if argv[0] == "node":
            return CommandResult(0, f"{self.node}\n")
        if argv[:2] == ("npm", "--version"):
            return CommandResult(0, "10.2.4\n")
        assert argv[1] == "--prefix"
        match words[1:]:
            case ["view", wanted, *_]:
                return self._view(wanted)
            case ["pack", *specs]:
                return self._pack(specs[:-1], Path(specs[-1].replace(INSIDE, str(self.scratch))))
            case ["ls", directory]:
                return self._list(Path(directory.replace(INSIDE, str(self.scratch))))
        return CommandResult(1, f"npm does not know {argv}")

    def _view(self, wanted: str) -> CommandResult:
        self.viewing()
        name, _, spec = wanted.rpartition("@")
        found = [
            version for version in self.packages.documents.get(name, {}) if satisfies(version, spec)
        ]
        if not found:
            return CommandResult(
                1, json.dumps({"error": {"code": "E404", "summary": f"no match for {wanted}"}})
            )
        stated = [
            self.packages.manifest(name, version, "https://mirror.example.net/npm")
            for version in found
        ]
        return CommandResult(
            0,
            "npm warn something\n"
            + json.dumps(stated if len(stated) > 1 else stated[0], indent=2)
            + self.notice,
        )

    def _pack(self, specs: list[str], directory: Path) -> CommandResult:
        for spec in specs:
            name, _, version = spec.rpartition("@")
            (directory / f"{name.replace('/', '-').removeprefix('@')}-{version}.tgz").write_bytes(
                self.packages.archives[name][version]
            )
        return CommandResult(0, json.dumps([{"id": spec} for spec in specs]))

    @staticmethod
    def _write(said: Path, directory: Path) -> CommandResult:
        documents, _ = json.loads(said.read_text())
        shutil.rmtree(directory, ignore_errors=True)
        for place, document in documents.items():
            (directory / place).mkdir(parents=True, exist_ok=True)
            (directory / place / "package.json").write_text(json.dumps(document))
        return CommandResult(0, "")

    def _list(self, directory: Path) -> CommandResult:
        found: dict[str, dict[str, str]] = {}
        for file in sorted(directory.rglob("node_modules/**/package.json")):
            document = json.loads(file.read_text())
            found[document["name"]] = {"version": document["version"]}
        said: dict[str, Any] = {"dependencies": found}
        if self.complaint and any(
            self.complaint == f"{name}@{item['version']}" for name, item in found.items()
        ):
            said["problems"] = [f"invalid: {self.complaint}"]
        return CommandResult(1 if "problems" in said else 0, json.dumps(said))

"""pip as the resolver: the environment's own, or careen's copy.

The copy is pure Python and also runs under musl.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ToolError
from careen.formats.json_document import mapping, objects, parse_object, text
from careen.patch.python.environments import Environment
from careen.patch.python.questions import (
    Question,
    Refusal,
    Resolution,
    Setting,
    refused,
    resolution,
    run,
    written,
)
from careen.patch.python.requirements import version_of
from careen.patch.sandbox import Sandbox

REPORTING = (22, 2)
"""The first pip with `install --dry-run --report`."""

BY_METADATA = (23, 2)
"""The first pip that reads an index's metadata, and not every wheel that it considers."""

_MAX_REPORT = 256 << 20


@dataclass(frozen=True, slots=True)
class Pip:
    """pip run by the environment's interpreter: the environment's own, or careen's copy."""

    setting: Setting
    start: tuple[str, ...]
    name: str

    def ask(self, question: Question, sandbox: Sandbox) -> Resolution | Refusal:
        setting, environment = self.setting, self.setting.environment
        doing = f"resolving for {environment.prefix} with {self.name}"
        own = self.start[0] == "-m"
        argv = [
            environment.python,
            *(["-B"] if own else []),
            *self.start,
            "install",
            "--dry-run",
            "--quiet",
            "--report",
            f"{setting.inside}/report.json",
        ]
        argv += [
            "--only-binary",
            ":all:",
            "-r",
            written(question, sandbox),
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--no-input",
            "--no-color",
        ]
        argv += ["--retries", "1", "--timeout", "20", "--root-user-action", "ignore"]
        argv += ["--no-index"] if not setting.sources.indexes else []
        argv += ["--break-system-packages"] if environment.managed else []
        for house in setting.wheel_directories:
            argv += ["--find-links", house]
        env = {**setting.variables, "PIP_CONFIG_FILE": os.devnull}
        # The copy has no byte code yet: Python writes it into the sandbox, not beside the library.
        if not own:
            env = {
                **env,
                "PYTHONPYCACHEPREFIX": f"{setting.inside}/byte-code",
                "PYTHONDONTWRITEBYTECODE": "",
            }
        if environment.kind in ("user", "target"):
            env["PYTHONPATH"] = ":".join(environment.sites)
        status, output = run(argv, sandbox, env, doing)
        if status != 0:
            return refused(output, doing)
        document = parse_object(
            sandbox.take("python/report.json", _MAX_REPORT) or b"", self.name, ToolError
        )
        metadata = [mapping(each.get("metadata")) for each in objects(document.get("install"))]
        return resolution(
            [(text(each.get("name")), text(each.get("version"))) for each in metadata], self.name
        )


def own_pip(environment: Environment, oldest: tuple[int, int]) -> str:
    """Return the version of the environment's pip, or "" if it is missing or before `oldest`."""
    for dist in (*environment.dists.values(), *environment.base):
        if dist.name == "pip":
            version = version_of(dist.installed.version)
            return str(version) if version is not None and version.release[:2] >= oldest else ""
    return ""


def copy_pip(sandbox: Sandbox) -> str:
    """Copy careen's own pip into the sandbox; return its path in the container."""
    import pip

    root = Path(pip.__file__).parent
    inside = sandbox.directory("python/pip")
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".exe"):
            place = f"python/pip/pip/{path.parent.relative_to(root)}".removesuffix("/.")
            sandbox.directory(place)
            if not sandbox.holds(f"{place}/{path.name}"):
                sandbox.copy(path, f"{place}/{path.name}")
    return f"{inside}/pip"

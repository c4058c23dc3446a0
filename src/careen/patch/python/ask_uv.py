"""uv as the resolver: its binary runs in the sandbox where the image has its libc."""

from dataclasses import dataclass
from pathlib import Path

from careen.errors import ToolError
from careen.formats.json_document import objects, parse_object, text
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
from careen.patch.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Uv:
    """uv, run by its copy in the sandbox."""

    setting: Setting
    name: str

    def ask(self, question: Question, sandbox: Sandbox) -> Resolution | Refusal:
        setting, environment = self.setting, self.setting.environment
        doing = f"resolving for {environment.prefix} with {self.name}"
        argv = [
            f"{setting.inside}/uv",
            "pip",
            "install",
            "--dry-run",
            "--output-format",
            "json",
            "--python",
            environment.python,
            "--no-config",
        ]
        argv += [
            "--only-binary",
            ":all:",
            "--resolution",
            "lowest-direct",
            "--break-system-packages",
            "--no-progress",
            "--color",
            "never",
        ]
        argv += ["-r", written(question, sandbox)]
        argv += ["--no-index"] if not setting.sources.indexes else []
        for house in setting.wheel_directories:
            argv += ["--find-links", house]
        status, output = run(argv, sandbox, setting.variables, doing)
        if not environment.locked:
            lock = f"{environment.prefix}/.lock"
            program = f"import os\nif os.path.isfile({lock!r}): os.unlink({lock!r})"
            sandbox.run(
                [environment.python, "-I", "-B", "-c", program],
                doing="removing the lock file that uv leaves",
            )
        if status != 0:
            return refused(output, doing)
        document = parse_object(
            output[output.find("{") : output.rfind("}") + 1].encode("utf-8", "replace"),
            self.name,
            ToolError,
        )
        rows = [
            (text(each.get("name")), text(each.get("version")))
            for each in objects(document.get("changes"))
            if each.get("action") == "installed"
        ]
        return resolution(rows, self.name)


def copy_uv(sandbox: Sandbox) -> str:
    """Copy uv into the sandbox; return its name and version, or "" if it does not run there."""
    import uv

    try:
        found = Path(uv.find_uv_bin())
    except OSError:  # UvNotFound is one: uv has no wheel for this machine
        return ""
    binary = sandbox.copy(found, "python/uv", 0o755)
    try:
        done = sandbox.run([binary, "--version"], doing="asking uv for its version", check=False)
    except ToolError:  # no glibc, or another processor
        return ""
    words = done.output.split()
    return " ".join(words[:2]) if done.status == 0 and words[:1] == ["uv"] else ""

"""Questions to an environment's own interpreter: version, tags, markers, distributions."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging import tags
from packaging.utils import canonicalize_name

from careen.errors import ToolError
from careen.formats.json_document import clean, items, mapping, objects, parse_object, text
from careen.patch.python.environments import Environment
from careen.patch.python.requirements import Installed
from careen.patch.sandbox import SHORT, Sandbox

_MARK = "careen:"
_OLDEST_GLIBC = 5
_ALIASES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
_MINOR = re.compile(r"\d{1,3}", re.ASCII)
_NEEDED = ("zipfile", "hashlib", "csv", "io", "stat", "base64")

_PROBE = """
import json, os, platform, sys, sysconfig
missing = []
for word in WORDS:
    try:
        __import__(word)
    except ImportError as error:
        missing.append("%s: %s" % (word, error))
musl = ""
if os.path.isdir("/lib"):
    musl = " ".join(sorted(n for n in os.listdir("/lib") if n.startswith("ld-musl-")))
glibc = ""
try:
    glibc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except (ValueError, OSError, AttributeError):
    pass
i = sys.implementation
markers = {
    "implementation_name": i.name, "implementation_version": ".".join(map(str, i.version[:3])), "os_name": os.name, "platform_machine": platform.machine(),
    "platform_release": "", "platform_system": platform.system(), "platform_version": "", "python_full_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(), "python_version": "%d.%d" % sys.version_info[:2], "sys_platform": sys.platform,
}
print("careen:" + json.dumps({
    "version": list(sys.version_info[:3]), "name": i.name, "soabi": sysconfig.get_config_var("SOABI") or "", "flags": getattr(sys, "abiflags", ""),
    "bits": 64 if sys.maxsize > 2 ** 32 else 32, "machine": platform.machine(), "glibc": glibc, "musl": musl, "missing": missing, "markers": markers,
    "free": bool(sysconfig.get_config_var("Py_GIL_DISABLED")), "pure": sysconfig.get_paths().get("purelib", ""),
    "variables": {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_"))},
}))
"""

_LIST = """
import json, sys
sys.path[:0] = SITES
import importlib.metadata as metadata
seen, out = set(), []
for d in metadata.distributions():
    name = d.metadata["Name"]
    if name and name.lower() not in seen:
        seen.add(name.lower())
        out.append({"name": name, "version": d.version, "requires": list(d.requires or ())})
print("careen:" + json.dumps({"dists": out}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What an interpreter reports.

    `tags` are the accepted tags of wheels, best first; `markers` are those of PEP 508. `missing`
    are standard modules that installing needs and that are gone. `variables` are the container's
    PIP_* and UV_*.
    """

    full: str
    implementation: str
    libc: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]
    missing: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


def probe(environment: Environment, sandbox: Sandbox) -> Interpreter:
    """Ask the interpreter; raise ToolError if it does not run."""
    document = ask(
        environment,
        sandbox,
        f"WORDS = {_NEEDED!r}\n{_PROBE}",
        f"asking {environment.python} what it is",
    )
    version = [number for number in items(document.get("version")) if isinstance(number, int)]
    if len(version) != 3:  # noqa: PLR2004 — major, minor, patch
        msg = (
            f"asking {environment.python} what it is: no version in its answer:"
            f" {document.get('version')!r}"
        )
        raise ToolError(msg)
    markers = {
        key: clean(text(value))[:100] for key, value in mapping(document.get("markers")).items()
    }
    libc, platforms = _platforms(document)
    variables = {
        key: text(value)[:4000] for key, value in mapping(document.get("variables")).items()
    }
    missing = tuple(
        clean(word)[:200] for word in items(document.get("missing")) if isinstance(word, str)
    )
    name = text(document.get("name"))[:20]
    found = tuple(
        dict.fromkeys(map(str, _tags(name, (version[0], version[1]), document, platforms)))
    )
    return Interpreter(".".join(map(str, version)), name, libc, found, markers, missing, variables)


def installed(environment: Environment, sandbox: Sandbox) -> tuple[Installed, ...]:
    """Return what the interpreter's importlib.metadata lists now. Raises ToolError."""
    sites = list(environment.sites) if environment.kind in ("user", "target") else []
    document = ask(
        environment,
        sandbox,
        f"SITES = {sites!r}\n{_LIST}",
        f"reading back the versions of {environment.prefix}",
    )
    return tuple(
        Installed(
            canonicalize_name(text(each.get("name"))),
            text(each.get("version")),
            tuple(text(line) for line in items(each.get("requires"))),
        )
        for each in objects(document.get("dists"))
    )


def ask(
    environment: Environment, sandbox: Sandbox, program: str, doing: str, timeout: float = SHORT
) -> Mapping[str, Any]:
    """Run a program of ours with the environment's interpreter; return the object that it prints.

    It writes no byte code and reads no user settings.
    """
    done = sandbox.run(
        [environment.python, "-I", "-B", "-c", program], doing=doing, timeout=timeout
    )
    return answer(done.output, doing)


def answer(output: str, doing: str) -> Mapping[str, Any]:
    """Return the object in an output's last line of ours; raise ToolError if it is missing."""
    for line in reversed(output.splitlines()):
        if line.startswith(_MARK):
            return parse_object(
                line.removeprefix(_MARK).encode("utf-8", "replace"), doing, ToolError
            )
    msg = f"{doing}: it did not answer: {json.dumps(output[-200:])}"
    raise ToolError(msg)


def _platforms(document: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    machine = text(document.get("machine"))[:20]
    if document.get("bits") == 32:  # noqa: PLR2004 — a 32-bit Python on a 64-bit kernel
        machine = {"x86_64": "i686", "aarch64": "armv7l"}.get(machine, machine)
    glibc = text(document.get("glibc")).removeprefix("glibc ").split(".")
    # major and minor
    if len(glibc) >= 2 and glibc[0] == "2" and _MINOR.fullmatch(glibc[1]):  # noqa: PLR2004
        found: list[str] = []
        for minor in range(min(int(glibc[1]), 99), _OLDEST_GLIBC - 1, -1):
            found.append(f"manylinux_2_{minor}_{machine}")
            if minor in _ALIASES:
                found.append(f"{_ALIASES[minor]}_{machine}")
        return f"glibc 2.{glibc[1]}", (*found, f"linux_{machine}")
    if text(document.get("musl")):
        return "musl", (
            *(f"musllinux_1_{minor}_{machine}" for minor in (2, 1, 0)),
            f"linux_{machine}",
        )
    return "", (f"linux_{machine}",)


def _tags(
    name: str, version: tuple[int, int], document: Mapping[str, Any], platforms: tuple[str, ...]
) -> Iterator[tags.Tag]:
    short = f"{version[0]}{version[1]}"
    if name == "cpython":
        free = "t" if document.get("free") is True else ""
        abi = f"cp{short}{free}{'m' if 'm' in text(document.get('flags')) else ''}"
        yield from tags.cpython_tags(version, [abi], platforms)
        yield from tags.compatible_tags(version, f"cp{short}", platforms)
    else:
        soabi = text(document.get("soabi")).replace("-", "_").split("_")
        interpreter = f"pp{short}" if name == "pypy" else f"{name}{short}"
        yield from tags.generic_tags(
            interpreter, ["_".join(soabi[:2])] if len(soabi) > 1 else [], platforms
        )
        yield from tags.compatible_tags(version, interpreter, platforms)

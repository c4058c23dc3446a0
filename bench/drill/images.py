"""The twelve images of the drill: what is in each, how it is tested, and how it has to end."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.drill.jars import GROUP, HERE, NEW, OLD, compile_classes, write_fat, write_shaded
from careen.tools.process import check

NAME = "careen-drill"
BASE = f"{NAME}:base"
_JAVA = ("java", "-cp", "/opt/app/classes:/opt/app/lib/*")
_PLAIN = ("java", "-cp", "/opt/app/classes", "Plain", "8080")
_BESIDE = (*_JAVA, "Plain", "8080")
_ASK = 'curl -fsS "$BASE_URL/"'
_RAY = ("python3", "-B", "/opt/app/service.py")


@dataclass(frozen=True, slots=True)
class Drilled:
    """An image: the folders of the application in it, its command and its test.

    `expected` is its state after the incident, "clean" if the incident has to leave it out.
    """

    name: str
    what: str
    parts: tuple[str, ...]
    command: tuple[str, ...]
    expected: str
    test: str = f"{_ASK} | grep -q hello"
    level: str = ""

    @property
    def source(self) -> str:
        return f"{NAME}:{self.name}"

    @property
    def tag(self) -> str:
        return f"{NAME}:{self.name}-hardened"

    def config(self) -> str:
        """Return the careen.toml: with a test a service, without one a batch job."""
        more = f'level = "{self.level}"\n' if self.level else ""
        run = f"ready = \"/\"\ntest = '''{self.test}'''\n" if self.test else 'ready = "exit"\n'
        return (
            f'explore = "off"\n{more}[patch]\nmaven = "../maven"\nonline = false\n'
            f"[workload.serve]\n{run}"
        )


IMAGES = (
    Drilled(
        "web",
        "runs log4j from its class path",
        ("classes", "lib"),
        (*_JAVA, "Service", "8080"),
        "fixed",
    ),
    Drilled(
        "fat",
        "log4j nested in a fat jar",
        ("fat",),
        ("java", "-jar", "/opt/app/fat/app.jar", "8080"),
        "fixed",
    ),
    Drilled(
        "shaded",
        "log4j shaded into its jar",
        ("shaded",),
        ("java", "-jar", "/opt/app/shaded/app.jar", "8080"),
        "left",
    ),
    Drilled(
        "ray-logs",
        "Ray, with Java that logs by ray_dist.jar",
        ("classes", "site", "service.py"),
        (*_RAY, "java"),
        "left",
        f"{_ASK} | grep -q ray",
    ),
    Drilled(
        "ray",
        "Ray, starts no Java",
        ("site", "service.py"),
        _RAY,
        "fixed",
        f"{_ASK} | grep -q ray",
    ),
    Drilled(
        "old-test",
        "its test asks for the old version",
        ("classes", "lib"),
        (*_JAVA, "Service", "8080"),
        "left",
        f'curl -fsS "$BASE_URL/version" | grep -qF {OLD}',
    ),
    Drilled("batch", "a job that logs", ("classes", "lib"), (*_JAVA, "Service"), "fixed", ""),
    Drilled("kept", "log4j there, not opened", ("classes", "lib"), _PLAIN, "fixed"),
    Drilled(
        "unused",
        "the same, hardened at observed",
        ("classes", "lib"),
        _PLAIN,
        "clean",
        level="observed",
    ),
    Drilled("plain", "Java without log4j", ("classes",), _PLAIN, "clean"),
    Drilled("beside", "log4j on its class path, not used", ("classes", "lib"), _BESIDE, "fixed"),
    Drilled(
        "files",
        "Python alone",
        (),
        ("python3", "-m", "http.server", "8080", "--directory", "/usr/share/common-licenses"),
        "clean",
        'curl -fsS "$BASE_URL/GPL-3" | grep -q GNU',
    ),
)


def make_parts(folder: Path, jars: Sequence[Path]) -> None:
    """Make the folders that the images are put together from."""
    for name in ("classes", "lib", "fat", "shaded"):
        (folder / name).mkdir(parents=True)
    compile_classes(folder / "classes", jars)
    for jar in jars:
        shutil.copy(jar, folder / "lib")
    write_fat(folder / "fat/app.jar", folder / "classes", jars)
    write_shaded(folder / "shaded/app.jar", folder / "classes", jars)
    shutil.copy(HERE / "ray/service.py", folder)
    ray = ["pip", "install", "--quiet", "--no-compile", "--only-binary", ":all:", "ray"]
    argv = [*ray, "--python-version", "3.13", "--target", str(folder / "site")]
    check(argv, timeout=900, doing="fetching ray's wheel")


def build_base() -> None:
    """Build the base of all images: Debian with Java, Python and curl."""
    script = str(HERE.parent.parent / "tests/cold/debian.sh")
    check([script, BASE, str(HERE / "base")], timeout=1800, doing="building the base")


def build(image: Drilled, parts: Path) -> None:
    """Build an image."""
    port = "EXPOSE 8080\n" if image.test else ""
    words = ", ".join(f'"{word}"' for word in image.command)
    copies = "".join(
        f"COPY {part} /opt/app/{'' if '.' in part else part}\n" for part in image.parts
    )
    path = "ENV PYTHONPATH=/opt/app/site\n" if "site" in image.parts else ""
    file = parts / f"{image.name}.Dockerfile"
    label = f"LABEL {NAME}={image.name}\n"  # or two images of one content would be one
    file.write_text(f"FROM {BASE}\n{label}{copies}{path}{port}CMD [{words}]\n")
    argv = ["docker", "build", "--quiet", "--network", "none", "-t", image.source]
    check([*argv, "-f", str(file), str(parts)], timeout=900, doing=f"building {image.source}")


def advisory(identifier: str, artifact: str = "log4j-core") -> dict[str, object]:
    """Return a made-up advisory, as OSV has it; Ray's newer log4j-core has the flaw, too."""
    return {
        "id": f"GHSA-dril-{identifier[4:]}".lower(),
        "aliases": [identifier],
        "modified": "2026-11-30T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "Maven", "name": f"{GROUP}:{artifact}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": NEW}]}],
            }
        ],
    }

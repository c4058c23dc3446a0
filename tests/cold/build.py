"""The image of a subject: one that is there, or built from its folder with this machine's package
configuration as secrets, which the image does not keep.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import check, run
from tests.cold.subject import Subject
from tests.cold.turn import in_turn

BUILD_SECONDS = 1800.0
_KEYS = ("index-url", "extra-index-url", "trusted-host", "default-timeout", "constraint")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@contextlib.contextmanager
def image_of(subject: Subject, tag: str = "") -> Iterator[str]:
    """Yield the name of the subject's image; one that was built here, as `tag`, is untagged at the
    end (the builder's cache makes the next build short). Other processes wait for that end.

    A `Dockerfile` may mount the secrets `ca`, `pipconf`, `aptsources` and `npmrc` and the build
    context `wheels` (local Python wheels). A folder with `build.sh` is built by that instead: it is
    called with the tag.
    """
    with in_turn(subject.folder):  # another process would take the tags away at its end
        if subject.image:
            if run(["docker", "image", "inspect", subject.image], timeout=60).status != 0:
                msg = (
                    f"{subject.name}: image {subject.image!r} is not in docker's store: build it"
                    " first (docs/development.md)"
                )
                raise ToolError(msg)
            yield subject.image
            return
        tag = tag or f"careen-cold/{subject.name}:original"
        try:
            _build(subject, tag)
            yield tag
        finally:
            run(["docker", "image", "rm", "-f", tag], timeout=120)


def _build(subject: Subject, tag: str) -> None:
    script = subject.folder / "build.sh"
    if script.exists():
        check([str(script), tag], timeout=BUILD_SECONDS, doing=f"building {tag}")
        return
    with tempfile.TemporaryDirectory(prefix="careen-cold-build-") as name:
        scratch = Path(name)
        argv = [
            "docker",
            "build",
            "--network",
            "host",
            "--progress",
            "plain",
            "-t",
            tag,
            "--build-context",
            f"wheels={_wheels(scratch)}",
        ]
        for secret, path in _secrets(scratch).items():
            argv += ["--secret", f"id={secret},src={path}"]
        check([*argv, str(subject.folder)], timeout=BUILD_SECONDS, doing=f"building {tag}")


def _wheels(scratch: Path) -> Path:
    folder = scratch / "wheels"
    folder.mkdir()
    for found in _pip_settings().get("find-links", "").split():
        for wheel in Path(found).glob("*.whl") if Path(found).is_dir() else ():
            shutil.copy(wheel, folder)
    return folder


def _secrets(scratch: Path) -> dict[str, Path]:
    settings = _pip_settings()
    lines = [
        "[global]",
        *(
            f"{key} = {value}"
            for key, value in settings.items()
            if key in _KEYS and key != "constraint"
        ),
    ]
    (scratch / "pip.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sources = sorted(Path("/etc/apt/sources.list.d").glob("*.sources"))
    (scratch / "apt.sources").write_text(
        "\n".join(path.read_text(encoding="utf-8") for path in sources), encoding="utf-8"
    )
    npmrc = Path.home() / ".npmrc"
    (scratch / "npmrc").write_text(
        npmrc.read_text(encoding="utf-8") if npmrc.exists() else "", encoding="utf-8"
    )
    shutil.copy(_CERTIFICATES, scratch / "ca.pem")
    return {
        "ca": scratch / "ca.pem",
        "pipconf": scratch / "pip.conf",
        "aptsources": scratch / "apt.sources",
        "npmrc": scratch / "npmrc",
    }


def _pip_settings() -> dict[str, str]:
    """This machine's pip configuration, environment included: `key='value'` lines after their
    section.
    """
    done = run(["pip", "config", "list"], timeout=60)
    pairs = (line.partition("=") for line in done.text.splitlines())
    return {name.rpartition(".")[2]: value.strip("'\"") for name, mark, value in pairs if mark}

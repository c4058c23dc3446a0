"""Six successive versions of the embedding workload, each built from scratch: one thing changes
from each to the next.

Needs docker, `apt-get` of the release that the workload stands on (for its packages, which come
from wherever apt is configured to), and the workload's own needs (its `build.sh`).
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench._embed import WORKLOAD
from careen.tools.process import run

LIMIT = 1800.0
BASE = "wl/base:py311"
OLD_SSL = "3.5.7-1~deb13u3"
SSL = ("openssl", "libssl3t64", "libssl-dev", "openssl-provider-legacy")
# What a distribution had fixed since the base was made.
KERBEROS = (
    *("krb5-multidev", "libgssapi-krb5-2", "libgssrpc4t64", "libk5crypto3"),
    *("libkadm5clnt-mit12", "libkadm5srv-mit12", "libkdb5-10t64", "libkrb5-3"),
    *("libkrb5-dev", "libkrb5support0"),
)
FIXED = (*KERBEROS, "libzstd-dev", "libzstd1", "login.defs", "passwd")
REPOSITORY = "careen-bench/versions"


@dataclass(frozen=True, slots=True)
class Version:
    """What changes in files of the workload (path, old text, new text), and in its base.

    `packages` are installed into the base, with a version each ("" is the newest). `rebuilt` makes
    the base itself again. Training, even with one seed, gives another vocabulary each time; a
    version that is not `trained` takes the model of the first.
    """

    name: str
    edits: tuple[tuple[str, str, str], ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    rebuilt: bool = False
    trained: bool = False


_TRAINING = "RUN python build_model.py /models && chmod -R a+rX /models"
_OLD = dict.fromkeys(SSL, OLD_SSL)
_NEW = dict.fromkeys(SSL, "")
VERSIONS = (
    Version("first", (), _OLD, trained=True),
    Version("application", (("app/main.py", "", "\nREVISION = 2\n"),), _OLD),
    Version(
        "one Python package",
        (
            ("requirements.txt", "jinja2==3.1.4", "jinja2==3.1.5"),
            ("constraints.txt", "Jinja2==3.1.4", "Jinja2==3.1.5"),
        ),
        _OLD,
    ),
    Version("distribution update", (), _NEW),
    Version("base", (), {**_NEW, **dict.fromkeys(FIXED, "")}, rebuilt=True),
    Version(
        "model",
        (("build_model.py", "manual_seed(20240501)", "manual_seed(20240502)"),),
        trained=True,
    ),
)


def tag_of(number: int) -> str:
    """Return the tag of a version."""
    return f"{REPOSITORY}:{number}"


def is_there(number: int) -> bool:
    """Whether docker's store has a version."""
    return run(["docker", "image", "inspect", tag_of(number)], timeout=60).status == 0


def build(number: int, scratch: Path) -> None:
    """Build version `number` from scratch."""
    folder = scratch / f"version-{number}"
    shutil.copytree(WORKLOAD, folder)
    for edits in (each.edits for each in VERSIONS[: number + 1]):
        for name, old, new in edits:
            path = folder / name
            path.chmod(0o644)
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")
    # Byte code that training leaves in Python's library would tell it from versions without.
    model = _TRAINING.replace("RUN ", "RUN PYTHONDONTWRITEBYTECODE=1 ")
    if not VERSIONS[number].trained:
        model = f"COPY --from={REPOSITORY}:0 /models /models"
    dockerfile = folder / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace(_TRAINING, model), encoding="utf-8")
    # A version without packages of its own has the base of the one before.
    last = max(at for at in range(number + 1) if VERSIONS[at].packages)
    base = _base(last, scratch)
    command = [
        *(str(WORKLOAD.parent / "build.sh"), str(folder), tag_of(number)),
        *("--no-cache", "--build-arg", f"BASE={base}"),
    ]
    _do(command, scratch)
    shutil.rmtree(folder)


def _base(number: int, scratch: Path) -> str:
    """Build the base of a version, and return its tag."""
    version = VERSIONS[number]
    below = BASE
    if version.rebuilt:
        below = f"{REPOSITORY}-base:rebuilt"
        script = str(WORKLOAD.parent / "build-base.sh")
        _do([script, below], scratch)
    folder = scratch / f"base-{number}"
    folder.mkdir()
    folder.chmod(0o777)  # apt downloads as a user without rights
    wanted = [f"{name}={at}" if at else name for name, at in version.packages.items()]
    _do(["apt-get", "download", "-qq", *wanted], folder)
    (folder / "Dockerfile").write_text(
        "ARG BELOW\nFROM ${BELOW}\n"
        "RUN --mount=type=bind,target=/packages dpkg --install /packages/*.deb\n",
        encoding="utf-8",
    )
    tag = f"{REPOSITORY}-base:{number}"
    words = ["docker", "build", "--no-cache", "-q", "--build-arg", f"BELOW={below}", "-t", tag, "."]
    _do(words, folder)
    shutil.rmtree(folder)
    return tag


def remove() -> None:
    """Remove the images of all versions and their bases from docker's store."""
    for repository in (REPOSITORY, f"{REPOSITORY}-base"):
        names = _do(
            ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}", repository], Path.cwd()
        )
        for name in names.split():
            _do(["docker", "rmi", name], Path.cwd())


def _do(argv: list[str], where: Path) -> str:
    """Run a program in a folder, and return its output; a failure ends the benchmark."""
    done = run(argv, timeout=LIMIT, cwd=str(where))
    if done.status != 0:
        message = f"{' '.join(argv)[:200]}: {done.complaint}"
        raise SystemExit(message)
    return done.text

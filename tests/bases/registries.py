"""This machine's settings of package managers, mounted as build secrets into each RUN.

So the Dockerfiles of the corpus are as people write them, and the images keep none of the settings.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from careen.catalog.migrate.patch import lines
from careen.catalog.migrate.stages import read_stages
from careen.tools.pip_settings import pip_certificates, pip_files, pip_index_url
from tests.bases.corpus import Subject

_TRUST = "/etc/ssl/certs/ca-certificates.crt"
_CA = "/run/build/ca.pem"
_TARGETS = {"pip": "/etc/pip.conf", "npm": "/root/.npmrc", "uv": "/etc/uv/uv.toml"}
_RUN = re.compile(r"[ \t]{0,20}RUN(?=[ \t])", re.IGNORECASE)


def with_mounts(text: str, subject: Subject) -> str:
    """Return the Dockerfile with the mounts that its package managers need."""
    mounts = " ".join(_mounts(subject.network))
    if not mounts:
        return text
    rows = lines(text)
    for stage in read_stages(text, "Dockerfile", subject.arguments):
        for step in stage.steps:
            if step.word == "RUN":
                row = rows[step.first - 1]
                rows[step.first - 1] = _RUN.sub(lambda found: f"{found[0]} {mounts}", row, count=1)
    return "".join(rows)


def secrets(network: Sequence[str], scratch: Path) -> Iterator[str]:
    """Yield the options of docker build that give the secrets; the files are made in `scratch`."""
    files = pip_files(os.environ, Path.home())
    index = pip_index_url(os.environ, files)
    npmrc = Path.home() / ".npmrc"
    texts = {
        "pip": f"[global]\ncert = {_CA}\n" + (f"index-url = {index.value}\n" if index else ""),
        "npm": (npmrc.read_text("utf-8") if npmrc.is_file() else "") + f"\ncafile={_CA}\n",
        "uv": "native-tls = true\n" + (f'index-url = "{index.value}"\n' if index else ""),
    }
    for name in (each for each in network if each in texts):
        (scratch / name).write_text(texts[name], encoding="utf-8")
        yield f"--secret=id={name},src={scratch / name}"
    if network:
        trusted = pip_certificates(os.environ, files)
        yield f"--secret=id=ca,src={trusted.value if trusted else _TRUST}"


def _mounts(network: Sequence[str]) -> Iterator[str]:
    managers = [name for name in network if name in _TARGETS]
    for name in managers:
        yield f"--mount=type=secret,id={name},target={_TARGETS[name]},mode=0444"
    if managers:
        yield f"--mount=type=secret,id=ca,target={_CA},mode=0444"
    if "uv" in managers:  # it knows no certificates but the system's
        yield f"--mount=type=secret,id=ca,target={_TRUST},mode=0444"

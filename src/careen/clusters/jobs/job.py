"""What the jobs of all engines have in common."""

import re
from dataclasses import dataclass

from careen.errors import InputError

CAPABILITIES = ("BPF", "PERFMON", "SYS_PTRACE")
"""For the sensor. The embedded engine needs a privileged container besides (docs/image.md)."""

FINAL = (2, 3, 4)
"""Exit statuses that another try does not change."""

FOLDER = "/fleet"
INDEX = "CAREEN_INDEX"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,254}\Z")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}\Z")


@dataclass(frozen=True, slots=True)
class FleetJob:
    """A list of `count` images in the volume `claim`, and who works it off.

    `image` has careen and whatever the tests need. `at_once` tasks run side by side, each with
    `attempts` tries, and `failures` failed images end the job (None: never). `hours` is the limit
    of one image.
    """

    name: str
    image: str
    listed: str
    count: int
    claim: str
    namespace: str = "careen"
    at_once: int = 4
    attempts: int = 3
    failures: int | None = None
    hours: int = 2
    queue: str = ""
    node_label: str = "careen.dev/sensor"
    push: bool = True

    def check(self) -> None:
        """Raise InputError for a word that an engine would read as something else."""
        labels = {"--name": self.name, "--claim": self.claim, "--namespace": self.namespace}
        if self.queue:
            labels["--queue"] = self.queue
        for option, value in labels.items():
            if not _LABEL.match(value):
                msg = f"{option} {value!r}: expected lower-case letters, digits and '-', 63 at most"
                raise InputError(msg)
        if not _PATH.match(self.listed) or ".." in self.listed.split("/"):
            msg = (
                f"{self.listed!r}: expected a path inside the volume of letters, digits and"
                " '._/-': name the list as the tasks see it with --as"
            )
            raise InputError(msg)
        if not _IMAGE.match(self.image):
            msg = f"--image {self.image!r}: expected NAME:TAG or NAME@sha256:DIGEST"
            raise InputError(msg)

    @property
    def remark(self) -> str:
        """What the job is, as a comment above its objects."""
        return f"{self.count:,} images of {self.listed} (docs/incidents.md)."

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command line of one task, without the index."""
        push = ("--push",) if self.push else ()
        return ("fleet", "work", f"{FOLDER}/{self.listed}", "--engine", "embedded", *push)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of each task: its files lie in the volume, its layers do not."""
        return {
            "HOME": "/var/tmp/careen",  # noqa: S108 — in the container, an emptyDir
            "CAREEN_WORKDIR": "/var/tmp/careen",  # noqa: S108
            "CAREEN_DB": f"{FOLDER}/advisories.db",
            "CAREEN_HISTORY": f"{FOLDER}/history",
            "REGISTRY_AUTH_FILE": "/etc/careen/registry/.dockerconfigjson",
        }

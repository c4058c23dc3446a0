"""Pods of a Kubernetes node that were recorded, by the template that they were made from."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from careen.model.rbom import RuntimeBom

DIGITS = 12
"""Digits of an image's digest in names of files."""


_LONGEST = 200  # characters of names in the name of a file, of which a system allows 255


@dataclass(frozen=True, slots=True)
class Template:
    """A container of a pod template, with the image that runs (`digest`, else its name)."""

    namespace: str
    workload: str
    template: str
    container: str
    digest: str

    @property
    def name(self) -> str:
        """The name that its runs have in the RBOM, the same for each of its pods."""
        return f"{self.namespace}/{self.workload}/{self.container}"

    def file(self, config_digest: str) -> str:
        """Return the name of its file; no name of Kubernetes has an underscore."""
        workload = self.workload
        if not workload.endswith(self.template):
            workload = f"{workload}-{self.template}"
        parts = (self.namespace, workload, self.container)
        if sum(map(len, parts)) > _LONGEST:
            # Names of Kubernetes have up to 253 characters, and so has a file, but of all three.
            short = hashlib.sha256("_".join(parts).encode()).hexdigest()[:16]
            parts = (self.namespace[:32], workload[:64], f"{self.container[:32]}-{short}")
        return f"{'_'.join(parts)}_{digits(config_digest)}.rbom.json"


@dataclass(frozen=True, slots=True)
class PodRecord:
    """A recording that ended: its template, its pod, and the RBOM with the file that has it."""

    template: Template
    pod: str
    bom: RuntimeBom
    file: Path


@dataclass(slots=True)
class PodsPass:
    """What one pass over the pods recorded.

    `left` says of each container that was not recorded why. `images` are the files of the canary
    profiles, by the digest of the image's configuration.
    """

    records: list[PodRecord] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    images: dict[str, Path] = field(default_factory=dict)


def digits(digest: str) -> str:
    """Return the first digits of a digest, for names of files."""
    return digest.rpartition(":")[2][:DIGITS]

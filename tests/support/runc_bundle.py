"""A container of the sensor tests' image that runc runs from a bundle, without a daemon."""

import json
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.watched import DockerContainer


@dataclass
class RuncContainer(DockerContainer):
    """A runc container whose root is there before its start, as the embedded engine has it."""

    bundle: Path = Path()

    def mount(self) -> Path | None:
        return self.bundle / "rootfs"

    def rootfs(self) -> Path | None:
        return self.bundle / "rootfs"

    def start(self) -> None:
        subprocess.check_call(["runc", "run", "--bundle", str(self.bundle), f"c{self.id[:12]}"])


def prepare(bundle: Path, *words: str, group: str = "{}") -> RuncContainer:
    """Write the bundle's config for a run of the actor with these words, in the control group
    `group` with the container's id in it.
    """
    subprocess.check_call(["runc", "spec", "--bundle", str(bundle)])
    path = bundle / "config.json"
    spec = json.loads(path.read_text())
    container = RuncContainer(secrets.token_hex(32), bundle=bundle)
    spec["process"] |= {"terminal": False, "args": ["/bin/act", *words]}
    spec["root"]["readonly"] = False
    spec["linux"]["cgroupsPath"] = f"/careen-test/{group.format(container.id)}"
    path.write_text(json.dumps(spec))
    return container

"""Which platforms' images this machine can run: its own, and those that binfmt_misc handles."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from careen.errors import ToolError
from careen.model.image import Platform
from careen.model.machines import HALVES
from careen.oci.select import host_platform
from careen.tools.binfmt import Handler, handler_for

REGISTER = "install qemu-user-binfmt (Debian), or see docs/platforms.md"
MOUNT = "as root: mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc"


class Runs(enum.Enum):
    """How an image can be run here."""

    NATIVE = "native"
    EMULATED = "emulated"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Support:
    """How a platform can be run: by which handler, or why not and what to do about it."""

    runs: Runs
    handler: Handler | None = None
    why: str = ""
    remedy: str = ""


def support(
    platform: Platform, handlers: Sequence[Handler] | None, host: Platform | None = None
) -> Support:
    """Return how this machine runs a platform; `host` None is this machine's own.

    `handlers` None: careen cannot see them.
    """
    host = host or host_platform()
    if platform.os != "linux":
        return Support(Runs.NOT, why=f"careen runs Linux images, not {platform.os}")
    if platform.architecture == host.architecture:
        return Support(Runs.NATIVE)
    found = handler_for(platform.architecture, handlers or ())
    if found is not None and found.in_containers:
        return Support(Runs.EMULATED, found)
    if found is not None:
        return Support(
            Runs.NOT,
            found,
            f"the handler {found.name!r} of binfmt_misc has no flag F, so it does not work in"
            " containers",
            REGISTER,
        )
    if HALVES.get(host.architecture) == platform.architecture:
        return Support(
            Runs.NOT,
            why="its 32-bit system calls are not followed by the sensor",
        )
    if handlers is None:
        return Support(
            Runs.NOT,
            why="binfmt_misc is not mounted, so whether it has a handler is unknown",
            remedy=MOUNT,
        )
    return Support(
        Runs.NOT, why=f"no handler of binfmt_misc runs {platform.architecture}", remedy=REGISTER
    )


def require_runnable(platform: Platform, handlers: Sequence[Handler] | None, where: str) -> None:
    """Raise ToolError for an image that this machine cannot run."""
    found = support(platform, handlers)
    # 32-bit programs run; what the sensor does not follow of them counts as lost.
    if found.runs is Runs.NOT and found.remedy:
        msg = f"{where}: {platform} cannot be run here: {found.why}; {found.remedy}"
        raise ToolError(msg)

"""The directories of an image that the runtime mounts over before the container has its own
root.
"""

from careen.errors import ImageError
from careen.model.paths import ImagePath
from careen.oci.rootfs import Rootfs

_PLACES = ("/dev", "/proc", "/sys")


def check_mount_points(rootfs: Rootfs) -> None:
    """Refuse an image that has a link there, or anything else that is no directory. Raises
    ImageError.

    Runtimes followed such links out of the container (CVE-2026-41579 of runc, CVE-2026-47766 of
    crun), and no image needs them.
    """
    for place in _PLACES:
        found = rootfs.get(ImagePath(place))
        if found is not None and not found.is_dir:
            what = f"{place}: the image has a {found.kind.value} there"
            msg = f"{what}, which may lead out of the container; make it a directory"
            raise ImageError(msg)

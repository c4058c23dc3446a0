"""Check of the image's directories that the runtime mounts over before the root is switched."""

from careen.errors import ImageError
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_PLACES = ("/dev", "/proc", "/sys")


def check_mount_points(rootfs: Rootfs) -> None:
    """Raise ImageError if the image's /dev, /proc or /sys exists and is not a directory."""
    # Runtimes followed links there out of the container (CVE-2026-41579 of runc, CVE-2026-47766 of
    # crun), and no image needs them.
    for place in _PLACES:
        found = rootfs.get(ImagePath(place))
        if found is not None and not found.is_dir:
            what = f"{place}: the image has a {found.kind.value} there"
            msg = f"{what}, which may lead out of the container; make it a directory"
            raise ImageError(msg)

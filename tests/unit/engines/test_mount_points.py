"""An image with a link where the runtime mounts is refused before anything of it runs."""

import pytest

from careen.engines.embedded.mount_points import check_mount_points
from careen.errors import ImageError
from tests.support.trees import Link, tree


@pytest.mark.parametrize("place", ["/dev", "/proc", "/sys"])
@pytest.mark.parametrize("there", [Link("/tmp"), Link("../../tmp"), b"a file"])
def test_a_link_or_a_file_is_refused(place: str, there: Link | bytes) -> None:
    with pytest.raises(ImageError, match=f"^{place}: the image has a (symlink|file) there"):
        check_mount_points(tree({place: there}))


def test_directories_are_taken_and_missing_ones_too() -> None:
    check_mount_points(tree({"/dev/null": b"", "/proc": None, "/etc/mtab": Link("/proc/mounts")}))
    check_mount_points(tree({"/app": b""}))

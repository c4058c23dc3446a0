"""What a bench asks of an image."""

import pytest

from careen.errors import ImageError
from careen.pipeline.upgrading.sandbox import require_place
from tests.support.trees import Link, tree


@pytest.mark.parametrize("content", [Link("/etc"), b"a file"])
def test_an_image_with_something_in_the_place_of_the_bench_is_refused(
    content: Link | bytes,
) -> None:
    with pytest.raises(ImageError, match=r"^/\.careen-sandbox: the image already has this path"):
        require_place(tree({"/.careen-sandbox": content}))


def test_a_directory_in_its_place_is_covered() -> None:
    require_place(tree({"/.careen-sandbox/old": b"left over"}))
    require_place(tree({"/etc/passwd": b""}))

"""Which of several variants of an architecture is taken."""

import pytest

from careen.errors import InputError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.oci.select import pick


def taken(want: str, *there: str) -> str:
    options = [(Digest(f"{number:064x}"), platform(text)) for number, text in enumerate(there)]
    return str(options[pick(options, platform(want), "x:1")][1])


def platform(text: str) -> Platform:
    return Platform("linux", *text.split("/"))


@pytest.mark.parametrize(
    ("want", "there", "got"),
    [
        ("arm/v6", ("arm/v7", "arm/v6"), "arm/v6"),
        ("arm/v7", ("arm/v6", "arm/v7"), "arm/v7"),
        ("arm", ("arm/v5", "arm/v7"), "arm/v7"),
        ("arm", ("arm/v7", "arm"), "arm"),
        ("arm", ("arm/v6",), "arm/v6"),
        ("arm64", ("arm64/v9", "arm64/v8"), "arm64/v8"),
        ("amd64", ("amd64/v3", "amd64"), "amd64"),
        ("amd64", ("amd64/v3", "amd64/v1", "arm64"), "amd64/v1"),
    ],
)
def test_the_variant_is_exactly_the_one_that_is_asked_for(
    want: str, there: tuple[str, ...], got: str
) -> None:
    assert taken(want, *there) == f"linux/{got}"


def test_variants_of_which_none_is_usual_are_the_users_to_choose() -> None:
    words = (
        "x:1: has several variants of linux/arm: linux/arm/v5, linux/arm/v6; choose with --platform"
    )
    with pytest.raises(InputError) as caught:
        taken("arm", "arm/v6", "arm/v5")
    assert str(caught.value) == words


def test_two_images_of_one_variant_are_refused_only_where_that_variant_is_wanted() -> None:
    assert taken("arm/v7", "arm/v6", "arm/v6", "arm/v7") == "linux/arm/v7"
    with pytest.raises(InputError, match="holds 2 images for linux/arm/v6 and no tag"):
        taken("arm/v6", "arm/v6", "arm/v6", "arm/v7")

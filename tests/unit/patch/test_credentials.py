"""Nothing that is said of an address has a password in it, whoever wrote the address and
however.
"""

import pytest

from careen.errors import InputError
from careen.model.patching import Blocked, BlockReason
from careen.patch.credentials import bare_address, without_credentials
from careen.patch.port import Proposal
from careen.patch.python.sources import split_credentials


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("deb https://me:secret@host/x y", "deb https://host/x y"),
        ("two: http://a:b@one/ and https://token@two/", "two: http://one/ and https://two/"),
        (
            "a word with an @ in it: https://me:p@ss@host/x",
            "a word with an @ in it: https://host/x",
        ),
        (
            "app@1.0.0 depends on lib git+https://ghp_0123@github.example/lib.git#v1",
            "app@1.0.0 depends on lib git+https://github.example/lib.git#v1",
        ),
        (
            "https://registry.example/@scope/name@1.0.0",
            "https://registry.example/@scope/name@1.0.0",
        ),
        ("me@example.org at https://host/", "me@example.org at https://host/"),
    ],
)
def test_addresses_lose_their_passwords_and_nothing_else(text: str, told: str) -> None:
    assert without_credentials(text) == told


def test_a_bare_address_has_no_query() -> None:
    assert bare_address("https://me:secret@host/maven2?token=x#y") == "https://host/maven2"


def test_a_plan_tells_no_token_that_a_package_of_the_image_names() -> None:
    detail = (
        "2.1.0 is not allowed: app@1.0.0 depends on lib git+https://ghp_0123@github.example/lib.git"
    )
    offer = Proposal(
        blocked=(
            Blocked(
                "pkg:npm/lib@2.0.0", "lib", "2.0.0", ("CVE-2024-1",), BlockReason.PINNED, detail
            ),
        ),
        notes=("from https://u:p@host/",),
    )
    assert "ghp_0123" not in str(offer.without_credentials())
    assert offer.without_credentials().notes == ("from https://host/",)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/simple", ("https://x.example/simple", None)),
        ("https://u:w%40x@x.example:8443/s?q=1#f", ("https://x.example:8443/s?q=1", ("u", "w@x"))),
        ("https://token@x.example/", ("https://x.example/", ("token", ""))),
        ("", ("", None)),
    ],
)
def test_the_credentials_of_an_index_are_split_off(
    url: str, expected: tuple[str, tuple[str, str] | None]
) -> None:
    assert split_credentials(url) == expected


@pytest.mark.parametrize("url", ["https://[x/simple", "https://u:secret@[::1/simple"])
def test_an_index_that_is_no_address_is_refused_without_its_credentials(url: str) -> None:
    with pytest.raises(InputError, match="not an address of a Python index: 'https://") as caught:
        split_credentials(url)
    assert "secret" not in str(caught.value)

"""The package URL of an image, by the name that the user typed."""

import pytest

from careen.evidence.image_purl import image_purl

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("reference", "purl"),
    [
        ("app:1", f"pkg:oci/app@{DIGEST}?tag=1"),
        (
            "r.example/team/app:1",
            f"pkg:oci/app@{DIGEST}?repository_url=r.example/team/app&tag=1",
        ),
        (
            f"docker://r.example/team/app:1@{DIGEST}",
            f"pkg:oci/app@{DIGEST}?repository_url=r.example/team/app&tag=1",
        ),
        ("oci:out:v1", ""),
        ("docker-archive:app.tar", ""),
    ],
)
def test_a_name_in_a_registry_is_part_of_it(reference: str, purl: str) -> None:
    assert image_purl(reference, DIGEST) == purl
    assert image_purl(reference, "") == ""

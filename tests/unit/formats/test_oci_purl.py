"""The package URL of an image, by the name that the user typed."""

import pytest

from careen.formats.oci_purl import oci_purl

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
        ("docker:24", f"pkg:oci/docker@{DIGEST}?tag=24"),
        ("docker-daemon/x:1", f"pkg:oci/x@{DIGEST}?tag=1"),
        ("report:1", f"pkg:oci/report@{DIGEST}?tag=1"),
        ("oci:out:v1", None),
        ("oci-archive:app.tar", None),
        ("docker-archive:app.tar", None),
        ("containers-storage:app", None),
        ("sbom:app.json", None),
        (DIGEST, None),
    ],
)
def test_a_name_in_a_registry_is_part_of_it(reference: str, purl: str | None) -> None:
    found = oci_purl(reference, DIGEST)
    assert (None if found is None else found.to_string()) == purl
    assert oci_purl(reference, "") is None
    assert oci_purl(reference, "sha256:short") is None

"""Which platforms of an index are hardened, derived or kept, and what is refused."""

import pytest

from careen.errors import InputError
from careen.model.digest import Digest
from careen.model.image import Platform
from careen.model.machines import program_header
from careen.oci.index.listing import Listed
from careen.oci.manifest import OCI_MANIFEST, Descriptor
from careen.oci.select import host_platform
from careen.pipeline.platforms.choice import (
    Part,
    PlatformChoice,
    Unrunnable,
    choose_parts,
)
from careen.tools.binfmt import Handler

HOST = host_platform()
ARM, S390X = Platform("linux", "riscv64"), Platform("linux", "s390x")
MAGIC = program_header("riscv64") or b""
HANDLERS = (Handler("qemu", "/usr/bin/qemu", "OF", 0, MAGIC, b"\xff" * len(MAGIC)),)


def listed(*platforms: Platform) -> tuple[tuple[Listed, Platform], ...]:
    digests = (Digest(f"{number:064x}") for number in range(len(platforms)))
    return tuple(
        (Listed(Descriptor(OCI_MANIFEST, digest, 1, platform=platform), {}), platform)
        for digest, platform in zip(digests, platforms, strict=True)
    )


def chosen(
    choice: PlatformChoice, *platforms: Platform
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    return choose_parts(listed(*platforms), choice, HANDLERS, "x:1")


def test_all_platforms_that_run_are_hardened() -> None:
    parts, left_out = chosen(PlatformChoice(), HOST, ARM)
    assert [(part.platform, part.is_run) for part in parts] == [(HOST, True), (ARM, True)]
    assert left_out == ()


def test_a_list_leaves_the_others_out() -> None:
    parts, left_out = chosen(PlatformChoice((HOST,)), ARM, HOST, S390X)
    assert [part.platform for part in parts] == [HOST]
    assert left_out == ("linux/riscv64", "linux/s390x")


def test_a_platform_without_a_variant_means_every_variant() -> None:
    six, seven = (Platform("linux", "riscv64", variant) for variant in ("v6", "v7"))
    parts, _ = chosen(PlatformChoice((ARM,)), HOST, six, seven)
    assert [part.platform for part in parts] == [six, seven]
    parts, _ = chosen(PlatformChoice((seven,)), HOST, six, seven)
    assert [part.platform for part in parts] == [seven]


def test_a_variant_selects_an_image_only_where_it_must() -> None:
    six, seven = (Platform("linux", "riscv64", variant) for variant in ("v6", "v7"))
    parts, _ = chosen(PlatformChoice(), HOST, six, seven)
    assert [part.opened_by for part in parts] == [HOST, six, seven]
    # The configuration of such an image may state no variant.
    parts, _ = chosen(PlatformChoice(), HOST, seven)
    assert [part.opened_by for part in parts] == [HOST, ARM]


def test_what_cannot_be_run_is_refused_unless_the_user_says_what_becomes_of_it() -> None:
    with pytest.raises(
        InputError,
        match=r"x:1: linux/s390x cannot be run here: no handler .* runs s390x; install .*"
        r" --unrunnable keep or derive",
    ):
        chosen(PlatformChoice(), HOST, S390X)
    for way, derived in ((Unrunnable.KEEP, False), (Unrunnable.DERIVE, True)):
        parts, _ = chosen(PlatformChoice((), way), HOST, S390X)
        assert [(part.is_run, part.is_derived) for part in parts] == [
            (True, False),
            (False, derived),
        ]


@pytest.mark.parametrize("way", [Unrunnable.KEEP, Unrunnable.DERIVE])
def test_nothing_is_hardened_where_nothing_runs(way: Unrunnable) -> None:
    with pytest.raises(InputError, match="no platform of it can be run here"):
        chosen(PlatformChoice((), way), S390X)
    with pytest.raises(InputError, match="no platform of it can be run here"):
        chosen(PlatformChoice((), way))


def test_a_platform_that_the_index_lacks_is_told_with_those_it_has() -> None:
    with pytest.raises(InputError, match=r"no image for linux/arm64; available: \S+, linux/s390x"):
        chosen(PlatformChoice((Platform("linux", "arm64"),)), HOST, S390X)


def test_two_images_for_one_platform_are_kept_and_not_run() -> None:
    with pytest.raises(InputError, match=f"holds several images for {HOST}"):
        chosen(PlatformChoice(), HOST, HOST)
    parts, _ = chosen(PlatformChoice((), Unrunnable.KEEP), HOST, S390X, S390X)
    assert len(parts) == 3
    with pytest.raises(InputError, match="holds several images for linux/s390x"):
        chosen(PlatformChoice((), Unrunnable.DERIVE), HOST, S390X, S390X)

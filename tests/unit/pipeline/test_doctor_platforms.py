"""What `careen doctor` says of the platforms that can be run."""

from careen.model.image import Platform
from careen.model.machines import program_header
from careen.pipeline.doctor import platforms_row
from careen.report.views.doctor import Health
from careen.tools.binfmt import Handler

HOST = Platform("linux", "amd64")
MAGIC = program_header("arm64") or b""


def handler(flags: str) -> Handler:
    return Handler("arm", "/usr/bin/qemu-aarch64", flags, 0, MAGIC, b"\xff" * len(MAGIC))


def test_the_own_platform_alone_is_no_fault() -> None:
    row = platforms_row((), HOST)
    assert row.health is Health.GOOD
    assert row.detail == "linux/amd64 only"
    assert row.remedy.startswith("to run others: install qemu-user-binfmt")


def test_emulated_platforms_are_named_with_their_emulator() -> None:
    row = platforms_row((handler("OF"),), HOST)
    assert row.health is Health.GOOD
    assert row.detail == "linux/amd64; linux/arm64 by /usr/bin/qemu-aarch64"
    assert row.remedy == ""


def test_a_handler_that_does_not_work_in_containers_is_told() -> None:
    row = platforms_row((handler("P"),), HOST)
    assert row.health is Health.LIMITED
    assert "linux/arm64: the handler 'arm' of binfmt_misc has no flag F" in row.detail


def test_what_cannot_be_seen_is_unknown() -> None:
    row = platforms_row(None, HOST)
    assert "unknown" in row.detail
    assert "mount -t binfmt_misc" in row.remedy

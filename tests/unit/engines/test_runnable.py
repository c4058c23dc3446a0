"""Which platforms a machine can run, and what is said of the others."""

import pytest

from careen.engines.runnable import Runs, require_runnable, support
from careen.errors import ToolError
from careen.model.image import Platform
from careen.model.machines import program_header
from careen.tools.binfmt import Handler

HOST = Platform("linux", "amd64")


def handler(architecture: str, flags: str = "OF") -> Handler:
    magic = program_header(architecture) or b""
    return Handler(f"qemu-{architecture}", "/usr/bin/qemu", flags, 0, magic, b"\xff" * len(magic))


ARM = Platform("linux", "arm64", "v8")


def test_the_own_platform_runs_natively() -> None:
    assert support(Platform("linux", "amd64"), (), HOST).runs is Runs.NATIVE
    assert support(Platform("linux", "amd64", "v3"), None, HOST).runs is Runs.NATIVE


def test_a_handler_runs_another_one() -> None:
    found = support(ARM, (handler("arm64"),), HOST)
    assert found.runs is Runs.EMULATED
    assert found.handler is not None
    assert found.handler.name == "qemu-arm64"


@pytest.mark.parametrize(
    ("platform", "handlers", "words"),
    [
        (ARM, (), "no handler of binfmt_misc runs arm64"),
        (ARM, (handler("riscv64"),), "no handler of binfmt_misc runs arm64"),
        (ARM, (handler("arm64", "P"),), "has no flag F"),
        (ARM, None, "binfmt_misc is not mounted"),
        (Platform("linux", "386"), (), "32-bit system calls"),
        (Platform("windows", "amd64"), (), "not windows"),
        (Platform("linux", "pdp11"), (), "no handler of binfmt_misc runs pdp11"),
    ],
)
def test_what_cannot_be_run_has_a_reason(
    platform: Platform, handlers: tuple[Handler, ...] | None, words: str
) -> None:
    found = support(platform, handlers, HOST)
    assert found.runs is Runs.NOT
    assert words in found.why


def test_an_image_that_cannot_be_run_is_refused_with_what_to_do() -> None:
    with pytest.raises(ToolError, match=r"x:1: linux/s390x cannot be run here: .*qemu-user-binfmt"):
        require_runnable(Platform("linux", "s390x"), (), "x:1")
    with pytest.raises(ToolError, match="mount -t binfmt_misc"):
        require_runnable(Platform("linux", "s390x"), None, "x:1")
    require_runnable(Platform("linux", "s390x"), (handler("s390x"),), "x:1")

"""A refusal of the eBPF sensor names what is missing and how to get it."""

import errno
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.runs.trace import SensorKind
from careen.sensor import select
from careen.sensor.ebpf import EbpfSensor
from careen.sensor.helper import HelperError
from careen.sensor.port import Probe

ROOT = 1 << select.CAP_SYS_ADMIN
LACKS = {SensorKind.EBPF: "CAP_BPF", SensorKind.FANOTIFY: "CAP_SYS_ADMIN"}


def lacks(
    release: str = "6.1.0", *, btf: bool = True, capabilities: int = ROOT, helper: bool = True
) -> list[str]:
    return [
        what
        for what, _ in select.ebpf_lacks(
            release=release, btf=btf, capabilities=capabilities, helper=helper, machine="x86_64"
        )
    ]


def test_nothing_is_missing_for_root_on_a_new_kernel() -> None:
    assert lacks() == []
    assert lacks("5.17.0-rc1") == []


def test_bpf_and_perfmon_are_enough() -> None:
    assert lacks(capabilities=1 << select.CAP_BPF | 1 << select.CAP_PERFMON) == []


@pytest.mark.parametrize(
    ("capabilities", "named"),
    [
        (0, "capability: CAP_BPF and CAP_PERFMON"),
        (1 << select.CAP_BPF, "capability: CAP_PERFMON"),
        (1 << select.CAP_PERFMON, "capability: CAP_BPF"),
    ],
)
def test_the_missing_capability_is_named(capabilities: int, named: str) -> None:
    assert lacks(capabilities=capabilities) == [named]


def test_each_lack_is_named_and_all_at_once() -> None:
    found = lacks("5.10.0-28-amd64", btf=False, capabilities=0, helper=False)
    assert [what.partition(":")[0] for what in found] == [
        "compiled sensor",
        "kernel",
        "BTF",
        "capability",
    ]
    assert "5.10.0-28-amd64 is older than 5.17" in found[1]


def test_a_kernel_name_that_says_no_version_counts_as_too_old() -> None:
    assert lacks("custom") == ["kernel: custom is older than 5.17"]


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.EPERM, "container limit"),
        (errno.EACCES, "container limit"),
        (errno.ENOSYS, "CONFIG_BPF_SYSCALL"),
        (errno.ENOMEM, "memory"),
        (errno.EINVAL, "load"),
    ],
)
def test_the_kernels_own_refusal_is_explained(
    monkeypatch: pytest.MonkeyPatch, number: int, word: str
) -> None:
    def refuse(_: EbpfSensor) -> None:
        message = "sensor: load: refused"
        raise HelperError(message, number)

    monkeypatch.setattr(select, "ebpf_lacks", lambda **_: [])
    monkeypatch.setattr(EbpfSensor, "load", refuse)
    probe = select.probe_ebpf()
    assert not probe.usable
    assert word in probe.missing[0] + probe.remedy[0]


def test_choose_says_why_and_how(monkeypatch: pytest.MonkeyPatch) -> None:
    probes = [
        Probe(kind, usable=False, missing=(f"capability: {lack}",), remedy=("run as root",))
        for kind, lack in LACKS.items()
    ]
    monkeypatch.setattr(select, "probe_ebpf", lambda _: probes[0])
    monkeypatch.setattr(select, "probe_fanotify", lambda: probes[1])
    both = (
        r"no sensor can be used here: ebpf: capability: CAP_BPF \(run as root\); fanotify:"
        r" capability: CAP_SYS_ADMIN \(run as root\)$"
    )
    with pytest.raises(ToolError, match=both):
        select.choose(None)
    with pytest.raises(
        ToolError,
        match=r"no sensor can be used here: fanotify: capability: CAP_SYS_ADMIN \(run as root\)$",
    ):
        select.choose(SensorKind.FANOTIFY)
    with pytest.raises(ToolError, match="no sensor can be used here: unknown kind"):
        select.choose(SensorKind.STRACE)


def test_the_capability_mask_is_read_from_the_status_file() -> None:
    assert (
        select.effective_capabilities("Name:\tx\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n")
        == 0x1FFFFFFFFFF
    )
    assert select.effective_capabilities("Name:\tx\n") == 0
    assert select.effective_capabilities(Path("/proc/self/status").read_text()) >= 0

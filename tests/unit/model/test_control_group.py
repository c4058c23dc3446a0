"""Names of control groups, as they are found on nodes."""

import pytest

from careen.model.runs.control_group import ControlGroup, parse_control_group, pod_uid

ID = "4f8a3b0c9d2e1f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a"
UID = "0a1b2c3d-1111-2222-3333-444455556666"
UNDER = UID.replace("-", "_")
STATIC = "3f2504e04f8911d39a0c0305e82c3301"  # of a pod from a file: a hash, without hyphens

GROUPS = {
    # containerd and CRI-O, cgroupfs driver
    f"/kubepods/besteffort/pod{UID}/{ID}": ("", UID),
    f"/kubepods/burstable/pod{UID}/{ID}": ("", UID),
    f"/kubepods/pod{UID}/{ID}": ("", UID),
    f"/kubepods/burstable/pod{STATIC}/{ID}": ("", STATIC),
    f"/kubepods/burstable/pod{UID}/crio-{ID}": ("crio", UID),
    # systemd driver
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UNDER}.slice/cri-containerd-{ID}.scope": (
        "cri-containerd",
        UID,
    ),
    f"/kubepods.slice/kubepods-pod{UNDER}.slice/cri-containerd-{ID}.scope": ("cri-containerd", UID),
    f"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{UNDER}.slice/crio-{ID}.scope": (
        "crio",
        UID,
    ),
    # crun, which makes a group of its own on cgroup v2
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UNDER}.slice/crio-{ID}.scope/container": (
        "crio",
        UID,
    ),
    # kind, and kubelets with a root of their own
    f"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod{UNDER}.slice/cri-containerd-{ID}.scope": (
        "cri-containerd",
        UID,
    ),
    f"/kubelet/kubepods/besteffort/pod{UID}/{ID}": ("", UID),
    f"/docker/{'e' * 64}/kubelet/kubepods/burstable/pod{UID}/{ID}": ("", UID),
    # seen from a control group namespace of another pod
    f"/../../kubepods-burstable-pod{UNDER}.slice/cri-containerd-{ID}.scope": (
        "cri-containerd",
        UID,
    ),
    # containerd that was told of systemd's names and uses cgroupfs
    f"/system.slice/containerd.service/kubepods-burstable-pod{UNDER}.slice:cri-containerd:{ID}": (
        "cri-containerd",
        UID,
    ),
    # cri-dockerd
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UNDER}.slice/docker-{ID}.scope": (
        "docker",
        UID,
    ),
    # engines without Kubernetes
    f"/docker/{ID}": ("", ""),
    f"/system.slice/docker-{ID}.scope": ("docker", ""),
    f"/k8s.io/{ID}": ("", ""),
    f"/machine.slice/libpod-{ID}.scope": ("libpod", ""),
    f"/machine.slice/libpod-{ID}.scope/container": ("libpod", ""),
    f"/libpod_parent/libpod-{ID}": ("libpod", ""),
    f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope/container": (
        "libpod",
        "",
    ),
    f"/careen/{ID}": ("", ""),
}

NONE = (
    "",
    "/",
    "/kubepods.slice",
    f"/kubepods/burstable/pod{UID}",
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UNDER}.slice",
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{UNDER}.slice/crio-conmon-{ID}.scope",
    f"/machine.slice/libpod-conmon-{ID}.scope",
    f"/docker/{ID[:63]}",
    f"/docker/{ID}0",
    f"/docker/{ID.upper()}",
    f"/docker/{ID}.slice",
    f"/docker/{ID}/init",
    "/user.slice/user-0.slice/session-1.scope",
    "/container",
    "x" * 100_000,
)


@pytest.mark.parametrize("path", GROUPS)
def test_a_containers_group_is_read(path: str) -> None:
    assert parse_control_group(path) == ControlGroup(ID, *GROUPS[path])


@pytest.mark.parametrize("path", NONE)
def test_another_group_is_none(path: str) -> None:
    assert parse_control_group(path) is None


@pytest.mark.parametrize(
    ("name", "uid"),
    [
        (f"pod{UID}", UID),
        (f"kubepods-burstable-pod{UNDER}.slice", UID),
        (f"kubelet-kubepods-pod{UNDER}.slice", UID),
        (f"pod{STATIC}", STATIC),
        (f"notapod{UID}", ""),
        (f"pod{UID}0", ""),
        ("kubepods", ""),
        ("", ""),
    ],
)
def test_a_pods_group_is_read(name: str, uid: str) -> None:
    assert pod_uid(name) == uid

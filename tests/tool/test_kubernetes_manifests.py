"""The manifests of deploy/kubernetes as kubectl makes them, against Kubernetes' own schemas."""

import copy
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from careen.pipeline.recording.pods import AT_ONCE
from careen.registries.blob_cache import MOST

DEPLOY = Path(__file__).parents[2] / "deploy" / "kubernetes"
OLDEST, NEWEST = "1.29", "1.37"
"""Of the releases that docs/kubernetes.md names: the first with sidecars, and the latest known."""

BASES = ("profile", "recorder")
ALL = (*BASES, "reader")
CAPABILITIES = {"drop": ["ALL"], "add": ["BPF", "PERFMON", "SYS_PTRACE"]}

pytestmark = pytest.mark.kubectl


def made(base: str) -> list[Any]:
    """The objects of a base."""
    text = subprocess.check_output(["kubectl", "kustomize", str(DEPLOY / base)], text=True)
    return list(yaml.safe_load_all(text))


def pod_of(base: str) -> Any:
    (found,) = [each for each in made(base) if each["kind"] in ("Job", "DaemonSet")]
    return found["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("base", ALL)
def test_the_objects_are_valid(base: str, version: str) -> None:
    objects = made(base)
    assert objects
    for each in objects:
        assert kubernetes_validate.validate(each, version, strict=True).startswith(version)
        assert each["kind"] in ("Namespace", "ClusterRole", "ClusterRoleBinding") or (
            each["metadata"]["namespace"] == "careen"
        )


def test_an_unknown_field_is_refused() -> None:
    (job,) = [each for each in made("profile") if each["kind"] == "Job"]
    broken = copy.deepcopy(job)
    broken["spec"]["template"]["spec"]["hostPid"] = True
    with pytest.raises(kubernetes_validate.ValidationError, match="hostPid"):
        kubernetes_validate.validate(broken, NEWEST, strict=True)


@pytest.mark.parametrize("base", BASES)
def test_careen_has_three_capabilities_and_is_not_privileged(base: str) -> None:
    pod = pod_of(base)
    (careen,) = [
        each
        for each in (*pod.get("initContainers", ()), *pod["containers"])
        if each["name"] == "careen"
    ]
    context = careen["securityContext"]
    assert context["capabilities"] == CAPABILITIES
    assert "privileged" not in context
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["hostPID"] is True
    assert not {"hostNetwork", "hostIPC"} & pod.keys()
    writable = [
        mount["name"]
        for mount in careen["volumeMounts"]
        if not mount.get("readOnly")
        and any("hostPath" in v and v["name"] == mount["name"] for v in pod["volumes"])
    ]
    assert writable == (["rboms"] if base == "recorder" else [])


@pytest.mark.parametrize("base", ALL)
def test_careen_works_where_it_can_write(base: str) -> None:
    """Its own working directory is another user's, on a root that is read-only."""
    specs = [each["spec"] for each in made(base) if each["kind"] in ("Job", "DaemonSet", "Pod")]
    (pod,) = [spec.get("template", {"spec": spec})["spec"] for spec in specs]
    (careen,) = [
        each
        for each in (*pod.get("initContainers", ()), *pod["containers"])
        if each["name"] == "careen"
    ]
    empty = {each["name"] for each in pod["volumes"] if "emptyDir" in each}
    written = [each["mountPath"] for each in careen["volumeMounts"] if each["name"] in empty]
    assert careen["workingDir"] in written


def test_the_recorder_has_room_for_what_careen_keeps() -> None:
    """And for the images that are open at once, or the kubelet evicts it in every pass."""
    (work,) = [each for each in pod_of("recorder")["volumes"] if each["name"] == "work"]
    size = work["emptyDir"]["sizeLimit"]
    assert size.endswith("Gi")
    assert int(size.removesuffix("Gi")) << 30 >= MOST + AT_ONCE * (16 << 30)


def test_the_recorder_runs_on_nodes_with_taints() -> None:
    assert pod_of("recorder")["tolerations"] == [{"operator": "Exists", "effect": "NoSchedule"}]


def test_careen_starts_before_the_application_and_ends_after_it() -> None:
    pod = pod_of("profile")
    assert [each["name"] for each in pod["initContainers"]] == ["careen", "app"]
    assert {each["restartPolicy"] for each in pod["initContainers"]} == {"Always"}
    assert all("startupProbe" in each for each in pod["initContainers"])
    assert [each["name"] for each in pod["containers"]] == ["tests"]


def test_the_recorder_may_list_pods_and_nothing_else() -> None:
    (role,) = [each for each in made("recorder") if each["kind"] == "ClusterRole"]
    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]


@pytest.mark.parametrize("base", BASES)
def test_the_arguments_are_options_of_careen(base: str) -> None:
    """`careen profile` has each of them, and takes them together."""
    pod = pod_of(base)
    (careen,) = [
        each
        for each in (*pod.get("initContainers", ()), *pod["containers"])
        if each["name"] == "careen"
    ]
    from careen.cli.verbs.profile import command

    known = {option for each in command.params for option in each.opts}
    verb, *words = careen["args"]
    assert verb == "profile"
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known

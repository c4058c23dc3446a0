"""The script that a user runs on a cluster, here with a stand-in for kubectl: the objects that it
makes are real, the cluster's answers are not.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from tests.tool.test_kubernetes_manifests import NEWEST, OLDEST

SCRIPT = Path(__file__).parents[2] / "deploy" / "kubernetes" / "check.sh"
IMAGES = ("registry.example:5000/careen:1", "registry.example:5000/python:3")
STAND_IN = r"""#!/usr/bin/env bash
echo "$*" >>"$FOLDER/log"
case "$*" in
  *"$FAILS"*) [ -z "$FAILS" ] || { echo "the cluster says no"; exit 1; } ;;
esac
case "$*" in
  "get namespace"* | "get clusterrole "* | "get crd imagevalid"*) exit 1 ;;
  "config current-context") echo test ;;
  "version -o json") printf '{\n "clientVersion": {"gitVersion": "v1.20.1"},\n "serverVersion": {\n  "gitVersion": "v%s.1"\n }\n}\n' "$SERVER" ;;
  "apply "*" -k "* | "apply -k "*) { echo ---; "$KUBECTL" kustomize "${@: -1}"; } >>"$FOLDER/made.yaml" ;;
  *"logs job/careen-profile"*) echo "6 paths used in 1 run; ebpf sensor, no event lost" ;;
  *"exec careen-reader"*) echo '{"path": "/usr/local/bin/python3.13"}' ;;
  *" logs "*) printf 'careen-check/web/web (pod web): 2 paths used in 1 run, no event lost; x\ncanary profile: x\n' ;;
esac
"""

pytestmark = pytest.mark.kubectl


@dataclass
class Cluster:
    folder: Path

    def check(
        self, *words: str, fails: str = "", server: str = "1.33"
    ) -> "subprocess.CompletedProcess[str]":
        real = shutil.which("kubectl")
        assert real
        env = {
            **os.environ,
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "FOLDER": str(self.folder),
            "KUBECTL": real,
            "FAILS": fails,
            "SERVER": server,
            "CHECK_LIMIT": "5",
        }
        return subprocess.run(  # noqa: TID251
            [str(SCRIPT), *words], env=env, capture_output=True, text=True, timeout=60, check=False
        )

    def asked(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    program = tmp_path / "kubectl"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    return Cluster(tmp_path)


def test_every_step_is_told_and_all_is_removed(cluster: Cluster) -> None:
    done = cluster.check(*IMAGES)
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.split()[0] for line in done.stdout.splitlines()[:1] + done.stdout.splitlines()[3:]]
    assert told.count("pass") >= 15
    assert "fail" not in told
    assert "skip  kyverno/image-validating-policy.yaml" in done.stdout
    assert cluster.asked()[-2].startswith("delete --ignore-not-found --wait=false namespace careen")
    made = [each for each in yaml.safe_load_all((cluster.folder / "made.yaml").read_text()) if each]
    assert {each["kind"] for each in made} >= {"Job", "DaemonSet", "Pod", "Namespace"}
    for each in made:
        for version in (OLDEST, NEWEST):
            kubernetes_validate.validate(each, version, strict=True)
    (job, *_) = [each for each in made if each["kind"] == "Job"]
    careen, app = job["spec"]["template"]["spec"]["initContainers"]
    assert (careen["image"], app["image"]) == IMAGES
    assert {"name": "IMAGE", "value": IMAGES[1]} in careen["env"]
    (daemon, *_) = [each for each in made if each["kind"] == "DaemonSet"]
    words = daemon["spec"]["template"]["spec"]["containers"][0]["args"]
    assert ("--for=20s" in words, "--every=30s" in words, "--for=10m" in words) == (
        True,
        True,
        False,
    )


def test_images_may_be_named_by_digest_and_nothing_stays_on_the_nodes(cluster: Cluster) -> None:
    images = [f"registry.example:5000/{name}@sha256:{'0' * 64}" for name in ("careen", "python")]
    done = cluster.check(*images)
    assert done.returncode == 0, done.stdout + done.stderr
    made = [each for each in yaml.safe_load_all((cluster.folder / "made.yaml").read_text()) if each]
    (job, *_) = [each for each in made if each["kind"] == "Job"]
    pod = job["spec"]["template"]["spec"]
    assert [each["image"] for each in pod["initContainers"]] == images
    assert pod["containers"][0]["image"] == images[1]
    assert {"name": "IMAGE", "value": images[1]} in pod["initContainers"][0]["env"]
    (daemon, *_) = [each for each in made if each["kind"] == "DaemonSet"]
    spec = daemon["spec"]["template"]["spec"]
    assert [each for each in spec["volumes"] if each["name"] == "rboms"] == [
        {"name": "rboms", "emptyDir": {}}
    ]
    hosts = {each["hostPath"]["path"] for each in spec["volumes"] if "hostPath" in each}
    assert hosts == {"/sys/fs/cgroup"}


def test_a_step_that_fails_is_told_with_what_was_said(cluster: Cluster) -> None:
    done = cluster.check(*IMAGES, fails="job/careen-profile")
    assert done.returncode == 1
    assert "fail  the Job ends\n      the cluster says no" in done.stdout
    assert "pass  the recorder recorded the pod" in done.stdout
    assert cluster.asked()[-2].startswith("delete ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "usage: "),
        (("a", "b"), "a has no tag and no digest"),
        (("r:5000/a", "r:5000/b"), "r:5000/a has no tag and no digest"),
        ((IMAGES[0], "r/b@sha256:0"), "r/b@sha256:0 has no tag and no digest"),
        ((IMAGES[0], f"r/b:1@sha256:{'0' * 64}"), "no digest, or both"),
        ((*IMAGES, "x"), "usage: "),
    ],
)
def test_wrong_words_touch_no_cluster(cluster: Cluster, words: tuple[str, ...], said: str) -> None:
    done = cluster.check(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert cluster.asked() == []


def test_an_old_cluster_is_left_as_it_is(cluster: Cluster) -> None:
    done = cluster.check(*IMAGES, server="1.28")
    assert done.returncode == 1
    assert "fail  Kubernetes 1.28 is older than 1.29" in done.stdout
    assert not [line for line in cluster.asked() if line.startswith(("apply", "create", "delete"))]


@pytest.mark.shellcheck
def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True, check=False)  # noqa: TID251
    assert done.returncode == 0, done.stdout

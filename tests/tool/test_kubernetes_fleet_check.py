"""The script that a user runs on a cluster for an Indexed Job, here with a stand-in for kubectl: the
objects that it makes are real, the cluster's answers are not.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from careen.pipeline.watching.image_list import load_list
from careen.workload.configuration.project import load_config
from tests.unit.clusters.test_jobs import NEWEST, OLDEST

SCRIPT = Path(__file__).parents[2] / "deploy" / "kubernetes" / "check-fleet.sh"
WORDS = ("registry.example/careen:1", "registry.example/python:3", "registry.example/team/check")
STAND_IN = r"""#!/usr/bin/env bash
echo "$*" >>"$FOLDER/log"
case "$*" in
  *"$FAILS"*) [ -z "$FAILS" ] || { echo "the cluster says no"; exit 1; } ;;
esac
case "$*" in
  "get namespace "*) exit 1 ;;
  "get nodes -l"*) nodes="$LABELLED" ;;&
  "get nodes -o"*) nodes="$NODES" ;;&
  # As kubectl: no item of an empty list, and all names on one line without an end.
  "get nodes "*"{.items["[0-9]*) [ -n "$nodes" ] || { echo "array index out of bounds: index 0, length 0" >&2; exit 1; } ;;&
  "get nodes "*) printf %s "$nodes" ;;
  "config current-context") echo test ;;
  "version -o json") printf '{\n "serverVersion": {\n  "gitVersion": "v%s.1"\n }\n}\n' "$SERVER" ;;
  "apply -f "*) { echo ---; cat "${@: -1}"; } >>"$FOLDER/made.yaml" ;;
  *" exec -i loader "*) cat >"$FOLDER/$(basename "${@: -1}")" ;;
  *completedIndexes*) echo "$DONE" ;;
  *failedIndexes*) echo 2 ;;
  *status.phase*) echo Running ;;
  *"-o name"*) echo pod/first-2 ;;
  *"job-name=second --tail"*) printf 'Nothing has changed: nothing was run\n%.0s' 1 2 ;;
esac
"""

pytestmark = pytest.mark.shellcheck


@dataclass
class Cluster:
    """A folder with a stand-in for kubectl, which keeps what it was given."""

    folder: Path
    answers: dict[str, str] = field(default_factory=dict)

    def check(self, *words: str, **answers: str) -> "subprocess.CompletedProcess[str]":
        known = {
            "SERVER": "1.33",
            "FAILS": "",
            "DONE": "0,1",
            "LABELLED": "",
            "NODES": "node-1 node-2",
        }
        known |= answers
        env = {
            **os.environ,
            **known,
            "PATH": f"{self.folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "FOLDER": str(self.folder),
            "CAREEN_DB": str(self.folder / "db"),
            "CHECK_LIMIT": "1",
        }
        return subprocess.run(  # noqa: TID251
            [str(SCRIPT), *words], env=env, capture_output=True, text=True, timeout=60, check=False
        )

    def asked(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text().splitlines() if log.exists() else []

    def made(self) -> list[Any]:
        return [
            each for each in yaml.safe_load_all((self.folder / "made.yaml").read_text()) if each
        ]


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    (tmp_path / "kubectl").write_text(STAND_IN)
    (tmp_path / "kubectl").chmod(0o755)
    (tmp_path / "db").write_bytes(b"advisories")
    return Cluster(tmp_path)


def test_every_step_is_told_and_all_is_removed(cluster: Cluster) -> None:
    done = cluster.check(*WORDS)
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert set(told) == {"pass"}
    assert cluster.asked()[-2:] == [
        "delete --ignore-not-found --wait=false namespace careen-fleet-check",
        "label node node-1 careen.dev/sensor-",
    ]
    made = cluster.made()
    assert [each["kind"] for each in made] == [
        "Namespace",
        "PersistentVolumeClaim",
        "Pod",
        "Job",
        "Job",
    ]
    for each in made:
        for version in (OLDEST, NEWEST):
            kubernetes_validate.validate(each, version, strict=True)
    first, second = made[3:]
    assert (first["spec"]["completions"], second["spec"]["completions"]) == (3, 2)
    assert first["spec"]["template"]["spec"]["containers"][0]["image"] == WORDS[0]
    assert (cluster.folder / "advisories.db").read_bytes() == b"advisories"


def test_what_the_tasks_read_is_what_careen_reads(cluster: Cluster) -> None:
    cluster.check(*WORDS, FAILS="apply --dry-run=server")
    listed = load_list(cluster.folder / "images.toml")
    assert [image.tag.rpartition(":")[2] for image in listed] == [
        "careen-check-0",
        "careen-check-1",
        "careen-check-2",
    ]
    good, strict = (load_config(cluster.folder / name) for name in ("good.toml", "strict.toml"))
    assert (good.min_adequacy, strict.min_adequacy) == (None, "100")
    assert [each.name for each in good.workloads] == ["web"]


def test_a_node_that_has_the_label_keeps_it(cluster: Cluster) -> None:
    assert cluster.check(*WORDS, LABELLED="node-7 node-8").returncode == 0
    assert not [line for line in cluster.asked() if line.startswith("label")]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"DONE": "1"}, "fail  done are the images 1, expected 0,1"),
        ({"FAILS": "wait --for=condition=failed"}, "fail  the Job ends\n      the cluster says no"),
        ({"FAILS": "apply -f"}, "fail  the claim and a pod that fills it are made"),
    ],
)
def test_a_step_that_fails_is_told(cluster: Cluster, answers: dict[str, str], said: str) -> None:
    done = cluster.check(*WORDS, **answers)
    assert done.returncode == 1
    assert said in done.stdout
    assert cluster.asked()[-2].startswith("delete ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "usage: "),
        ((*WORDS[:2], "registry.example/check:1"), "name a repository without a tag"),
        ((*WORDS[:2], "check"), "name a repository without a tag"),
    ],
)
def test_wrong_words_touch_no_cluster(cluster: Cluster, words: tuple[str, ...], said: str) -> None:
    done = cluster.check(*words)
    assert (done.returncode, cluster.asked()) == (1, [])
    assert said in done.stderr


def test_a_cluster_without_nodes_is_told(cluster: Cluster) -> None:
    done = cluster.check(*WORDS, NODES="")
    assert done.returncode == 1
    assert "fail  the cluster has no node" in done.stdout
    assert not [line for line in cluster.asked() if line.startswith(("apply", "label"))]


def test_an_old_cluster_is_left_as_it_is(cluster: Cluster) -> None:
    done = cluster.check(*WORDS, SERVER="1.32")
    assert done.returncode == 1
    assert "older than 1.33" in done.stdout
    assert not [line for line in cluster.asked() if line.startswith(("apply", "label"))]


def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(["shellcheck", str(SCRIPT)], capture_output=True, text=True, check=False)  # noqa: TID251
    assert done.returncode == 0, done.stdout

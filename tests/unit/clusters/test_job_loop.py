"""An Indexed Job without a cluster: its own rules, applied index by index to tasks that fail.

The controller is a stand-in that does what `backoffLimitPerIndex`, `podFailurePolicy` and
`maxFailedIndexes` ask for. The tasks are processes that end as a test says.
"""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from careen.clusters.jobs.engines import ENGINES
from careen.clusters.jobs.job import FleetJob

DISRUPTED = "disrupted"
"""A pod that its node was drained of."""
TASK = """#!/bin/sh
echo "$JOB_COMPLETION_INDEX $*" >>"$FOLDER/ran"
number=$(grep -c "^$JOB_COMPLETION_INDEX " "$FOLDER/ran")
end=$(sed -n "${number}p" "$FOLDER/$JOB_COMPLETION_INDEX")
[ "$end" = 137 ] && kill -9 $$
exit "$end"
"""


@dataclass
class Controller:
    """Works a Job off, one index after the other."""

    spec: Mapping[str, Any]
    folder: Path

    def work(self, ends: Sequence[Sequence[int | str]]) -> tuple[set[int], set[int], bool]:
        """Return the indices that succeeded and that failed, and whether all were begun.

        `ends` are the exit statuses of an index's tries, `DISRUPTED` for a pod that was evicted.
        """
        good: set[int] = set()
        lost: set[int] = set()
        for index in range(self.spec["completions"]):
            statuses = [status for status in ends[index] if status != DISRUPTED]
            (self.folder / str(index)).write_text("".join(f"{each}\n" for each in statuses))
            (good if self._index(index, iter(ends[index])) else lost).add(index)
            if len(lost) > self.spec.get("maxFailedIndexes", len(ends)):
                return good, lost, False
        return good, lost, True

    def _index(self, index: int, tries: Iterator[int | str]) -> bool:
        failures = 0
        while failures <= self.spec["backoffLimitPerIndex"]:
            if next(tries) == DISRUPTED:
                assert self._action(None) == "Ignore"
                continue
            status = self._pod(index)
            if status == 0:
                return True
            action = self._action(status)
            if action == "FailIndex":
                return False
            assert action == "Count"
            failures += 1
        return False

    def _action(self, status: int | None) -> str:
        """Return what the first rule that matches says; the default is to count a failure."""
        for rule in self.spec["podFailurePolicy"]["rules"]:
            codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions", ())
            if codes and status is not None:
                assert codes["operator"] == "In"
                if status in codes["values"]:
                    return str(rule["action"])
            if status is None and any(each["type"] == "DisruptionTarget" for each in conditions):
                return str(rule["action"])
        return "Count"

    def _pod(self, index: int) -> int:
        (container,) = self.spec["template"]["spec"]["containers"]
        done = subprocess.run(  # noqa: TID251
            [str(self.folder / "careen"), *container["args"]],
            env={**os.environ, "FOLDER": str(self.folder), "JOB_COMPLETION_INDEX": str(index)},
            check=False,
        )
        return done.returncode if done.returncode >= 0 else 128 - done.returncode


def controller(folder: Path, count: int, **changes: Any) -> Controller:
    job = FleetJob("fleet", "registry.example/careen:1", "images.toml", count, "fleet", **changes)
    (document,) = yaml.safe_load_all(ENGINES["indexed-job"](job))
    (folder / "careen").write_text(TASK)
    (folder / "careen").chmod(0o755)
    return Controller(document["spec"], folder)


def ran(folder: Path) -> dict[int, int]:
    lines = (folder / "ran").read_text().splitlines()
    assert {line.partition(" ")[2] for line in lines} == {
        "fleet work /fleet/images.toml --engine embedded --push"
    }
    return dict(Counter(int(line.partition(" ")[0]) for line in lines))


def test_each_image_is_done_once_or_told(tmp_path: Path) -> None:
    ends: list[list[int | str]] = [
        [0],
        [1, 0],
        [137, 1, 0],
        [1, 137, 1],
        [2],
        [3],
        [4],
        [1, 3],
        [DISRUPTED, DISRUPTED, DISRUPTED, DISRUPTED, 0],
    ]
    good, lost, whole = controller(tmp_path, len(ends)).work(ends)
    assert (good, lost, whole) == ({0, 1, 2, 8}, {3, 4, 5, 6, 7}, True)
    assert ran(tmp_path) == {0: 1, 1: 2, 2: 3, 3: 3, 4: 1, 5: 1, 6: 1, 7: 2, 8: 1}


@pytest.mark.parametrize(("failures", "begun"), [(0, 2), (1, 4), (3, 6)])
def test_the_job_ends_after_more_failures_than_were_allowed(
    tmp_path: Path, failures: int, begun: int
) -> None:
    ends: list[list[int | str]] = [[0], [2], [0], [3], [0], [0]]
    _, _, whole = controller(tmp_path, 6, failures=failures).work(ends)
    assert (len(ran(tmp_path)), whole) == (begun, begun == 6)

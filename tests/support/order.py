"""The order of the test files in a run of all tests: long ones first, and those that wait for
containers beside those that calculate.

Where pytest-xdist hands out files by their number of tests, a file of a few tests that take minutes
begins last, with nothing left beside it; and containers are waited for by all workers at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

WAITING = ("tests/browser/", "tests/e2e/", "tests/kernel/", "tests/tool/")
"""Folders whose tests wait for programs and containers most of the time."""

SECONDS: Mapping[str, int] = {
    "tests/e2e/test_own_image.py": 260,
    "tests/e2e/test_engine_options.py": 219,
    "tests/e2e/test_repair.py": 213,
    "tests/e2e/test_recipes.py": 200,
    "tests/e2e/test_compose.py": 190,
    "tests/e2e/test_cold_subjects.py": 171,
    "tests/e2e/test_harden_kill.py": 157,
    "tests/e2e/test_registry_faults.py": 148,
    "tests/e2e/test_harden_refusals.py": 138,
    "tests/e2e/test_harden.py": 135,
    "tests/e2e/test_base_build.py": 130,
    "tests/e2e/test_workload_docker.py": 118,
    "tests/e2e/test_podman.py": 117,
    "tests/e2e/test_policy.py": 110,
    "tests/tool/test_layer_oddities.py": 106,
    "tests/e2e/test_harden_choices.py": 101,
    "tests/e2e/test_engine_conditions.py": 100,
    "tests/e2e/test_patch.py": 95,
    "tests/e2e/test_registry.py": 92,
    "tests/e2e/test_base_wheels.py": 90,
    "tests/e2e/test_fips.py": 80,
    "tests/e2e/test_explore.py": 76,
    "tests/unit/workload/test_run.py": 74,
    "tests/tool/test_advisory_feeds_shared.py": 73,
    "tests/e2e/test_behaviour_noise.py": 72,
    "tests/e2e/test_base_refresh_registry.py": 69,
    "tests/tool/test_inventory_syft.py": 69,
    "tests/e2e/test_ci.py": 60,
    "tests/e2e/test_fleet.py": 60,
    "tests/e2e/test_health_check.py": 53,
    "tests/unit/patch/test_python.py": 51,
    "tests/e2e/test_base_refresh.py": 50,
    "tests/e2e/test_patch_layer_repeats.py": 48,
    "tests/e2e/test_scan_hostile.py": 45,
    "tests/tool/test_osv_algorithm.py": 45,
    "tests/image/test_oci_cost.py": 43,
    "tests/e2e/test_watch.py": 42,
    "tests/kernel/test_sensor_losses.py": 42,
    "tests/e2e/test_mechanism_images.py": 41,
    "tests/unit/advisories/test_atomic.py": 41,
    "tests/tool/test_stores.py": 40,
}
"""Files that take long, by about the seconds that they take in a run of all tests on two
processors. Of files that are not here, those with more tests come first.
"""


class Test(Protocol):
    """As much of a test as its place depends on."""

    @property
    def nodeid(self) -> str: ...


T = TypeVar("T", bound=Test)


def in_order(tests: Sequence[T]) -> list[T]:
    """Return the tests of each file together, in the order in which files are to begin."""
    files = {
        name: list(found)
        for name, found in groupby(sorted(tests, key=_file), key=_file)  # stable within a file
    }
    longest = sorted(files, key=lambda name: (-SECONDS.get(name, 0), -len(files[name]), name))
    waiting = [name for name in longest if name.startswith(WAITING)]
    working = [name for name in longest if not name.startswith(WAITING)]
    return [test for name in _mixed(waiting, working) for test in files[name]]


def _file(test: Test) -> str:
    return test.nodeid.split("::", 1)[0]


def _mixed(first: Sequence[str], second: Sequence[str]) -> Iterable[str]:
    """Return both lists as one in which each is spread evenly."""
    places = [
        *((number / len(first), name) for number, name in enumerate(first)),
        *(((number + 0.5) / len(second), name) for number, name in enumerate(second)),
    ]
    return (name for _, name in sorted(places, key=lambda place: place[0]))

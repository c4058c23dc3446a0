"""A need that is not met skips a test, and fails it where everything must be there."""

import os
import sys
from pathlib import Path

import pytest

from careen.tools.process import Finished, run

pytestmark = pytest.mark.slow

CONFTEST = Path(__file__).resolve().parent.parent / "conftest.py"
ROOT = str(CONFTEST.parent.parent)  # the conftest imports from tests/support
INI = """[pytest]
markers =
    umoci: x
    shared: x
"""


def pytest_says(checkout: Path, need: str, **env: str) -> Finished:
    """Run pytest over one test that needs `need`, in a checkout of its own with nothing on PATH."""
    tests = checkout / "tests"
    tests.mkdir(parents=True)
    (checkout / "pytest.ini").write_text(INI)
    (tests / "conftest.py").write_bytes(CONFTEST.read_bytes())
    (tests / "test_one.py").write_text(
        f"import pytest\n@pytest.mark.{need}\ndef test_one(): pass\ndef test_free(): pass\n"
    )
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CI", "CAREEN_REQUIRE_ALL"}
        and not name.startswith(("COV_", "COVERAGE_", "PYTEST_"))
    }
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-rs",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:cov",
        str(checkout),
    ]
    return run(
        argv,
        timeout=120,
        env=clean | {"PATH": str(checkout / "nothing"), "PYTHONPATH": ROOT} | env,
        cwd=str(checkout),
    )


def test_elsewhere_it_is_skipped_with_the_reason(tmp_path: Path) -> None:
    done = pytest_says(tmp_path, "shared")
    assert done.status == 0
    assert "1 passed, 1 skipped" in done.text
    assert "the workloads are not beside this checkout" in done.text


def test_the_workloads_beside_the_checkout_must_be_built(tmp_path: Path) -> None:
    (tmp_path / "shared" / "workloads").mkdir(parents=True)
    done = pytest_says(tmp_path / "careen", "shared")
    assert done.status == 1
    assert "1 passed, 1 error" in done.text
    assert "needs shared, which must be here" in done.text


@pytest.mark.parametrize("name", ["CI", "CAREEN_REQUIRE_ALL"])
def test_where_all_must_be_there_a_missing_tool_fails(tmp_path: Path, name: str) -> None:
    done = pytest_says(tmp_path, "umoci", **{name: "true" if name == "CI" else "1"})
    assert done.status == 1
    assert "needs umoci, which must be here: umoci is not installed" in done.text


def test_a_missing_tool_is_skipped_otherwise(tmp_path: Path) -> None:
    done = pytest_says(tmp_path, "umoci")
    assert done.status == 0
    assert "needs umoci: umoci is not installed" in done.text

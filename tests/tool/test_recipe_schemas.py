"""The recipes before independent judges: each takes them, and refuses them with a mistake."""

from pathlib import Path

import pytest

from tests.support.ci_tools import action_validator, actionlint

CHECKOUT = Path(__file__).parents[2]
ACTION = CHECKOUT / "action.yml"
WORKFLOW = CHECKOUT / "examples/github/.github/workflows/image.yml"

pytestmark = pytest.mark.recipes


@pytest.mark.parametrize("path", [ACTION, WORKFLOW])
def test_action_validator_takes_it(path: Path, tmp_path: Path) -> None:
    assert action_validator(path) == ""
    wrong = tmp_path / path.name
    wrong.write_text(path.read_text().replace("uses:", "usess:", 1))
    assert action_validator(wrong)


def test_actionlint_takes_the_workflow(tmp_path: Path) -> None:
    assert actionlint(WORKFLOW, tmp_path) == []
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOW.read_text().replace("steps.harden.outputs", "steps.hardn.outputs"))
    assert any("hardn" in each for each in actionlint(wrong, tmp_path))

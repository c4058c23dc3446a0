"""The recipes before independent judges: each takes them, and refuses them with a mistake."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.support.ci_tools import action_validator, actionlint

CHECKOUT = Path(__file__).parents[2]
ACTION = CHECKOUT / "action.yml"
WORKFLOW = CHECKOUT / "examples/github/.github/workflows/image.yml"


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


TEXT = {"type": "string"}
NAMED = ("name",)
TASK = _object(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": "tekton.dev/v1"},
    kind={"const": "Task"},
    metadata=_object(NAMED, name=TEXT),
    spec=_object(
        ("steps",),
        description=TEXT,
        params={
            "items": _object(
                ("name", "type"),
                name=TEXT,
                type={"enum": ["string", "array", "object"]},
                description=TEXT,
                default=TEXT,
            )
        },
        workspaces={"items": _object(NAMED, name=TEXT, description=TEXT)},
        results={"items": _object(NAMED, name=TEXT, type=TEXT, description=TEXT)},
        steps={
            "minItems": 1,
            "items": _object(
                ("name", "image"),
                name=TEXT,
                image=TEXT,
                workingDir=TEXT,
                script=TEXT,
                env={"items": _object(("name", "value"), name=TEXT, value=TEXT)},
                securityContext={"type": "object"},
            ),
        },
    ),
)
"""The part of Tekton's v1 API that the task uses; whatever else stands in it is a mistake."""


@pytest.mark.recipes
@pytest.mark.parametrize("path", [ACTION, WORKFLOW])
def test_action_validator_takes_it(path: Path, tmp_path: Path) -> None:
    assert action_validator(path) == ""
    wrong = tmp_path / path.name
    wrong.write_text(path.read_text().replace("uses:", "usess:", 1))
    assert action_validator(wrong)


@pytest.mark.recipes
def test_actionlint_takes_the_workflow(tmp_path: Path) -> None:
    assert actionlint(WORKFLOW, tmp_path) == []
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOW.read_text().replace("steps.harden.outputs", "steps.hardn.outputs"))
    assert any("hardn" in each for each in actionlint(wrong, tmp_path))


def test_the_task_is_one_of_tekton() -> None:
    task = yaml.safe_load((CHECKOUT / "examples/tekton/task.yaml").read_text())
    validator = jsonschema.Draft202012Validator(TASK)
    assert [error.message for error in validator.iter_errors(task)] == []
    task["spec"]["steps"][0]["scrpt"] = "x"
    assert not validator.is_valid(task)


def test_no_recipe_names_more_than_the_task_declares() -> None:
    task = yaml.safe_load((CHECKOUT / "examples/tekton/task.yaml").read_text())
    run = yaml.safe_load((CHECKOUT / "examples/tekton/run.yaml").read_text())
    declared = {each["name"] for each in task["spec"]["params"]}
    assert {each["name"] for each in run["spec"]["params"]} <= declared
    assert run["spec"]["taskRef"]["name"] == task["metadata"]["name"]

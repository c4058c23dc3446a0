"""What a pass makes of a run of the pipeline that failed after the work."""

from pathlib import Path
from typing import Any, cast

import pytest

from careen.errors import CareenError, ToolError
from careen.model.integration import Decision, Mode, Outcome, Step
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.run.settings import Settings
from careen.pipeline.watching.harden import harden_image
from careen.pipeline.watching.image_list import load_list
from careen.pipeline.watching.work import Recipe


def test_a_failure_that_is_none_of_the_delivery_leaves_no_result(tmp_path: Path) -> None:
    path = tmp_path / "images.toml"
    path.write_text('[[image]]\nsource = "web:1"\ntag = "web:2"\nconfig = "careen.toml"\n')
    (watched,) = load_list(path)

    def update(*_: object, **__: object) -> Outcome:
        return Outcome(
            name="web",
            mode=Mode.HARDEN,
            decision=Decision(Step.WHOLE, ("asked for",)),
            image="web:1",
            image_digest="sha256:a",
            result_digest="sha256:r",
            places=("web:2",),
            report=None,
            last=None,
            failure="not attested: wrong key",
            status=ToolError.exit_status,
            evidence=str(tmp_path),
        )

    settings = Settings(tmp_path / "work")
    recipe = Recipe(update, None, FindingPolicy(), settings, tmp_path, tmp_path)
    work = cast("Any", type("Work", (), {"progress": None, "state": tmp_path / "state"}))
    with pytest.raises(CareenError, match="not attested: wrong key"):
        harden_image(watched, recipe, tmp_path / "db", work, again=False, push=True)

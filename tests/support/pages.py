"""`make docs`: write the pages and schemas that are generated from the code."""

from importlib import resources
from pathlib import Path

from careen.plan.catalogue import rule_table
from careen.plan.core.rules import load_rules
from tests.support.schemas import PRINTED, REPORTED, document, file_of

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write each file again."""
    for derived in (*PRINTED, *REPORTED):
        file_of(derived).write_text(document(derived), encoding="utf-8")
    steps = resources.files("careen.evidence.directory").joinpath("verify.md")
    (DOCS / "verify.md").write_bytes(steps.read_bytes())
    (DOCS / "rules.md").write_text(rule_table(load_rules()), encoding="utf-8")


if __name__ == "__main__":
    main()

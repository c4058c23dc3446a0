"""The properties `careen:bod-26-04:…` of a CycloneDX vulnerability; docs/sbom.md lists them."""

import json

from careen.model.findings.questions import Answered


def answer_property(question: str, answered: Answered) -> tuple[str, str]:
    """Return name (without `careen:`) and value: an answer to one of the four questions."""
    value = {"answer": answered.answer.value, "source": answered.source}
    return f"bod-26-04:{question.replace(' ', '_')}", json.dumps(value)

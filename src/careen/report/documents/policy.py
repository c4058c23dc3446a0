"""Writer of `policy.json` (docs/schema/policy-1.schema.json)."""

from dataclasses import fields

from careen.model.policies.policy import Policy
from careen.report.documents.document import masked_json

FILE = "policy.json"
FORMAT = "careen-policy"
VERSION = 1


def policy_json(policy: Policy) -> bytes:
    """Return the document's bytes."""
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            **{field.name: getattr(policy, field.name) for field in fields(policy)},
        }
    )

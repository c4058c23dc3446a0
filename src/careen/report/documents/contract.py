"""Writer of `contract.json` (docs/schema/contract-1.schema.json)."""

from dataclasses import fields

from careen.model.catalog.contract import Contract
from careen.report.documents.document import masked_json

FILE = "contract.json"
FORMAT = "careen-contract"
VERSION = 1


def contract_json(contract: Contract) -> bytes:
    """Return the document's bytes."""
    return masked_json(
        {
            "format": FORMAT,
            "version": VERSION,
            **{field.name: getattr(contract, field.name) for field in fields(contract)},
        }
    )

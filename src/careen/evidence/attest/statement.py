"""in-toto statements (attestation framework 1.0): what is said, and of which image."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import Strict, parse_object
from careen.model.attestations.signed import Subject

STATEMENT = "https://in-toto.io/Statement/v1"
MAX_STATEMENT = 512 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_READ = Strict(ConfigError, "statement")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement: the subject, and a predicate with its type URI."""

    subject: Subject
    predicate_type: str
    predicate: Mapping[str, Any]

    def written(self) -> bytes:
        """Return its JSON, the same for equal statements. Raises ConfigError for other digests."""
        algorithm, _, hexadecimal = self.subject.digest.partition(":")
        if algorithm != "sha256" or not _SHA256.fullmatch(hexadecimal):
            msg = f"{self.subject.digest!r} is not a SHA-256 digest, so no statement can name it"
            raise ConfigError(msg)
        document = {
            "_type": STATEMENT,
            "subject": [{"name": self.subject.name, "digest": {algorithm: hexadecimal}}],
            "predicateType": self.predicate_type,
            "predicate": self.predicate,
        }
        return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def read_statement(data: bytes, where: str) -> Statement:
    """Return the statement in a payload. Raises ConfigError that names `where`."""
    document = parse_object(data, where, ConfigError)
    if document.get("_type") != STATEMENT:
        msg = f"{where}: not an in-toto statement of version 1"
        raise ConfigError(msg)
    try:
        subjects = list(_READ.objects(document.get("subject"), "subject"))
        if len(subjects) != 1:
            _READ.fail("subject", f"expected one subject, got {len(subjects)}")
        place, subject = subjects[0]
        digests = _READ.mapping(subject.get("digest"), place, "digest")
        return Statement(
            Subject(
                _READ.text(subject.get("name", ""), place, "name"),
                f"sha256:{_READ.text(digests.get('sha256'), place, 'digest.sha256')}",
            ),
            _READ.text(document.get("predicateType"), "", "predicateType"),
            _READ.mapping(document.get("predicate"), "", "predicate"),
        )
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error

"""Write the advisories of `advisories.tsv` as OSV's feeds, one for each ecosystem.

    python -m tests.patching.feed DIRECTORY

The frozen feeds that tests use cover Debian, AlmaLinux and PyPI; without this, the images' npm
packages and jars would have no findings. `careen db import DIRECTORY --db FILE` adds them to a
database.
"""

import json
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "advisories.tsv"
MODIFIED = "2026-07-01T00:00:00Z"


def main(folder: str) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for ecosystem, records in read(TABLE.read_text()).items():
        with zipfile.ZipFile(out / f"{ecosystem}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for record in records:
                archive.writestr(f"{record['id']}.json", json.dumps(record))
        print(f"{ecosystem}: {len(records)} advisories")


def read(table: str) -> dict[str, list[dict[str, Any]]]:
    """Return OSV records by ecosystem."""
    out = defaultdict(list)
    for line in table.splitlines():
        if line and not line.startswith("#"):
            name, ecosystem, package, severity, ranges = line.split("\t")
            out[ecosystem].append(
                {
                    "schema_version": "1.6.0",
                    "id": name,
                    "modified": MODIFIED,
                    "affected": [
                        {
                            "package": {"ecosystem": ecosystem, "name": package},
                            "ranges": [
                                {
                                    "type": "SEMVER" if ecosystem == "npm" else "ECOSYSTEM",
                                    "events": _events(each),
                                }
                                for each in ranges.split()
                            ],
                        }
                    ],
                    "database_specific": {"severity": severity},
                }
            )
    return dict(out)


def _events(span: str) -> list[dict[str, str]]:
    introduced, _, end = span.partition("..")
    last = {"last_affected": end[1:]} if end.startswith("=") else {"fixed": end}
    return [{"introduced": introduced}, last]


if __name__ == "__main__":
    main(*sys.argv[1:])

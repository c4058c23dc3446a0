"""Small advisory feeds in the layouts of the real ones, about the packages of the tests' images."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TRACKER: Mapping[str, Any] = {
    "idle": {
        "CVE-2024-1001": {
            "releases": {
                "bookworm": {
                    "status": "open",
                    "repositories": {"bookworm": "1.0-1"},
                    "urgency": "not yet assigned",
                }
            }
        }
    },
    "half": {
        "CVE-2024-1002": {
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "1.0-2",
                    "repositories": {"bookworm": "1.0-1"},
                    "urgency": "medium",
                }
            }
        }
    },
    "service": {
        "CVE-2024-1003": {
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "1.0-1+deb12u1",
                    "repositories": {"bookworm": "1.0-1"},
                    "urgency": "high",
                }
            }
        },
        "CVE-2024-1004": {
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "0",
                    "repositories": {"bookworm": "1.0-1"},
                    "urgency": "high",
                }
            }
        },
    },
}
PYPI = (
    {
        "id": "PYSEC-2024-1",
        "aliases": ["CVE-2024-2001", "GHSA-aaaa-bbbb-cccc"],
        "modified": "2024-05-01T00:00:00Z",
        "published": "2024-04-01T00:00:00Z",
        "summary": "a parser that runs what it reads",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "loader"},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}
                ],
            }
        ],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    },
    {
        "id": "PYSEC-2024-2",
        "aliases": ["CVE-2024-2002"],
        "modified": "2024-05-01T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "loader"},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0"}]}
                ],
            }
        ],
    },
)
KEV = {
    "title": "CISA Catalog of Known Exploited Vulnerabilities",
    "catalogVersion": "2024.06.01",
    "dateReleased": "2024-06-01T00:00:00.0000Z",
    "count": 1,
    "vulnerabilities": [
        {
            "cveID": "CVE-2024-2001",
            "vendorProject": "Example",
            "product": "loader",
            "vulnerabilityName": "loader code execution",
            "dateAdded": "2024-05-20",
            "shortDescription": "it runs what it reads",
            "requiredAction": "update",
            "dueDate": "2024-06-10",
            "knownRansomwareCampaignUse": "Known",
            "notes": "",
        }
    ],
}
EPSS = "#model_version:v2023.03.01,score_date:2024-06-01T00:00:00+0000\ncve,epss,percentile\nCVE-2024-2001,0.94000,0.99900\nCVE-2024-1003,0.00040,0.10000\n"


def write_feeds(folder: Path) -> Path:
    """Write every feed under a name that says nothing; return the folder."""
    folder.mkdir()
    (folder / "one").write_text(json.dumps(TRACKER))
    (folder / "two").write_text("".join(json.dumps(record) + "\n" for record in PYPI))
    (folder / "three").write_text(json.dumps(KEV))
    (folder / "four").write_text(EPSS)
    return folder

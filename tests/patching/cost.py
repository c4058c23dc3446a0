"""What `careen patch` adds to the package managers' own time, side by side in one run.

    python -m tests.patching.cost IMAGE --db FILE [careen patch options …]

careen patches IMAGE first and its report says what was upgraded to what. The floor is then measured
in a container of the same image: apt's update and install of those very versions, and pip's install
of those very Python versions, by hand. Both download everything. The figures are wall-clock
seconds; the ratio is that of survey and patch (which read the difference and write the layer, too)
to the floor.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image")
    known, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        words = [
            "careen",
            "patch",
            known.image,
            "-o",
            f"oci:{folder}/out",
            "--report-dir",
            str(report),
            "--json",
            *options,
        ]
        result = json.loads(subprocess.check_output(words))
    upgrades = [each["upgrade"] for each in result["upgraded"]]
    seconds = result["seconds"]
    floor = by_hand(known.image, upgrades, options)
    ours = seconds["survey"] + seconds["patch"]
    print(
        json.dumps(
            {
                "upgrades": len(upgrades),
                "careen": seconds,
                "by_hand": floor,
                "ratio": round(ours / sum(floor.values()), 2),
            },
            indent=2,
        )
    )


def by_hand(image: str, upgrades: list[dict[str, Any]], options: list[str]) -> dict[str, float]:
    """Do the same upgrades in a container, with the image's own apt and pip."""
    sources = [value for option, value in pairwise(options) if option == "--source"]
    certificates = next(
        (value for option, value in pairwise(options) if option == "--ca"),
        "/etc/ssl/certs/ca-certificates.crt",
    )
    debs = [f"{each['name']}={each['target']}" for each in upgrades if each["manager"] == "apt"]
    wheels = [
        f"{each['name']}=={each['target']}"
        for each in upgrades
        if each["manager"].startswith("python ")
    ]
    container = subprocess.check_output(
        [
            "docker",
            "run",
            "-d",
            "--rm",
            "--user",
            "0:0",
            "-v",
            f"{certificates}:/ca.pem:ro",
            "--entrypoint",
            "sleep",
            image,
            "900",
        ],
        text=True,
    ).strip()
    try:
        out = {}
        if debs:
            text = "\n".join(sources)
            update = (
                "printf '%s\\n' \"$1\" > /etc/apt/sources.list && apt-get -qq update &&"
                f" DEBIAN_FRONTEND=noninteractive apt-get -qq -y install {' '.join(debs)}"
            )
            out["apt"] = timed(["docker", "exec", container, "sh", "-c", update, "sh", text])
        if wheels:
            out["pip"] = timed(
                [
                    "docker",
                    "exec",
                    "-e",
                    "PIP_CERT=/ca.pem",
                    container,
                    "python3",
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "--no-cache-dir",
                    *wheels,
                ]
            )
        return out
    finally:
        subprocess.check_call(["docker", "kill", container], stdout=subprocess.DEVNULL)


def timed(argv: list[str]) -> float:
    begun = time.monotonic()
    subprocess.check_call(argv, stdout=sys.stderr)
    return round(time.monotonic() - begun, 2)


if __name__ == "__main__":
    main()

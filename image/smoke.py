"""Run each verb that needs no privilege, inside careen's image: `python smoke.py`.

The input is a small image of what this container has: Debian's package database and two Python
packages. The standard library is all that this program needs. It ends with 1 at the first surprise.
"""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

DISTRIBUTIONS = ("click", "packaging")
ADVISORY = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "aliases": ["CVE-2020-0001"],
    "modified": "2024-01-01T00:00:00Z",
    "summary": "A record for this check.",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "click"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9999"}]}],
        }
    ],
}
DOCUMENTS = ("json", "sarif", "markdown", "cyclonedx", "cyclonedx-sbom", "spdx", "openvex")


def image(out: Path) -> None:
    """Write a docker-archive with one layer."""
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for path in (Path("/etc/os-release"), Path("/var/lib/dpkg/status")):
            tar.add(path.resolve(), str(path).strip("/"))
        for name in DISTRIBUTIONS:
            for path in sorted(packages.glob(f"{name}*")):
                tar.add(path, f"usr/lib/python3/dist-packages/{path.name}")
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["python3"]},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    config["rootfs"]["diff_ids"] = [f"sha256:{hashlib.sha256(layer.getvalue()).hexdigest()}"]
    manifest = [{"Config": "config.json", "RepoTags": ["smoke:1"], "Layers": ["layer.tar"]}]
    with tarfile.open(out, "w") as tar:
        for name, data in (
            ("config.json", json.dumps(config).encode()),
            ("layer.tar", layer.getvalue()),
            ("manifest.json", json.dumps(manifest).encode()),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def careen(*words: str, ends: tuple[int, ...] = (0,)) -> str:
    """Run careen and return what it printed."""
    done = subprocess.run(["careen", *words], capture_output=True, text=True, check=False)
    print(f"{done.returncode}  careen {' '.join(words)}", flush=True)
    if done.returncode not in ends:
        sys.exit(f"{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        archive, feeds, database = work / "image.tar", work / "feeds", str(work / "advisories.db")
        image(archive)
        feeds.mkdir()
        (feeds / "GHSA-aaaa-bbbb-cccc.json").write_text(json.dumps(ADVISORY))
        careen("--version")
        careen("doctor", ends=(0, 1))  # no engine is here, and it says so
        careen("rules")
        careen("db", "import", str(feeds), "--db", database)
        careen("db", "status", "--db", database, ends=(1,))  # one record is no whole feed
        outputs = [word for kind in DOCUMENTS for word in ("-o", f"{kind}={work / kind}")]
        text = careen("scan", str(archive), "--db", database, *outputs)
        if "CVE-2020-0001" not in text:
            sys.exit(f"the finding is missing:\n{text}")
        for kind in DOCUMENTS:
            if not (work / kind).stat().st_size:
                sys.exit(f"{kind} is empty")
        careen("why", str(archive), "CVE-2020-0001", "--db", database)
        careen("diff", str(archive), str(archive))
        documents = work / "compliance"
        careen("comply", str(archive), "--framework", "cis-docker", "--report-dir", str(documents))
        comply = json.loads((documents / "comply.json").read_bytes())
        secrets = next(
            each for each in comply["assessments"][0]["checks"] if each["check"] == "secrets"
        )
        if secrets["result"] != "pass":  # without gitleaks it is not evaluable
            sys.exit(f"the search for secrets: {secrets}")
        careen("history", str(archive), ends=(0, 1))
    print("smoke: every verb did its work")


if __name__ == "__main__":
    main()

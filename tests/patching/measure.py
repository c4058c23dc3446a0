"""Measure what patching an image comes to: findings before, after `patch`, after `harden --patch
--allow-major`, why each is left, and the time by stage.

    python -m tests.patching.measure IMAGE --db FILE --out DIRECTORY [--test CMD] [--steps
    patch,harden] [careen options …]

Other options go to both commands (--source, --maven, --ca, …). The table is printed; `measure.json`
in DIRECTORY has it with every finding that is left. A finding that the original has not is
`raised`, with the upgrade that brought it. One with a known fix that no reason covers is
`unexplained`: there should be none.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

CAREEN = (sys.executable, "-m", "careen")
UNEXPLAINED, RAISED = "unexplained", "raised"
STEPS = {"patch": ("patch",), "harden": ("harden", "--patch", "--allow-major")}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image")
    parser.add_argument("--db", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--test", default="")
    parser.add_argument("--steps", default=",".join(STEPS))
    known, options = parser.parse_known_args()
    known.out.mkdir(parents=True, exist_ok=True)
    original = scan(known.image, known.db)
    steps = {"original": {"findings": original}}
    for name in known.steps.split(","):
        steps[name] = step(name, known, options)
    out = {name: measured(found, original) for name, found in steps.items()}
    (known.out / "measure.json").write_text(
        json.dumps({"image": known.image, "steps": out}, indent=2) + "\n"
    )
    print(table(known.image, out))


def step(name: str, known: argparse.Namespace, options: list[str]) -> dict[str, Any]:
    """Run one command, and return what is left of findings, what it says of them, and its
    seconds.
    """
    report, layout = known.out / name, f"oci:{known.out / name}-image"
    test = ["--test", known.test] if known.test else []
    words = [
        *CAREEN,
        *STEPS[name],
        known.image,
        "-o",
        layout,
        "--db",
        known.db,
        "--report-dir",
        str(report),
        "--json",
        *test,
        *options,
    ]
    before = processor_seconds()
    with (known.out / f"{name}.json").open("w") as out:
        status = subprocess.call(words, stdout=out)
    used = processor_seconds() - before
    if status:
        return {"failed": status}
    said = json.loads((known.out / f"{name}.json").read_text())
    plan = (
        said["plan"] if name == "patch" else json.loads((report / "plan.json").read_text())["patch"]
    )
    return {
        "findings": scan(layout, known.db),
        "blocked": plan["blocked"],
        "upgrades": plan["upgrades"],
        "seconds": {stage: seconds for stage, seconds in said["seconds"].items() if seconds},
        "processor": round(used, 1),
    }


def processor_seconds() -> float:
    """Return what the programs that this one ran have used of the processors; containers of
    docker are not among them.
    """
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def scan(image: str, db: str) -> list[dict[str, Any]]:
    """Return an image's findings."""
    found: list[dict[str, Any]] = json.loads(
        subprocess.check_output([*CAREEN, "scan", image, "--db", db, "--json"])
    )["findings"]
    return found


def measured(found: dict[str, Any], original: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Count a step's findings by ecosystem and by reason."""
    if "failed" in found:
        return found
    findings = found["findings"]
    out: dict[str, Any] = {
        "findings": len(findings),
        "fixable": sum(1 for each in findings if each["fixed"]),
        "by_ecosystem": dict(Counter(ecosystem(each["package"]) for each in findings)),
    }
    if "blocked" in found:
        reasons = list(with_reason(findings, found["blocked"], found["upgrades"], original))
        out["left"] = dict(Counter(reason for reason, _, _ in reasons).most_common())
        out["details"] = [
            {"reason": reason, "why": why, **brief(each)} for reason, why, each in reasons
        ]
        out["seconds"] = found["seconds"]
        out["processor"] = found.get("processor", 0.0)
    return out


def with_reason(
    findings: Iterable[dict[str, Any]],
    blocked: Iterable[dict[str, Any]],
    upgrades: Sequence[dict[str, Any]],
    original: Iterable[dict[str, Any]],
) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """Yield each finding with the reason that the plan gives for it.

    A plan names a package by its purl before the upgrade; if that is not found, its new version
    decides, or else its name.
    """
    targets = {each["purl"]: each["target"] for each in upgrades}
    exact: dict[tuple[str, str], tuple[str, str]] = {}
    near: dict[tuple[str, str, str], tuple[str, str]] = {}
    loose: dict[tuple[str, str], tuple[str, str]] = {}
    for each in blocked:
        version = targets.get(each["purl"], each["installed"])
        why = each["barrier"], each["detail"]
        for finding in each["findings"]:
            exact[each["purl"], finding] = loose[each["name"], finding] = why
            near[each["name"], version, finding] = why
    before = {(each["name"], one) for each in original for one in (each["id"], *each["aliases"])}
    for each in findings:
        ids = (each["id"], *each["aliases"])
        said = next(
            (exact[each["package"], one] for one in ids if (each["package"], one) in exact), None
        )
        if said is None and not any((each["name"], one) in before for one in ids):
            said = RAISED, raised_by(each, upgrades)
        there = each["name"], each["installed"]
        said = said or next((near[*there, one] for one in ids if (*there, one) in near), None)
        said = said or next(
            (loose[each["name"], one] for one in ids if (each["name"], one) in loose), None
        )
        if said is None:
            said = (UNEXPLAINED, "") if each["fixed"] else ("no fix", "no fixed version is known")
        yield *said, each


def raised_by(finding: dict[str, Any], upgrades: Sequence[dict[str, Any]]) -> str:
    """Say which upgrade brought a finding: its package's, or that of what carries the package."""
    name, version = finding["name"], finding["installed"]
    own = next(
        (each for each in upgrades if (each["name"], each["target"]) == (name, version)), None
    )
    carrying = (
        each
        for each in upgrades
        if each["installed"] and f"/{each['name']}" in unquote(finding["package"].partition("?")[2])
    )
    found = own or next(carrying, None)
    if found is None:
        return f"raised by an upgrade that brings {name} {version}"
    return (
        f"raised by {found['name']} {found['installed']} to {found['target']}"
        if found["installed"]
        else f"raised by {name} {version}, which is new"
    )


def brief(finding: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a finding that tell what it is."""
    return {key: finding[key] for key in ("id", "package", "installed", "fixed", "severity")}


def ecosystem(purl: str) -> str:
    """Return a purl's type."""
    return purl.removeprefix("pkg:").partition("/")[0]


def table(image: str, steps: dict[str, dict[str, Any]]) -> str:
    """Return the figures for people."""
    lines = [image]
    for name, step in steps.items():
        if "failed" in step:
            lines.append(f"  {name:9} failed with status {step['failed']}")
            continue
        ecosystems = ", ".join(
            f"{kind} {count}" for kind, count in sorted(step["by_ecosystem"].items())
        )
        lines.append(
            f"  {name:9} {step['findings']:6,} findings, {step['fixable']:6,} with a known fix"
            f" ({ecosystems})"
        )
        for reason, count in step.get("left", {}).items():
            lines.append(f"      {reason:16} {count:6,}")
        if "seconds" in step:
            lines.append(
                "      seconds: "
                + ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in step["seconds"].items())
                + f"; {step['processor']:.1f} of careen's own processor time"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""The admission policies of deploy/kubernetes, as their controllers read them."""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes" / "admission"


def policy(name: str) -> Any:
    """The one document of a policy's file."""
    return yaml.safe_load((FOLDER / name).read_text())


def cue_policies() -> list[tuple[str, str]]:
    """What policy-controller asks of each attestation: its predicate type, and CUE."""
    (authority,) = policy("policy-controller/cluster-image-policy.yaml")["spec"]["authorities"]
    return [(each["predicateType"], each["policy"]["data"]) for each in authority["attestations"]]

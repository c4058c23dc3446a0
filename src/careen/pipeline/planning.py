"""Plan: decide from the image and its RBOM alone."""

import hashlib

from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.pipeline.settings import PlanChoices
from careen.pipeline.source import Examined
from careen.plan.decide import decide
from careen.plan.policy import Policy
from careen.plan.rules import load_rules
from careen.rbom.store import write_rbom


def make_plan(examined: Examined, bom: RuntimeBom, choices: PlanChoices) -> Plan:
    """Return the plan for this image, RBOM and level. Raises EvidenceError when events were lost or the evidence is too thin for the level."""
    policy = Policy(choices.level, choices.keep, choices.remove, load_rules(choices.rule_files), rbom_sha256(bom))
    return decide(examined.rootfs, examined.inventory, bom, examined.image.config, policy)


def rbom_sha256(bom: RuntimeBom) -> str:
    """Return the sha256 (hex) of the RBOM's document."""
    return hashlib.sha256(write_rbom(bom)).hexdigest()

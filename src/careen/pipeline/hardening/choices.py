"""The user's choices for one run, as its manifest states them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from careen.cryptography.provider_file import MAX_MODULE
from careen.model.runs.masking import masked
from careen.pipeline.findings.finding_policy import MAX_VEX, FindingPolicy
from careen.pipeline.hardening.fips_options import FipsOptions
from careen.pipeline.run.settings import PlanChoices, ProofChoices
from careen.tools.read_file import read_file


def stated_choices(
    plan: PlanChoices,
    proof: ProofChoices,
    findings: FindingPolicy,
    *,
    patch: bool,
    fips: FipsOptions | None = None,
) -> Mapping[str, Any]:
    """Return the choices that decide what stays and what passes; files by their SHA-256.

    Raises ConfigError for a file that cannot be read any more.
    """
    own_rules = sorted(rule.id for rule in plan.rules.rules if rule.id not in plan.rules.own)
    return {
        "level": plan.level.value,
        "keep": [masked(each) for each in plan.keep],
        "remove": [masked(each) for each in plan.remove],
        **_unneeded(plan),
        "rules": own_rules,
        "keep_symbols": plan.keep_symbols,
        "like": plan.like,
        "explore": proof.effort.value,
        "repair_rounds": proof.rounds,
        "min_adequacy": proof.minimum,
        "below_adequacy": proof.below.value,
        "noise": [masked(each) for each in proof.noise],
        "fail_on": [each.text for each in findings.fail_on],
        "vex": [_sha256(path) for path in findings.vex],
        "ignore_file": None if findings.ignore_file is None else _sha256(findings.ignore_file),
        "patch": patch,
        **(_fips(fips) if fips is not None else {}),
    }


def _unneeded(plan: PlanChoices) -> Mapping[str, Any]:
    """Return what incidents remove; nothing without one."""
    globs = [masked(each) for each in plan.remove_unneeded]
    return {"remove_unneeded": globs} if globs else {}


def _fips(options: FipsOptions) -> Mapping[str, Any]:
    stated = {
        "fips": True,
        "fips_module": None if options.module is None else _sha256(options.module, MAX_MODULE),
        "fips_certificate": options.certificate,
        "fips_certificates": None
        if options.certificates is None
        else _sha256(options.certificates),
    }
    return {key: value for key, value in stated.items() if value is not None}


def _sha256(path: Path, limit: int = MAX_VEX) -> str:
    return hashlib.sha256(read_file(path, limit)).hexdigest()

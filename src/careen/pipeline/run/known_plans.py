"""Cache of plans, so that an image is planned once for the same RBOM and choices."""

import json
from dataclasses import asdict
from enum import Enum

import zstandard

from careen.errors import ConfigError
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.pipeline.run.planning import make_plan, rbom_sha256
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import PlanChoices
from careen.pipeline.run.source import Examined
from careen.plan.store import MAX_PLAN, read_plan, write_plan
from careen.tools.cache import code_stamp


def known_plan(examined: Examined, bom: RuntimeBom, choices: PlanChoices, session: Session) -> Plan:
    """Return what `make_plan` returns, from the cache of the session if possible.

    Raises as `make_plan` does.
    """
    cache = session.known.cache
    if cache is None:
        return make_plan(examined, bom, choices)
    # A plan is a function of these. The RBOM names the image.
    digest = rbom_sha256(bom)
    key = ("plan", code_stamp(), examined.image.ref.config_digest, digest, _text(choices))
    packed = cache.get(*key)
    if packed is not None:
        try:
            return _unpacked(packed)
        except (zstandard.ZstdError, ConfigError):
            cache.drop(*key)
    plan = make_plan(examined, bom, choices, digest)
    cache.put(zstandard.ZstdCompressor().compress(write_plan(plan)), *key)
    return plan


def _unpacked(packed: bytes) -> Plan:
    with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
        return read_plan(stream.read(MAX_PLAN + 1))


def _text(choices: PlanChoices) -> str:
    """Return a text that differs for different choices."""
    return json.dumps(asdict(choices), default=_plain, sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    raise TypeError(type(value))

"""Cache of plans, so that an image is planned once for the same RBOM and choices."""

import json
from dataclasses import asdict, dataclass
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
from careen.tools.cache import Cache, code_stamp


def known_plan(examined: Examined, bom: RuntimeBom, choices: PlanChoices, session: Session) -> Plan:
    """Return what `make_plan` returns, from the cache of the session if possible.

    Raises as `make_plan` does.
    """
    cache = session.known.cache
    if cache is None:
        return make_plan(examined, bom, choices)
    plans = KnownPlans(cache, choices)
    config_digest, digest = examined.image.ref.config_digest, rbom_sha256(bom)
    plan = plans.get(config_digest, digest)
    if plan is None:
        plan = make_plan(examined, bom, choices, digest)
        plans.put(plan, config_digest, digest)
    else:
        session.reused.add(plans=1)
    return plan


@dataclass(frozen=True, slots=True)
class KnownPlans:
    """The plans of these choices, by the digests of an image's configuration and of its RBOM.

    A plan is a function of the three, and of careen's code.
    """

    cache: Cache
    choices: PlanChoices

    def key(self, kind: str, config_digest: str, rbom_sha256: str) -> tuple[str, ...]:
        """Return the key of a kind of entry."""
        return (kind, code_stamp(), config_digest, rbom_sha256, choices_text(self.choices))

    def get(self, config_digest: str, rbom_sha256: str) -> Plan | None:
        """Return the plan, or None."""
        key = self.key("plan", config_digest, rbom_sha256)
        packed = self.cache.get(*key)
        if packed is None:
            return None
        try:
            with zstandard.ZstdDecompressor().stream_reader(packed) as stream:
                return read_plan(stream.read(MAX_PLAN + 1))
        except (zstandard.ZstdError, ConfigError):
            self.cache.drop(*key)
            return None

    def put(self, plan: Plan, config_digest: str, rbom_sha256: str) -> None:
        """Record a plan."""
        packed = zstandard.ZstdCompressor().compress(write_plan(plan))
        self.cache.put(packed, *self.key("plan", config_digest, rbom_sha256))


def choices_text(choices: PlanChoices) -> str:
    """Return a text that differs for different choices."""
    return json.dumps(asdict(choices), default=_plain, sort_keys=True)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    raise TypeError(type(value))

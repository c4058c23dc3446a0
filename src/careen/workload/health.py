"""The image's HEALTHCHECK, which careen itself runs on every engine, without a schedule.

As in docker it runs the image's command (the shell form in the image's SHELL) as the container's
user, in its directory and environment, with the image's timeout.
"""

import time
from contextlib import nullcontext
from dataclasses import dataclass

from careen.errors import ToolError
from careen.model.image import ImageConfig
from careen.model.runs.engine import Container
from careen.model.runs.trace import HealthcheckContext
from careen.model.runs.workload import HealthResult
from careen.workload.plain import last_lines

TIMEOUT = 30.0  # docker's defaults
RETRIES = 3
MOST_RETRIES = 10  # the image chooses its number, which may be huge
PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """The health check of a container; a sensor sees that it runs by `marked`."""

    container: Container
    config: ImageConfig
    marked: HealthcheckContext = nullcontext

    def once(self, left: float) -> HealthResult:
        """Run it within its own timeout and `left` seconds; raise ToolError as `exec` does."""
        healthcheck = self.config.healthcheck
        limit = (healthcheck.timeout if healthcheck is not None else 0.0) or TIMEOUT
        with self.marked():
            done = self.container.exec(self.config.healthcheck_argv, max(min(limit, left), 0.1))
        return HealthResult(done.status, done.output)

    def settled(self, limit: float) -> HealthResult | None:
        """Run it until it passes, within `limit` seconds; return None without a HEALTHCHECK.

        It is retried as often as docker does before a container is unhealthy.
        """
        if not self.config.healthcheck_argv:
            return None
        # A check that fails ends early, and the files that it needs to pass are not seen: retry.
        until = time.monotonic() + limit
        result = self._tried(limit, 1)
        while result.status != 0 and result.tries < self._most:
            if (left := until - PAUSE - time.monotonic()) <= 0:
                break
            time.sleep(PAUSE)
            result = self._tried(left, result.tries + 1)
        return result

    @property
    def _most(self) -> int:
        healthcheck = self.config.healthcheck
        asked = healthcheck.retries if healthcheck is not None else 0
        return min(asked, MOST_RETRIES) if asked > 0 else RETRIES

    def _tried(self, left: float, number: int) -> HealthResult:
        try:
            done = self.once(left)
        except ToolError as error:
            return HealthResult(None, last_lines(str(error), 1), number)
        return HealthResult(done.status, done.output, number)


def health_words(result: HealthResult) -> str:
    """Return the outcome in a few words: `fails (7): curl: (7) Failed to connect`."""
    said = last_lines(result.output, 1) or "no output"
    match result.status:
        case 0:
            return "passes"
        case None:
            return f"did not finish in time: {said}"
        case status:
            return f"fails ({status}): {said}"

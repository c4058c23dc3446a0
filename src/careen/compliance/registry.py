"""All checks, by id."""

from collections.abc import Mapping

from careen.compliance.check import Check
from careen.compliance.checks.accounts import passwords
from careen.compliance.checks.configuration import healthcheck, history, user
from careen.compliance.checks.files import setid
from careen.compliance.checks.packages import remote_access

_MODULES = (user, healthcheck, history, passwords, setid, remote_access)
CHECKS: Mapping[str, Check] = {check.id: check for module in _MODULES for check in module.CHECKS}

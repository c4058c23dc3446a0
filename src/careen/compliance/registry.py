"""All checks, by id."""

from collections.abc import Mapping

from careen.compliance.check import Check
from careen.compliance.checks.accounts import homes, identities, passwords
from careen.compliance.checks.configuration import (
    environment,
    healthcheck,
    history,
    origin,
    ports,
    user,
    volumes,
)
from careen.compliance.checks.cryptography import modules, provider
from careen.compliance.checks.files import (
    keys,
    leftovers,
    logs,
    memory,
    modes,
    owners,
    setid,
    umask,
    writable,
)
from careen.compliance.checks.packages import (
    clients,
    downloads,
    integrity,
    release,
    remote_access,
    rpm_signatures,
    services,
    signatures,
    tools,
    trust_store,
    unchanged,
)
from careen.compliance.checks.supply import findings, secrets, used

_MODULES = (
    *(user, healthcheck, history, ports, environment, origin, volumes),
    *(passwords, identities, homes),
    *(setid, writable, owners, modes, logs, keys, memory, umask, leftovers),
    *(
        remote_access,
        services,
        clients,
        tools,
        signatures,
        rpm_signatures,
        downloads,
        release,
        integrity,
        unchanged,
        trust_store,
    ),
    *(findings, used, secrets),
    *(provider, modules),
)
CHECKS: Mapping[str, Check] = {check.id: check for module in _MODULES for check in module.CHECKS}

"""The rung of each module: from what it is, where it gets its algorithms, and the certificates.

`validated` needs all of: name, version and build of an active certificate, with its tested
environments. The same version built by somebody else is vendor-affirmed at most.
"""

import datetime as dt
from collections.abc import Mapping

from careen.cryptography.go_program import KIND as GO
from careen.model.cryptography.certificate import Certificate, Certificates
from careen.model.cryptography.module import (
    CryptoModule,
    Judged,
    Origin,
    Purpose,
    Routing,
    Standing,
)

_HOW: Mapping[Routing, str] = {
    Routing.OPEN: "fails open: FIPS mode is off for it",
    Routing.CLOSED: "fails closed: nothing works",
    Routing.MIXED: "the provider is active, and so are other algorithms",
    Routing.UNKNOWN: "where it gets its algorithms from is not known",
}


class Judge:
    """Judges modules by a list of certificates, on one day."""

    def __init__(self, certificates: Certificates, today: dt.date) -> None:
        self._certificates = certificates
        self._today = today

    def judge(self, module: CryptoModule, *, provider_used: bool) -> Judged:
        """Return a module with its rung; `provider_used`: a configuration loads the provider."""
        if module.purpose is Purpose.PROVIDER:
            return self._provider(module, used=provider_used)
        if module.routing is Routing.ROUTED:
            word = "system's" if module.origin is Origin.SYSTEM else "private"
            return Judged(module, Standing.ROUTED, f"{word} OpenSSL, by {module.detail}")
        if module.kind == GO or module.kind.endswith(("-fips", "boringcrypto")):
            return self._own_module(module)
        if module.routing in _HOW:
            return Judged(module, _plain(module), f"{_HOW[module.routing]} ({module.detail})")
        return Judged(module, _plain(module), _no_way(module))

    def _provider(self, module: CryptoModule, *, used: bool) -> Judged:
        if not used:
            return Judged(
                module, Standing.NONE, "it is in the image, and no configuration activates it"
            )
        found = self._match(module)
        if found is None:
            return Judged(module, Standing.ACTIVE, _unmatched(module))
        return self._certified(module, found)

    def _own_module(self, module: CryptoModule) -> Judged:
        """Judge a module inside a program: it has a mode of its own."""
        on = module.kind != GO or any("fips140=" in each for each in module.settings)
        found = self._match(module) if on else None
        if found is not None:
            return self._certified(module, found)
        if module.kind == GO and not on:
            return Judged(
                module, Standing.PRIVATE, "Go's own code, built without a FIPS mode (GOFIPS140)"
            )
        return Judged(module, Standing.PRIVATE, _unmatched(module))

    def _match(self, module: CryptoModule) -> Certificate | None:
        """Return the certificate of kind and version, the best one first."""
        of_kind = [
            each
            for each in self._certificates.certificates
            if each.kind == module.kind and module.version and module.version in each.versions
        ]
        return min(
            of_kind,
            key=lambda each: (
                not each.is_active(self._today),
                module.sha256 not in each.builds,
                each.number,
            ),
            default=None,
        )

    def _certified(self, module: CryptoModule, found: Certificate) -> Judged:
        name = f"certificate {found.number} ({found.standard})"
        if not found.is_active(self._today):
            rung = Standing.ACTIVE if module.purpose is Purpose.PROVIDER else Standing.PRIVATE
            return Judged(module, rung, f"{name} is not active any more", found)
        if module.sha256 not in found.builds:
            return Judged(
                module,
                Standing.VENDOR_AFFIRMED,
                f"version {module.version} of {name}; the list does not have this build",
                found,
            )
        if not found.environments:
            return Judged(
                module,
                Standing.VENDOR_AFFIRMED,
                f"the build of {name}; the list states no tested environment",
                found,
            )
        where = "; ".join(found.environments)
        return Judged(module, Standing.VALIDATED, f"the build of {name}, tested on: {where}", found)


def _plain(module: CryptoModule) -> Standing:
    return Standing.NONE if module.origin is Origin.SYSTEM else Standing.PRIVATE


def _unmatched(module: CryptoModule) -> str:
    if not module.version:
        return "it states no version, so that no certificate can be matched"
    return f"no certificate of the list has version {module.version}"


def _no_way(module: CryptoModule) -> str:
    """Return why a module cannot be served by OpenSSL's FIPS provider."""
    if module.purpose is Purpose.PROTOCOL:
        return "a protocol in code of its own, on the cryptography of a module beside it"
    if module.purpose is Purpose.HASHES:
        return "computes hashes itself, in FIPS mode too"
    if module.origin is Origin.SYSTEM:
        return "a library of its own, which OpenSSL's FIPS provider does not serve"
    return "has algorithms of its own, which cannot be routed"

"""The rung of each module: from what it is, where it gets its algorithms, and the certificates.

`validated` needs all of: name, version and build of an active certificate, with its tested
environments. The same version built by somebody else is vendor-affirmed at most.
"""

import datetime as dt
from collections.abc import Mapping

from careen.cryptography.go_program import KIND as GO
from careen.cryptography.go_program import is_on
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
    """Judges modules by a list of certificates, on one day.

    `stated` is the number that the user says the FIPS provider has.
    """

    def __init__(
        self, certificates: Certificates, today: dt.date, stated: int | None = None
    ) -> None:
        self._certificates = certificates
        self._today = today
        self._stated = stated

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
        if not found:
            return Judged(module, Standing.ACTIVE, _unmatched(module))
        return self._certified(module, found)

    def _own_module(self, module: CryptoModule) -> Judged:
        """Judge a module inside a program: it has a mode of its own."""
        if module.kind == GO and not is_on(module.settings):
            settings = ", ".join(module.settings) or "built without GOFIPS140"
            return Judged(module, Standing.PRIVATE, f"Go's own code, FIPS mode is off ({settings})")
        if found := self._match(module):
            return self._certified(module, found)
        return Judged(module, Standing.PRIVATE, _unmatched(module))

    def _match(self, module: CryptoModule) -> list[Certificate]:
        """Return the certificates of kind and version that are equally good, by number."""
        of_kind = [
            each
            for each in self._certificates.certificates
            if each.kind == module.kind and module.version and module.version in each.versions
        ]

        def rank(each: Certificate) -> tuple[bool, bool, bool]:
            return (
                not each.is_active(self._today),
                module.sha256 not in each.builds,
                each.number != self._stated or module.purpose is not Purpose.PROVIDER,
            )

        best = min((rank(each) for each in of_kind), default=None)
        found = [each for each in of_kind if rank(each) == best]
        return sorted(found, key=lambda each: each.number)

    def _certified(self, module: CryptoModule, matching: list[Certificate]) -> Judged:
        """Judge by certificates of one rank; which of several it is, careen does not know."""
        found = matching[0]
        one = found if len(matching) == 1 else None
        name = " or ".join(f"{each.number} ({each.standard}, {each.module})" for each in matching)
        name = f"certificate {name}"
        if not found.is_active(self._today):
            rung = Standing.ACTIVE if module.purpose is Purpose.PROVIDER else Standing.PRIVATE
            return Judged(module, rung, f"{name} is not active any more", one)
        if module.sha256 not in found.builds:
            return Judged(
                module,
                Standing.VENDOR_AFFIRMED,
                f"version {module.version} of {name}; the list does not have this build, and does"
                " not say that anybody affirms it",
                one,
            )
        if one is None or not one.environments:
            return Judged(
                module,
                Standing.VENDOR_AFFIRMED,
                f"the build of {name}; the list states no one tested environment",
                one,
            )
        where = "; ".join(one.environments)
        return Judged(module, Standing.VALIDATED, f"the build of {name}, tested on: {where}", one)


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

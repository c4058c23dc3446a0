"""An OpenSSL configuration with FIPS mode on, from the one that an image has."""

import re

from careen.cryptography.openssl_text import Assignment, Heading, statements

INIT, PROVIDERS, FIPS, BASE, ALGORITHMS = (
    "careen_fips_init",
    "careen_fips_providers",
    "fips_sect",
    "careen_fips_base",
    "careen_fips_algorithms",
)
_HEADING = "# FIPS mode, turned on by careen harden --fips"
_OURS = ("openssl_conf", "config_diagnostics")
_REPLACED = ("providers", "alg_section", "engines")
_SECTION = re.compile(r"\[\s{0,40}([^\]\s]{1,200})\s{0,40}\]")
_ASSIGNED = re.compile(r"(?:(\w{1,200})::)?([\w.]{1,200})\s{0,40}=")

# What `openssl fipsinstall -pedantic` of 3.5 writes: every check of an approved use is an error.
# A provider that does not know a key ignores it.
_CHECKS = (
    "conditional-errors",
    "security-checks",
    "hmac-key-check",
    "kmac-key-check",
    "tls1-prf-ems-check",
    "no-short-mac",
    "drbg-no-trunc-md",
    "signature-digest-check",
    "hkdf-digest-check",
    "tls13-kdf-digest-check",
    "tls1-prf-digest-check",
    "sshkdf-digest-check",
    "sskdf-digest-check",
    "x963kdf-digest-check",
    "dsa-sign-disabled",
    "tdes-encrypt-disabled",
    "rsa-pkcs15-pad-disabled",
    "rsa-pss-saltlen-check",
    "rsa-sign-x931-pad-disabled",
    "hkdf-key-check",
    "kbkdf-key-check",
    "tls13-kdf-key-check",
    "tls1-prf-key-check",
    "sshkdf-key-check",
    "sskdf-key-check",
    "x963kdf-key-check",
    "x942kdf-key-check",
    "pbkdf2-lower-bound-check",
    "ecdh-cofactor-check",
)


def fips_module(mac: str) -> bytes:
    """Return a `fipsmodule.cnf` for a provider with this MAC.

    It states no result of a self-test: the provider tests itself whenever it is loaded.
    """
    checks = "".join(f"{name} = 1\n" for name in _CHECKS)
    text = f"[{FIPS}]\nactivate = 1\ninstall-version = 1\n{checks}module-mac = {mac}\n"
    return text.encode("ascii")


def with_fips(original: bytes, include: str) -> bytes:
    """Return a configuration with FIPS mode on, and the rest of the original.

    `include` is the path of the provider's `fipsmodule.cnf`. What the original loads beside
    providers (`ssl_conf`) stays. Raises ImageError for a line that OpenSSL would not take.
    """
    text = original.decode("utf-8", "surrogateescape")
    kept: list[str] = []
    section = "default"
    for line in text.split("\n"):  # as OpenSSL: other ends of a line are part of it
        if match := _SECTION.match(line.lstrip()):
            section = match[1]
        assigned = _ASSIGNED.match(line.lstrip())
        ours = (
            assigned is not None and (assigned[1] or section) == "default" and assigned[2] in _OURS
        )
        # A .include could bring back what is replaced here: only ours of fipsmodule.cnf counts.
        again = line.strip().startswith(".include") and "fipsmodule" in line
        kept.append(f"# {line}" if ours or again or section == FIPS else line)
    head = f"{_HEADING}\nconfig_diagnostics = 1\nopenssl_conf = {INIT}\n\n"
    moved = "".join(f"{name} = {value}\n" for name, value in _initialised(original))
    tail = (
        f"\n[{INIT}]\nproviders = {PROVIDERS}\nalg_section = {ALGORITHMS}\n{moved}"
        f"\n[{PROVIDERS}]\nfips = {FIPS}\nbase = {BASE}\n"
        f"\n[{BASE}]\nactivate = 1\n"
        f"\n[{ALGORITHMS}]\ndefault_properties = fips=yes\n"
        f"\n.include {include}\n"
    )
    return (head + "\n".join(kept) + "\n" + tail).encode("utf-8", "surrogateescape")


def _initialised(original: bytes) -> list[tuple[str, str]]:
    """Return what the original's own first section loads, without providers and engines."""
    sections: dict[str, dict[str, str]] = {}
    section = "default"
    for line in statements(original):
        if isinstance(line, Heading):
            section = line.section
        elif isinstance(line, Assignment):
            sections.setdefault(line.section or section, {})[line.name] = line.value
    first = sections.get("default", {}).get("openssl_conf", "")
    own = {} if first == INIT else sections.get(first, {})
    # OpenSSL reads `providers.2` as `providers`.
    return [
        (name, value)
        for name, value in own.items()
        if name not in _REPLACED and name.rpartition(".")[0] not in _REPLACED
    ]

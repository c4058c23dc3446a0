"""Roots with cryptography, made of small files: copies of OpenSSL, a FIPS provider, Go programs."""

import datetime as dt
from collections.abc import Mapping
from io import BytesIO

from careen.cryptography.certificates import load_certificates
from careen.cryptography.find import find_cryptography
from careen.cryptography.mac import module_mac
from careen.cryptography.standing import Judge
from careen.inventory.scan import scan, scan_contents
from careen.model.cryptography.certificate import Certificates
from careen.model.cryptography.module import CryptoInventory, CryptoModule, Judged
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs
from tests.support.elf_bytes import elf
from tests.support.trees import tree

TODAY = dt.date(2026, 11, 30)
MODULES = "/usr/lib/x86_64-linux-gnu/ossl-modules"
SYSTEM = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"
WHEEL = "/usr/lib/python3/site-packages/cryptography/_rust.abi3.so"
CONF = "/etc/ssl/openssl.cnf"
CONF_AND_MODULES = {"OPENSSL_CONF": CONF, "OPENSSL_MODULES": MODULES}
PADDING = bytes(300)


def openssl(version: str, directory: str, modules: str) -> bytes:
    """Return a library with its own OpenSSL."""
    text = (
        f'OpenSSL {version} 29 Sep 2026\0OPENSSLDIR: "{directory}"\0MODULESDIR: "{modules}"\0'
    ).encode()
    return elf({".rodata": PADDING + text + PADDING})


def provider(version: str = "3.5.9") -> bytes:
    """Return a FIPS provider."""
    text = f"provider=fips,fips=yes\0OpenSSL FIPS Provider\0buildinfo\0{version}\0status\0"
    return elf({".rodata": PADDING + text.encode() + PADDING})


def fips_conf(mac: str, *, more: str = "", properties: str = "fips=yes") -> str:
    """Return an openssl.cnf that turns FIPS mode on."""
    return (
        "config_diagnostics = 1\nopenssl_conf = init  # on\n[ init ]\nproviders = list\n"
        f"alg_section = algorithms\n[list]\nfips = fips_sect\nbase = base_sect\n{more}\n"
        "[base_sect]\nactivate = 1\n[algorithms]\n"
        f"default_properties = {properties}\n[fips_sect]\nactivate = 1\nmodule-mac = {mac}\n"
    )


def fips_root(**more: str | bytes) -> Rootfs:
    """Return a root with system OpenSSL in FIPS mode and a wheel with its own OpenSSL.

    `more` are files by their last name: `conf`, `provider`.
    """
    fips = more.get("provider", provider())
    mac = module_mac(BytesIO(fips if isinstance(fips, bytes) else fips.encode()))
    return tree(
        {
            SYSTEM: openssl("3.5.9", "/usr/lib/ssl", MODULES),
            WHEEL: openssl("4.0.3", "/opt/pyca/openssl", "/opt/pyca/openssl/lib64/ossl-modules"),
            f"{MODULES}/fips.so": fips,
            CONF: more.get("conf", fips_conf(mac)),
            "/usr/lib/ssl/openssl.cnf": fips_conf(mac),
        }
    )


def inspect(
    rootfs: Rootfs,
    environment: Mapping[str, str] | None = None,
    certificates: Certificates | None = None,
    bom: RuntimeBom | None = None,
) -> CryptoInventory:
    """Return the cryptography of a root on TODAY."""
    known = certificates if certificates is not None else load_certificates(None, TODAY)
    judge = Judge(known, TODAY)
    stock = scan_contents(rootfs, scan(rootfs))
    return find_cryptography(rootfs, stock, environment or {}, judge, bom)


def by_path(found: CryptoInventory, path: str) -> Judged:
    """Return the only module of a file."""
    (module,) = [each for each in found.modules if each.module.path == path]
    return module


def modules(files: Mapping[str, bytes]) -> list[CryptoModule]:
    """Return the modules of some files."""
    return [each.module for each in inspect(tree(files)).modules]

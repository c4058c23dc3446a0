"""Where copies of OpenSSL get their algorithms from: open, closed, routed, as measured on real ones."""

from io import BytesIO
from typing import BinaryIO

import pytest

from careen.cryptography.mac import module_mac
from careen.model.cryptography.module import Routing, Standing
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support import crypto_images as made
from tests.support.elf_bytes import elf
from tests.support.trees import Link, tree


def routing(root: Rootfs, path: str, environment: dict[str, str]) -> Routing:
    return made.by_path(made.inspect(root, environment), path).module.routing


def test_private_copy_fails_open_without_variables() -> None:
    found = made.inspect(made.fips_root())
    wheel = made.by_path(found, made.WHEEL)
    assert (wheel.module.routing, wheel.standing) == (Routing.OPEN, Standing.PRIVATE)
    assert wheel.reason.startswith("fails open: FIPS mode is off for it (its /opt/pyca/openssl/")
    assert made.by_path(found, made.SYSTEM).standing is Standing.ROUTED
    provider = made.by_path(found, f"{made.MODULES}/fips.so")
    assert (provider.standing, provider.certificate) == (Standing.ACTIVE, None)


def test_private_copy_fails_closed_without_its_modules() -> None:
    found = made.inspect(made.fips_root(), {"OPENSSL_CONF": made.CONF})
    wheel = made.by_path(found, made.WHEEL)
    assert (wheel.module.routing, wheel.standing) == (Routing.CLOSED, Standing.PRIVATE)
    assert "/opt/pyca/openssl/lib64/ossl-modules/fips.so" in wheel.reason


def test_private_copy_is_routed_by_both_variables() -> None:
    found = made.inspect(made.fips_root(), made.CONF_AND_MODULES)
    assert made.by_path(found, made.WHEEL).standing is Standing.ROUTED
    assert found.environment == tuple(made.CONF_AND_MODULES.items())
    assert [each.module.path for each in found.outside] == []


def test_mac_of_another_provider_fails_closed() -> None:
    root = made.fips_root(conf=made.fips_conf("00:11"))
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.CLOSED


def test_configuration_without_a_mac_fails_closed() -> None:
    root = made.fips_root(conf=made.fips_conf(""))
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.CLOSED


@pytest.mark.parametrize(
    "change",
    [{"more": "default = base_sect"}, {"properties": ""}, {"properties": "?fips=yes"}],
)
def test_other_algorithms_beside_the_provider(change: dict[str, str]) -> None:
    text = made.fips_conf(module_mac(BytesIO(made.provider())), **change)
    root = made.fips_root(conf=text)
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.MIXED


def test_provider_that_nothing_activates_is_none() -> None:
    root = tree(
        {
            made.SYSTEM: made.openssl("3.5.9", "/usr/lib/ssl", made.MODULES),
            f"{made.MODULES}/fips.so": made.provider(),
        }
    )
    found = made.inspect(root)
    assert made.by_path(found, f"{made.MODULES}/fips.so").standing is Standing.NONE
    assert made.by_path(found, made.SYSTEM).standing is Standing.NONE


def test_only_the_provider_that_is_loaded_is_active() -> None:
    mac = module_mac(BytesIO(made.provider()))
    root = tree(
        {
            made.SYSTEM: made.openssl("3.5.9", "/usr/lib/ssl", made.MODULES),
            f"{made.MODULES}/fips.so": made.provider(),
            "/opt/other/fips.so": made.provider("3.1.2"),
            "/usr/lib/ssl/openssl.cnf": made.fips_conf(mac),
        }
    )
    found = made.inspect(root)
    assert made.by_path(found, f"{made.MODULES}/fips.so").standing is Standing.ACTIVE
    assert made.by_path(found, "/opt/other/fips.so").standing is Standing.NONE


def test_old_openssl_takes_no_provider() -> None:
    root = tree({made.WHEEL: made.openssl("1.1.1", "/etc/ssl", "/x")})
    module = made.by_path(made.inspect(root, made.CONF_AND_MODULES), made.WHEEL).module
    assert (module.routing, module.can_be_routed) == (Routing.IMPOSSIBLE, False)


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ("/etc/real/other/fips.cnf", Routing.ROUTED),
        ("other/fips.cnf", Routing.UNKNOWN),  # OpenSSL takes the working directory
    ],
)
def test_include_and_a_link_are_followed(include: str, expected: Routing) -> None:
    text = made.fips_root().read(ImagePath("/usr/lib/ssl/openssl.cnf"), 9999).decode()
    files: dict[str, bytes | str | None] = {
        made.WHEEL: made.openssl("4.0.3", "/opt/x", "/opt/y"),
        f"{made.MODULES}/fips.so": made.provider(),
        made.CONF: Link("../real/openssl.cnf"),
        "/etc/real/openssl.cnf": f".include = {include}\n",
        "/etc/real/other/fips.cnf": text,
    }
    assert routing(tree(files), made.WHEEL, made.CONF_AND_MODULES) is expected


@pytest.mark.parametrize(
    "text",
    [
        "openssl_conf = init\n[init]\nproviders = list\n[list]\nfips = fips_sect\n",
        "openssl_conf = init\n[init]\nproviders = $where\n",
        ".include /etc/ssl/fipsmodule.cnf\nopenssl_conf = init\n[init]\nproviders=l\n[l]\nfips=f\n",
    ],
)
def test_what_is_not_resolved_is_unknown(text: str) -> None:
    assert routing(made.fips_root(conf=text), made.WHEEL, made.CONF_AND_MODULES) is Routing.UNKNOWN


def test_includes_that_go_in_circles_end() -> None:
    root = made.fips_root(conf=f".include {made.CONF}\n.include /etc/ssl\n")
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.UNKNOWN


def test_huge_configuration_is_unknown() -> None:
    root = made.fips_root(conf="#\n" * (1 << 20))
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.UNKNOWN
    root = made.fips_root(conf="a=b\n" * 20_001)
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.UNKNOWN


@pytest.mark.parametrize(
    ("conf", "modules", "expected"),
    [
        ("../../etc/x", made.MODULES, Routing.UNKNOWN),
        (made.CONF, "relative", Routing.UNKNOWN),
        ("", made.MODULES, Routing.OPEN),  # OpenSSL reads no configuration then
        (made.CONF, "", Routing.CLOSED),  # `/fips.so`
    ],
)
def test_variables_that_are_relative_or_empty(conf: str, modules: str, expected: Routing) -> None:
    environment = {"OPENSSL_CONF": conf, "OPENSSL_MODULES": modules}
    assert routing(made.fips_root(), made.WHEEL, environment) is expected


def test_another_provider_in_the_place_of_the_fips_provider_is_unknown() -> None:
    legacy = elf({".rodata": made.PADDING + b"legacy"})
    text = made.fips_conf(module_mac(BytesIO(legacy))) + "module = /usr/lib/legacy.so\n"
    root = tree(
        {
            made.WHEEL: made.openssl("4.0.3", "/opt/x", "/opt/y"),
            made.CONF: text,
            "/usr/lib/legacy.so": legacy,
        }
    )
    assert routing(root, made.WHEEL, made.CONF_AND_MODULES) is Routing.UNKNOWN


def test_provider_past_the_limit_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careen.cryptography.routing.MAX_MODULE", 64)
    assert routing(made.fips_root(), made.SYSTEM, {}) is Routing.UNKNOWN


def test_provider_of_many_copies_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def counted(stream: BinaryIO) -> str:
        hashed.append(module_mac(stream))
        return hashed[-1]

    monkeypatch.setattr("careen.cryptography.routing.module_mac", counted)
    made.inspect(made.fips_root(), made.CONF_AND_MODULES)
    assert len(hashed) == 1


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ('ID=debian\nVERSION_ID="13"\n', Routing.OPEN),
        ("ID=ubuntu\nVERSION_ID=24.04\n", Routing.UNKNOWN),
    ],
)
def test_openssl_that_follows_the_kernel_is_not_said_to_be_off(
    release: str, expected: Routing
) -> None:
    files: dict[str, bytes | str | None] = {
        "/etc/os-release": release,
        "/var/lib/dpkg/status": (
            "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0\n"
            "Description: x\n\n"
        ),
        "/var/lib/dpkg/info/libssl3.list": f"/.\n{made.SYSTEM}\n",
        made.SYSTEM: made.openssl("3.0.13", "/usr/lib/ssl", made.MODULES),
    }
    module = made.by_path(made.inspect(tree(files)), made.SYSTEM).module
    assert module.owners != ()
    assert module.routing is expected

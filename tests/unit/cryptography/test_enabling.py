"""What turns FIPS mode on: each copy of OpenSSL is led to a provider of its own, by bytes alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.cryptography.certificates import load_certificates
from careen.cryptography.enabling import fips_changes
from careen.cryptography.provider_file import check_certificate, given_provider, own_provider
from careen.errors import ImageError, InputError
from careen.model.cryptography.fips import FipsChanges
from careen.model.cryptography.module import Routing
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support import crypto_images as made
from tests.support.elf_bytes import elf
from tests.support.plans import elf as linked
from tests.support.trees import Link, MemoryContent, tree

DEBIAN = "HOME = .\nopenssl_conf = openssl_init\n[openssl_init]\nproviders = p\nssl_conf = ssl\n[p]\ndefault = d\n[d]\nactivate = 1\n[ssl]\nsystem_default = s\n[req]\nbits = 2048\n"
PYCA = "/opt/pyca/openssl"


def plain_root(**more: bytes | str | None) -> Rootfs:
    """Return a root with OpenSSL, a provider, and a wheel with its own OpenSSL; no FIPS mode."""
    files: dict[str, bytes | str | None] = {
        made.SYSTEM: made.openssl("3.5.9", "/usr/lib/ssl", made.MODULES),
        made.WHEEL: made.openssl("4.0.3", PYCA, f"{PYCA}/lib64/ossl-modules"),
        f"{made.MODULES}/fips.so": made.provider(),
        made.CONF: DEBIAN,
        "/usr/lib/ssl/openssl.cnf": Link("../../../etc/ssl/openssl.cnf"),
    }
    return tree({**files, **more})


def changes(root: Rootfs, environment: dict[str, str] | None = None) -> FipsChanges:
    inventory = made.inspect(root, environment)
    found = own_provider(root, inventory)
    assert found is not None
    return fips_changes(root, inventory, environment or {}, *found)


def applied(root: Rootfs, done: FipsChanges) -> Rootfs:
    """Return a root with the changes."""
    files: dict[str, bytes | str | None] = {}
    for entry in root:
        if entry.is_symlink:
            files[entry.path] = Link(entry.target)
        elif entry.is_file:
            files[entry.path] = root.read(entry.path, 1 << 20)
    return tree({**files, **{each.path: each.content for each in done.files}})


def routes(root: Rootfs, environment: dict[str, str]) -> dict[str, Routing]:
    return {
        each.module.path: each.module.routing
        for each in made.inspect(root, environment).modules
        if each.module.kind == "openssl"
    }


def test_every_copy_is_routed_with_and_without_the_variable() -> None:
    root = plain_root()
    assert set(routes(root, {}).values()) == {Routing.OPEN}
    done = changes(root)
    new = applied(root, done)
    for environment in ({}, dict(done.environment)):
        assert set(routes(new, environment).values()) == {Routing.ROUTED}


def test_private_copy_gets_a_file_of_its_own() -> None:
    done = changes(plain_root())
    paths = {each.path for each in done.files}
    assert paths == {
        "/etc/ssl/fipsmodule.cnf",
        made.CONF,
        f"{PYCA}/openssl.cnf",
        f"{PYCA}/lib64/ossl-modules/fips.so",
    }
    assert done.environment == {"OPENSSL_CONF": made.CONF}
    new = applied(plain_root(), done)
    wheel = made.by_path(made.inspect(new, dict(done.environment)), made.WHEEL)
    assert "second gets no algorithm" not in wheel.reason


def test_two_copies_with_one_file_are_told() -> None:
    root = plain_root(**{"/opt/b.so": made.openssl("3.6.5", PYCA, f"{PYCA}/lib64/ossl-modules")})
    done = changes(root)
    assert any("the second gets no algorithm" in note for note in done.notes)
    found = made.inspect(applied(root, done), dict(done.environment))
    assert (
        "in a process with both, the second gets no algorithm"
        in made.by_path(found, made.WHEEL).reason
    )


def test_rest_of_the_configuration_stays() -> None:
    done = changes(plain_root())
    (text,) = (each.content for each in done.files if each.path == made.CONF)
    assert text is not None
    lines = text.decode().splitlines()
    assert "bits = 2048" in lines
    assert "ssl_conf = ssl" in lines[lines.index("[careen_fips_init]") :]
    assert "# openssl_conf = openssl_init" in lines


def test_twice_is_the_same_as_once() -> None:
    once = applied(plain_root(), changes(plain_root()))
    twice = applied(once, changes(once))
    assert set(routes(twice, {}).values()) == {Routing.ROUTED}


def test_variables_of_the_image_give_way() -> None:
    environment = {"OPENSSL_CONF": "/opt/x.cnf", "OPENSSL_MODULES": "/opt/m", "PATH": "/bin"}
    done = changes(plain_root(), environment)
    assert done.environment == {"OPENSSL_CONF": made.CONF}
    assert done.dropped == ("OPENSSL_MODULES",)
    assert [note.partition(" ")[0] for note in done.notes] == ["OPENSSL_CONF", "OPENSSL_MODULES"]


@pytest.mark.parametrize(
    "place", ["/tmp/x", "relative", "/proc/self", "/etc/passwd/x", "/a/../b", "/link"]
)
def test_no_file_is_placed_where_a_copy_should_not_look(place: str) -> None:
    files: dict[str, bytes | str | None] = {
        "/opt/b.so": made.openssl("3.6.5", place, f"{place}/m"),
        "/etc/passwd": "root",
        "/link": Link("tmp/y"),
    }
    root = plain_root(**files)
    done = changes(root)
    assert any(
        note.startswith("/opt/b.so: its OpenSSL looks for its files in") for note in done.notes
    )
    assert not any(each.path.startswith(place) for each in done.files)


def test_configuration_that_is_a_directory() -> None:
    root = plain_root(**{made.CONF: None})
    with pytest.raises(ImageError, match="no regular file"):
        changes(root)


def test_given_provider(tmp_path: Path) -> None:
    root = tree({made.SYSTEM: made.openssl("3.5.9", "/usr/lib/ssl", made.MODULES)})
    file = tmp_path / "fips.so"
    file.write_bytes(made.provider("3.1.2"))
    provider, data = given_provider(file, "amd64", root, made.inspect(root))
    assert (provider.path, provider.version) == (f"{made.MODULES}/fips.so", "3.1.2")
    done = fips_changes(root, made.inspect(root), {}, provider, data)
    assert ImagePath(f"{made.MODULES}/fips.so") in {each.path for each in done.files}
    known = load_certificates(None, made.TODAY)
    assert check_certificate(4985, provider, known, made.TODAY).number == 4985


@pytest.mark.parametrize(
    ("data", "architecture", "complaint"),
    [
        (b"text", "amd64", "not an ELF file"),
        (elf({".rodata": made.PADDING}), "amd64", "not a FIPS provider of OpenSSL"),
        (made.provider(), "arm64", "for another processor"),
    ],
)
def test_wrong_provider_is_one_clear_line(
    tmp_path: Path, data: bytes, architecture: str, complaint: str
) -> None:
    root = tree({})
    file = tmp_path / "fips.so"
    file.write_bytes(data)
    with pytest.raises(InputError, match=complaint) as raised:
        given_provider(file, architecture, root, made.inspect(root))
    assert str(raised.value).startswith(f"--fips-module '{file}'")


@pytest.mark.parametrize("there", ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/ld-musl-x86_64.so.1"])
def test_provider_for_another_c_library_is_one_clear_line(tmp_path: Path, there: str) -> None:
    root, file = tree({there: b"x"}), tmp_path / "fips.so"
    text = b"provider=fips,fips=yes\0OpenSSL FIPS Provider\0buildinfo\x003.1.2\0status\0"
    file.write_bytes(linked(("libc.so.6",), text=made.PADDING + text + made.PADDING))
    if there.endswith("libc.so.6"):
        assert given_provider(file, "amd64", root, made.inspect(root))[0].version == "3.1.2"
        return
    said = r"linked with libc\.so\.6, which the image does not have; give a fips\.so that is built"
    with pytest.raises(InputError, match=said):
        given_provider(file, "amd64", root, made.inspect(root))


@pytest.mark.parametrize(
    ("number", "complaint"), [(1, "does not have it"), (4282, "covers .* 3.0.8, 3.0.9, and the")]
)
def test_certificate_of_another_provider(number: int, complaint: str) -> None:
    root = plain_root()
    found = own_provider(root, made.inspect(root))
    assert found is not None
    with pytest.raises(InputError, match=f"--fips-cert {number}: .*{complaint}"):
        check_certificate(number, found[0], load_certificates(None, made.TODAY), made.TODAY)


def test_certificate_that_is_not_active_is_refused() -> None:
    root = plain_root(**{f"{made.MODULES}/fips.so": made.provider("3.0.9")})
    found = own_provider(root, made.inspect(root))
    assert found is not None
    known = load_certificates(None, made.TODAY)
    with pytest.raises(InputError, match="--fips-cert 4811: it is not active on 2026-11-30"):
        check_certificate(4811, found[0], known, made.TODAY)


def owned_by_others(root: Rootfs, *paths: str) -> Rootfs:
    """Return a root in which user 1000 owns these paths, and all may write there."""
    entries = {each.path: each for each in root}
    data = {each.path: root.read(each.path, 1 << 20) for each in root if each.is_file}
    for path in map(ImagePath, paths):
        entries[path] = replace(entries[path], uid=1000, gid=1000, mode=0o666)
    return Rootfs(entries, MemoryContent(data))


def test_configuration_that_the_workload_could_write_is_roots() -> None:
    fips = f"{made.MODULES}/fips.so"
    done = changes(owned_by_others(plain_root(), made.CONF, fips))
    written = {each.path: (each.uid, each.gid, each.mode) for each in done.files}
    assert written[ImagePath(made.CONF)] == (0, 0, 0o644)
    assert written[ImagePath(fips)] == (0, 0, 0o644)
    for path in (made.CONF, fips):
        assert any(
            note.startswith(f"{path}: was of user 1000 with mode 0666") for note in done.notes
        )


def test_directory_that_the_workload_can_write_is_named() -> None:
    done = changes(owned_by_others(plain_root(), "/etc/ssl"))
    assert f"{made.CONF}: others than root can write in /etc/ssl, and replace it" in done.notes
    assert not any("can write" in note for note in changes(plain_root()).notes)


def test_no_configuration_is_placed_where_others_write() -> None:
    root = tree({f"{made.MODULES}/fips.so": made.provider()})
    done = changes(root, {"OPENSSL_CONF": "/tmp/ssl.cnf"})
    assert not any(each.path.startswith("/tmp") for each in done.files)
    assert done.environment == {"OPENSSL_CONF": made.CONF}
    assert any(note.startswith("/tmp/ssl.cnf: OpenSSL looks for") for note in done.notes)


def test_no_provider_is_placed_where_others_write() -> None:
    files = {
        made.SYSTEM: made.openssl("3.5.9", "/usr/lib/ssl", "/tmp/m"),
        "/opt/fips.so": made.provider(),
    }
    with pytest.raises(ImageError, match=r"/tmp/m/fips.so: .* where others can write"):
        changes(tree(files))


def test_links_by_which_openssl_finds_its_files_are_known() -> None:
    assert changes(plain_root()).links == ("/usr/lib/ssl/openssl.cnf",)


def test_other_ends_of_a_line_make_no_configuration_of_a_comment() -> None:
    done = changes(plain_root(**{made.CONF: "# note\fopenssl_conf = x\n"}))
    (text,) = (each.content for each in done.files if each.path == made.CONF)
    assert text is not None
    assert b"\n# note\fopenssl_conf = x\n" in text


def test_first_section_that_another_section_names_gives_way() -> None:
    root = plain_root(**{made.CONF: f"{DEBIAN}default::openssl_conf = openssl_init\n"})
    assert set(routes(applied(root, changes(root)), {}).values()) == {Routing.ROUTED}


def test_configuration_that_openssl_would_drop_is_refused() -> None:
    with pytest.raises(ImageError, match="a line that careen does not know: 'no sign'"):
        changes(plain_root(**{made.CONF: "no sign\n"}))

"""Implementations of cryptography are known by their own code, never by a word that names them."""

import zlib
from dataclasses import replace

import pytest

from careen.cryptography import budget, search
from careen.model.cryptography.module import Origin, Purpose, Routing, Standing
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from tests.support import crypto_images as made
from tests.support.elf_bytes import elf
from tests.support.trees import MemoryContent, tree
from tests.support.triage import bom, use

CRATES = b"/root/.cargo/registry/src/example.com-1949cf8c6b5b557f/"


def found(text: bytes, path: str = "/opt/app/thing.so", section: str = ".rodata") -> list[str]:
    """Return `kind version` of what one file has."""
    data = elf({section: made.PADDING + text + made.PADDING})
    return [f"{each.kind} {each.version}".strip() for each in made.modules({path: data})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'OpenSSL 3.5.8 25 Aug 2026\0OPENSSLDIR: "/x"\0', ["openssl 3.5.8"]),
        (b'OpenSSL 1.1.1k  FIPS 25 Mar 2021\0OPENSSLDIR: "/x"\0', ["openssl 1.1.1k"]),
        (b"AWS-LC 5.12.0\0crt/aws-lc/crypto/fipsmodule/bn/random.c\0", ["aws-lc 5.12.0"]),
        (b"aws_lc_0_45_0_BN_is_odd(n)\0", ["aws-lc"]),
        (b"aws_lc_fips_0_13_10_BN_is_odd(n)\0", ["aws-lc-fips"]),
        (b"external/boringssl/src/crypto/fipsmodule/bn/random.c\0", ["boringssl"]),
        (b"crypto_secretbox_xsalsa20poly1305\0\x001.0.22\0", ["libsodium 1.0.22"]),
        (b"\0ring_core_0_17_14__bn_mul_mont\0", ["ring 0.17.14"]),
        (CRATES + b"ring-0.17.14/src/hkdf.rs\0", ["ring 0.17.14"]),
        (CRATES + b"rustls-0.23.46/src/lib.rs\0", ["rustls 0.23.46"]),
        (
            CRATES + b"blowfish-0.9.1/src/lib.rs" + CRATES + b"sha2-0.10.9/src/x.rs",
            ["rustcrypto"],
        ),
        (b"Mbed TLS 3.6.2\0", ["mbedtls 3.6.2"]),
        (b"\0_sha2.SHA256Type\0", ["python-hashes"]),
    ],
)
def test_implementation_by_its_own_code(text: bytes, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("section", [".const", ".data.rel.ro", ".text"])
def test_constants_in_a_section_of_another_name_are_searched(section: str) -> None:
    text = b'OpenSSL 3.5.8 25 Aug 2026\0OPENSSLDIR: "/x"\0'
    assert found(text, section=section) == ["openssl 3.5.8"]


@pytest.mark.parametrize(
    "text",
    [
        b"OpenSSL 3.5.8 25 Aug 2026\0",  # a program that prints the version of a library
        b"OPENSSLDIR: n/a\0",
        b"failed to load BoringSSL, AWS-LC or OpenSSL 3.0.0\0",
        b"aws_lc_rs::default_provider().install_default()\0",  # a hint of rustls
        b"strstr(AWS-LC, expected_version)\0aws_lc_thread_local_state\0",
        CRATES + b"serde-1.0.219/src/lib.rs\0",
        b"/registry/src/a/ring-not-a-version/lib.rs\0",
    ],
)
def test_a_name_alone_is_no_implementation(text: bytes) -> None:
    assert found(text) == []


def test_openssl_of_one_file_with_two_versions_has_none() -> None:
    text = b'OpenSSL 3.5.8 25 Aug 2026\0OpenSSL 3.0.2 15 Mar 2022\0OPENSSLDIR: "/x"\0'
    assert found(text) == ["openssl"]


def test_directories_that_were_compiled_in() -> None:
    (module,) = made.modules({made.WHEEL: made.openssl("4.0.3", "/opt/pyca", "/opt/pyca/lib64")})
    assert (module.configuration, module.modules) == ("/opt/pyca", "/opt/pyca/lib64")
    assert module.origin is Origin.PRIVATE
    assert module.evidence == "'OpenSSL 4.0.3 29 Sep 2026' in .rodata"
    assert len(module.sha256) == 64


def test_version_is_not_cut_at_the_end_of_a_window() -> None:
    gap = b"x" * (256 - len(b"ring_core_0_17_1") - len(b"ring_core_"))
    assert found(b"ring_core_" + gap + b"ring_core_0_17_14_x\0") == ["ring 0.17.14"]


def test_text_at_the_border_of_two_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    from careen.formats.elf import file as elf_file

    monkeypatch.setattr(elf_file, "CHUNK", 310)
    assert found(b'OpenSSL 3.5.8 25 Aug 2026\0OPENSSLDIR: "/x"\0') == ["openssl 3.5.8"]


def test_pycryptodome_by_its_files_once() -> None:
    files = {
        f"/usr/lib/python3/site-packages/Crypto/Cipher/_raw_{name}.abi3.so": elf(
            {".text": bytes(600)}
        )
        for name in ("aes", "des", "ecb")
    }
    (module,) = made.modules(files)
    assert (module.kind, module.purpose) == ("pycryptodome", Purpose.PRIMITIVES)


def test_system_libraries_by_their_path() -> None:
    library = elf({".text": b"x" * 600})
    names = ("libgnutls.so.30", "libgcrypt.so.20", "libnettle.so.8", "libsoftokn3.so")
    found = made.modules({f"/usr/lib/x86_64-linux-gnu/{name}": library for name in names})
    assert [each.kind for each in found] == ["libgcrypt", "gnutls", "nettle", "nss"]
    assert {each.origin for each in found} == {Origin.SYSTEM}


def test_what_is_named_after_a_library_is_no_library() -> None:
    names = ("libgnutls30.so.md5sums", "libgnutls-dane0t64:amd64.symbols", "libsodium.conf")
    assert made.modules({f"/var/lib/dpkg/info/{name}": b"x" * 600 for name in names}) == []


def test_text_and_archives_of_that_name_are_no_libraries() -> None:
    files = {
        "/var/lib/dpkg/info/libgnutls30t64:amd64.symbols": b"libgnutls.so.30 x\n" * 60,
        "/usr/lib/x86_64-linux-gnu/libgnutls.a": b"!<arch>\n" + bytes(600),
        "/usr/lib/x86_64-linux-gnu/libgnutls-dane.so.0": elf({".text": bytes(600)}),
        "/etc/libgcrypt.so.conf": b"x" * 600,
    }
    assert made.modules(files) == []


def test_java_by_its_configuration() -> None:
    path = "/usr/lib/jvm/java-21/conf/security/java.security"
    (module,) = made.modules({path: b"security.provider.1=SUN\n" * 40})
    assert (module.kind, module.origin) == ("java", Origin.PRIVATE)


def test_modules_of_many_files_count_once() -> None:
    library = elf({".rodata": made.PADDING + b"_sha256.sha256\0" + made.PADDING})
    folder = "/usr/local/lib/python3.11/lib-dynload"
    names = ("_sha256", "_md5", "_blake2")
    (module,) = made.modules({f"{folder}/{name}.cpython-311.so": library for name in names})
    assert module.kind == "python-hashes"


def go_program(settings: str, functions: bytes, go: str = "go1.24.4") -> bytes:
    """Return a Go program; `settings` are lines of its build information."""
    text = b"0123456789abcdef" + f"path\tx\n{settings}".encode() + b"\n0123456789abcdef"
    head = b"\xff Go buildinf:\x08\x02" + bytes(16)
    info = head + _counted(go.encode()) + _counted(text)
    return elf({".go.buildinfo": info, ".gopclntab": functions})


def _counted(data: bytes) -> bytes:
    size, out = len(data), b""
    while size >= 0x80:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size]) + data


FIPS = "build\tDefaultGODEBUG=fips140=on\nbuild\tGOFIPS140=v1.0.0"


@pytest.mark.parametrize(
    ("settings", "functions", "go", "expected"),
    [
        ("", b"crypto/internal/fips140/sha256.block", "go1.24.4", ("go", "", Standing.PRIVATE)),
        ("", b"crypto/aes.encrypt", "go1.20", ("go", "", Standing.PRIVATE)),
        (FIPS, b"crypto/aes.encrypt", "go1.24.4", ("go", "v1.0.0", Standing.VENDOR_AFFIRMED)),
        (
            "build\tDefaultGODEBUG=fips140=on\nbuild\tGOFIPS140=latest",
            b"crypto/aes.encrypt",
            "go1.25.1",
            ("go", "", Standing.PRIVATE),
        ),
        (
            "build\tDefaultGODEBUG=fips140=off\nbuild\tGOFIPS140=v1.0.0",
            b"crypto/aes.encrypt",
            "go1.24.4",
            ("go", "v1.0.0", Standing.PRIVATE),
        ),
        (
            f"build\tDefaultGODEBUG={'a=1,' * 60}fips140=on\nbuild\tGOFIPS140=v1.0.0",
            b"crypto/aes.encrypt",
            "go1.24.4",
            ("go", "v1.0.0", Standing.VENDOR_AFFIRMED),
        ),
        (
            "",
            b"crypto/internal/boring._Cfunc__goboringcrypto_AES",
            "go1.22.3 X:boringcrypto",
            ("go-boringcrypto", "", Standing.PRIVATE),
        ),
    ],
)
def test_go_programs(
    settings: str, functions: bytes, go: str, expected: tuple[str, str, Standing]
) -> None:
    root = tree({"/app": go_program(settings, functions + bytes(600), go)})
    (judged,) = made.inspect(root).modules
    assert (judged.module.kind, judged.module.version, judged.standing) == expected


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("a=1,fips140=off", Standing.PRIVATE),
        ("fips140=off,fips140=only", Standing.VENDOR_AFFIRMED),
        ("a=1", Standing.VENDOR_AFFIRMED),
    ],
)
def test_variable_of_the_image_decides_on_the_mode_of_go(variable: str, expected: Standing) -> None:
    root = tree({"/app": go_program(FIPS, b"crypto/aes.encrypt" + bytes(600))})
    (judged,) = made.inspect(root, {"GODEBUG": variable}).modules
    assert judged.standing is expected


def test_go_program_without_cryptography() -> None:
    assert made.modules({"/app": go_program("", b"fmt.Println" + bytes(600))}) == []


def test_crates_that_cargo_auditable_lists() -> None:
    crates = b'{"packages": [{"name": "ring", "version": "0.17.8"}, {"name": "serde", "version": "1.0.1"}]}'
    (module,) = made.modules({"/app": elf({".dep-v0": zlib.compress(crates), ".x": bytes(600)})})
    assert (module.kind, module.version) == ("ring", "0.17.8")


def test_what_cannot_be_read_is_unknown() -> None:
    broken = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\xff" * 600
    found = made.inspect(tree({"/app/broken.so": broken}))
    assert found.modules == ()
    assert [each.path for each in found.unknowns] == ["/app/broken.so"]


def test_what_a_limit_left_out_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_PER_FILE", 64)
    found = made.inspect(tree({made.WHEEL: made.openssl("4.0.3", "/a", "/b")}))
    assert found.modules == ()
    assert "only a part was searched" in found.unknowns[0].reason


def test_budget_of_the_image() -> None:
    left = budget.SearchBudget(searched=10, hashed=10)
    assert (left.take(8), left.take(8), left.take(8)) == (8, 2, 0)
    assert (left.may_hash(8), left.may_hash(8), left.may_hash(2)) == (True, False, True)


def test_hostile_text_stays_on_one_line() -> None:
    text = b'OpenSSL 3.5.8 25 Aug 2026\0OPENSSLDIR: "/x\n<script>=cmd|\xff"\0'
    data = elf({".rodata": made.PADDING + text})
    (module,) = made.modules({"/opt/a.so": data})
    assert "\n" not in module.evidence
    assert module.configuration == "/x\n<script>=cmd|\\xff"
    assert module.routing is not Routing.ROUTED


def test_executed_needs_an_rbom() -> None:
    (module,) = made.modules({made.WHEEL: made.openssl("4.0.3", "/a", "/b")})
    assert module.executed is None
    assert module.path == ImagePath(made.WHEEL)


def test_file_that_ran_by_its_other_hard_link_was_executed() -> None:
    data = made.openssl("4.0.3", "/a", "/b")
    other = ImagePath("/zz/link.so")
    both = tree({made.WHEEL: data, other: data})
    first = both[ImagePath(made.WHEEL)]
    entries = {each.path: each for each in both}
    entries[other] = replace(first, path=other)
    root = Rootfs(entries, MemoryContent({ImagePath(made.WHEEL): data, other: data}))
    (judged,) = made.inspect(root, bom=bom({other: use(Use.MAPPED)})).modules
    assert (judged.module.path, judged.module.executed) == (made.WHEEL, True)

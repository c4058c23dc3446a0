"""Native libraries are known by what they say themselves, never by a name that resembles one."""

import re
import struct

import pytest

from careen.formats.elf import file as elf_file
from careen.inventory import inside, natives
from careen.inventory.port import Found
from careen.inventory.scan import scan, scan_contents
from careen.inventory.signatures import signatures
from careen.model.packages.package import Presence
from careen.model.paths import ImagePath
from tests.support.elf_bytes import elf, exporting
from tests.support.trees import tree


def found(data: bytes, path: str = "/opt/lib/thing.so") -> Found:
    rootfs = tree({path: data})
    return inside.find(rootfs, scan(rootfs))


def purls(result: Found) -> list[str]:
    return [item.purl for item in result.packages]


def reasons(result: Found) -> list[str]:
    return [item.reason for item in result.unknowns]


@pytest.mark.parametrize(
    ("text", "purl"),
    [
        (b'OpenSSL 3.0.15 3 Sep 2024\0OPENSSLDIR: "/usr"', "pkg:generic/openssl@3.0.15"),
        (b"OpenSSL 1.1.1k  FIPS 25 Mar 2021\0OPENSSLDIR: ", "pkg:generic/openssl@1.1.1k"),
        (b"OpenSSL 1.0.2u-fips  20 Dec 2019\0OPENSSLDIR: ", "pkg:generic/openssl@1.0.2u"),
        (
            b" deflate 1.2.11 Copyright 1995-2017 Jean-loup Gailly and Mark Adler ",
            "pkg:generic/zlib@1.2.11",
        ),
        (b" inflate 1.3.1 Copyright 1995-2024 Mark Adler ", "pkg:generic/zlib@1.3.1"),
        (b"libjpeg-turbo version 2.1.5.1 (build 20230208)", "pkg:generic/libjpeg-turbo@2.1.5.1"),
        (b" libpng version 1.6.37\0 Too many IDATs", "pkg:generic/libpng@1.6.37"),
        (b"LIBTIFF, Version 4.5.0\nCopyright (c)", "pkg:generic/libtiff@4.5.0"),
        (b"\0expat_2.5.0\0", "pkg:generic/expat@2.5.0"),
        (b"libcurl/7.88.1\0Couldn't resolve host", "pkg:generic/curl@7.88.1"),
        (b"\x001.0.8, 13-Jul-2019\0", "pkg:generic/bzip2@1.0.8"),
        (b"FFmpeg version n4.4.2\0", "pkg:generic/ffmpeg@4.4.2"),
        (b"OpenBLAS 0.3.21.dev  NO_LAPACKE DYNAMIC_ARCH", "pkg:generic/openblas@0.3.21"),
        (b"KRB5_BRAND: krb5-1.20.1-final 1.20.1 20221115", "pkg:generic/krb5@1.20.1"),
        (
            b"\x0010.42 2022-12-11\0unrecognized character after (? or (?-\0",
            "pkg:generic/pcre2@10.42",
        ),
        (b"AOMedia Project AV1 Encoder v3.6.0\0", "pkg:generic/aom@3.6.0"),
        (b"SSH-2.0-libssh2_1.10.0\0", "pkg:generic/libssh2@1.10.0"),
    ],
)
def test_library_by_its_own_version_string(text: bytes, purl: str) -> None:
    result = found(elf({".rodata": b"\0" * 200 + text + b"\0"}))
    assert purls(result) == [purl]
    (package,) = result.packages
    assert package.presence is Presence.EMBEDDED
    assert package.evidence.startswith("version string ")
    assert package.version in package.evidence
    assert package.evidence.endswith(" in .rodata")


def test_libxml2_by_the_only_number_of_its_form_that_stands_alone() -> None:
    own = b"xmlParseStartTag: problem merging namespaces"
    result = found(elf({".rodata": own + b"\x0021406\0" + b"x20914\0"}))
    assert purls(result) == ["pkg:generic/libxml2@2.14.6"]
    assert result.packages[0].evidence == "version string '21406' in .rodata"
    assert purls(found(elf({".rodata": own + b"\x0020914-GITv2.9.14\0"}))) == [
        "pkg:generic/libxml2@2.9.14"
    ]
    assert purls(found(elf({".rodata": b"\x0021406\0"}))) == []
    two = found(elf({".rodata": own + b"\x0021406\0" + b"\x0020914\0"}))
    assert (purls(two), reasons(two)) == (
        [],
        ["libxml2 is inside, but it names 2 versions: 2.14.6, 2.9.14"],
    )


def test_program_that_only_prints_a_librarys_version_does_not_hold_it() -> None:
    result = found(
        elf(
            {
                ".rodata": (
                    b"compiled with OpenSSL 3.0.15 3 Sep 2024, running libcurl/8.0.1,"
                    b" nghttp2/1.50.0\x0010.42 2022-12-11\0"
                )
            }
        )
    )
    assert (purls(result), reasons(result)) == ([], [])


def test_name_gives_identity_but_no_version() -> None:
    result = found(
        elf({".rodata": b"nothing"}),
        "/usr/lib/python3/site-packages/x.libs/libcrypto-fb8d5b21.so.1.1.1k",
    )
    assert purls(result) == []
    assert reasons(result) == ["openssl, by the file's name; its version is not stated"]


def test_bundled_library_that_nothing_is_known_of_is_an_unknown() -> None:
    result = found(elf({".rodata": b"nothing"}), "/app/x.libs/libXau-154567c4.so.6.0.0")
    assert reasons(result) == [
        "a bundled copy of libXau, by its name; it states no version in a form that is known"
    ]
    assert reasons(found(elf({".rodata": b"nothing"}), "/app/x/module.so")) == []


def test_recognised_library_without_a_version_is_an_unknown() -> None:
    result = found(elf({".rodata": b"OpenSSL 1.1.1 (compatible; BoringSSL)\0OPENSSL_internal\0"}))
    assert purls(result) == []
    assert reasons(result) == [
        "boringssl is inside, as its own texts show, but its version is not stated"
    ]


def test_table_of_versions_is_no_version() -> None:
    table = b"\0".join(b"expat_2.%d.0" % i for i in range(9))
    result = found(elf({".rodata": b"\0" + table + b"\0"}))
    assert purls(result) == []
    assert reasons(result) == [
        "expat is inside, but it names 9 versions: 2.0.0, 2.1.0, 2.2.0, 2.3.0, 2.4.0"
    ]


def x86_number(number: int) -> bytes:
    return b"\xb8" + struct.pack("<I", number) + b"\xc3"


def test_version_that_a_function_returns_as_a_number() -> None:
    assert purls(found(exporting({"WebPGetDecoderVersion": x86_number(0x010302)}, {}))) == [
        "pkg:generic/libwebp@1.3.2"
    ]
    assert purls(
        found(exporting({"BrotliDecoderVersion": b"\xf3\x0f\x1e\xfa" + x86_number(0x1000009)}, {}))
    ) == ["pkg:generic/brotli@1.0.9"]
    assert purls(found(exporting({"cmsGetEncodedCMMversion": x86_number(2161)}, {}))) == [
        "pkg:generic/lcms2@2.16.1"
    ]
    assert purls(found(exporting({"PQlibVersion": x86_number(150003)}, {}))) == [
        "pkg:generic/libpq@15.3"
    ]


def test_version_that_a_function_returns_as_a_text() -> None:
    lea = (
        b"\x48\x8d\x05" + struct.pack("<i", 64 - 7) + b"\xc3"
    )  # what lies 64 bytes after the function
    result = found(exporting({"ZSTD_versionString": lea, "unrelated": b"1.5.2\0"}, {}))
    assert purls(result) == ["pkg:generic/zstd@1.5.2"]
    assert result.packages[0].evidence == "the function ZSTD_versionString says '1.5.2'"


def test_version_on_aarch64() -> None:
    mov = struct.pack("<III", 0x52800000 | 0x0302 << 5, 0x72A00000 | 0x0001 << 5, 0xD65F03C0)
    assert purls(found(exporting({"WebPGetDecoderVersion": mov}, {}, machine=183))) == [
        "pkg:generic/libwebp@1.3.2"
    ]
    text = struct.pack(
        "<III", 0x90000000, 0x91000000 | (128 + 64) << 10, 0xD65F03C0
    )  # adrp of its own page, add of an offset in it
    assert purls(
        found(exporting({"ZSTD_versionString": text, "unrelated": b"1.5.2\0"}, {}, machine=183))
    ) == ["pkg:generic/zstd@1.5.2"]


def test_function_that_does_more_than_return_a_constant_says_nothing() -> None:
    assert (
        purls(found(exporting({"WebPGetDecoderVersion": b"\x31\xc0" + x86_number(0x010302)}, {})))
        == []
    )
    assert purls(found(exporting({"WebPGetDecoderVersion": b"\xb8\x02\x03"}, {}))) == []


def test_python_says_its_version_in_a_constant_and_older_ones_between_nul_bytes() -> None:
    new = found(
        exporting({"Py_Version": struct.pack("<I", 0x030B09F0)}, {}),
        "/usr/local/lib/libpython3.11.so.1.0",
    )
    assert purls(new) == ["pkg:generic/python@3.11.9"]
    assert new.packages[0].presence is Presence.INSTALLED
    assert purls(
        found(
            exporting({"Py_Version": struct.pack("<I", 0x030E00C2)}, {}),
            "/usr/local/bin/python3.14",
        )
    ) == ["pkg:generic/python@3.14.0rc2"]
    old = elf({".rodata": b"PYTHONHOME\0" + b"\0" + b"3.9.18\0" + b"3.90.1\0"})
    assert purls(found(old, "/usr/local/lib/libpython3.9.so.1.0")) == ["pkg:generic/python@3.9.18"]


def test_node_and_what_is_linked_into_it() -> None:
    text = (
        b"node.js/v20.11.1\0 deflate 1.3.0.1 Copyright 1995-2023 Jean-loup Gailly \0OpenSSL 3.0.13"
        b" 30 Jan 2024\0OPENSSLDIR: \0"
    )
    result = found(elf({".rodata": b"\0" * 100 + text}), "/usr/local/bin/node")
    assert sorted(purls(result)) == [
        "pkg:generic/node@20.11.1",
        "pkg:generic/openssl@3.0.13",
        "pkg:generic/zlib@1.3.0.1",
    ]
    assert {item.name: item.presence for item in result.packages} == {
        "node": Presence.INSTALLED,
        "openssl": Presence.EMBEDDED,
        "zlib": Presence.EMBEDDED,
    }


def test_compiler_writes_itself_into_the_comment() -> None:
    rust = b"GCC: (GNU) 10.2.1 20210130\0rustc version 1.80.1 (3f5fd8dd4 2024-08-06)\0"
    assert purls(found(elf({".comment": rust}))) == ["pkg:generic/rust@1.80.1"]
    assert purls(
        found(
            elf({".comment": b"GCC: (GNU) 12.2.1 20221121\0"}),
            "/app/x.libs/libgomp-a34b3233.so.1.0.0",
        )
    ) == ["pkg:generic/libgomp@12.2.1"]
    two = b"GCC: (GNU) 12.2.1 20221121\0GCC: (GNU) 4.8.5 20150623\0"
    assert reasons(found(elf({".comment": two}), "/app/x.libs/libgomp-a34b3233.so.1.0.0")) == [
        "libgomp, by the file's name; its version is not stated"
    ]


def test_library_in_two_files_is_one_package_with_both() -> None:
    data = elf({".rodata": b"\0expat_2.5.0\0"})
    rootfs = tree({"/a.so": data, "/b.so": data})
    (package,) = inside.find(rootfs, scan(rootfs)).packages
    assert (package.record, package.files) == ("/a.so", ("/a.so", "/b.so"))


STATUS = (
    "Package: libexpat1\nStatus: install ok installed\nVersion: 2.5.0-1+deb12u1\nArchitecture:"
    " amd64\n"
)


def test_file_of_a_distribution_is_its_packages_word() -> None:
    data = elf({".rodata": b"\0expat_2.5.0\0"})
    rootfs = tree(
        {
            "/usr/lib/libexpat.so.1": data,
            "/opt/libexpat.so.1": data,
            "/var/lib/dpkg/status": STATUS,
            "/var/lib/dpkg/info/libexpat1.list": "/usr/lib/libexpat.so.1\n",
        }
    )
    inventory = scan_contents(rootfs, scan(rootfs))
    assert {purl: package.files for purl, package in inventory.packages.items()} == {
        "pkg:deb/debian/libexpat1@2.5.0-1%2Bdeb12u1?arch=amd64": (
            ImagePath("/usr/lib/libexpat.so.1"),
        ),
        "pkg:generic/expat@2.5.0": (ImagePath("/opt/libexpat.so.1"),),
    }


def test_packed_program_is_an_unknown() -> None:
    data = bytearray(elf({".rodata": b"x" * 600}))
    data[0x90:0x94] = b"UPX!"
    assert reasons(found(bytes(data), "/bin/packed")) == [
        "packed with UPX: what is inside is not known"
    ]


def test_every_signature_has_a_source_and_a_way_to_know_it() -> None:
    names = [item.name for item in signatures()]
    assert len(names) == len(set(names))
    for item in signatures():
        assert item.source, item.name
        assert item.version or item.returns or item.present or item.comment or item.files, item.name
        assert (item.version is None) == (item.find == b""), item.name
        if item.version is not None:
            assert item.version.groups >= 1, item.name
            assert re.search(
                re.escape(item.find.strip()), re.sub(rb"\\(.)", rb"\1", item.version.pattern)
            ) or item.name in {
                "zlib",
                "pcre2",
                "bzip2",
                "jemalloc",
            }, item.name


def test_search_that_stops_at_its_limit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(natives, "MAX_PER_FILE", 100)
    result = found(elf({".rodata": bytes(200) + b"\0expat_2.5.0\0"}))
    assert purls(result) == []
    assert reasons(result) == [
        (
            "native libraries inside: only 100 of the 213 bytes of .rodata were searched, as the limit"
            " is reached"
        )
    ]


def test_version_text_across_two_pieces_of_a_large_file_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elf_file, "CHUNK", 256)
    assert all(
        purls(found(elf({".rodata": bytes(240 + i) + b"\0expat_2.5.0\0" + bytes(300)})))
        == ["pkg:generic/expat@2.5.0"]
        for i in range(30)
    )

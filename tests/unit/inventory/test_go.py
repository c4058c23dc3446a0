"""Go build information and cargo-auditable lists in crafted programs: both forms, and every way in
which they can lie.
"""

import json
import struct
import zlib

import pytest

from careen.formats.go_build import linker_variables
from careen.inventory import inside
from careen.inventory.inside_budget import MAX_UNPACKED
from careen.inventory.port import Found
from careen.inventory.scan import scan
from tests.support.elf_bytes import address_of, elf
from tests.support.trees import Exec, tree

pytestmark = pytest.mark.slow

MAGIC = b"\xff Go buildinf:"
MARK, END = (
    bytes.fromhex("3077af0c9274080241e1c107e6d618e6"),
    bytes.fromhex("f932433186182072008242104116d8f2"),
)


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def inline(go: str, *lines: str) -> bytes:
    text = MARK + "".join(f"{line}\n" for line in lines).encode() + END if lines else b""
    return (
        (MAGIC + b"\x08\x02").ljust(32, b"\0")
        + varint(len(go))
        + go.encode()
        + varint(len(text))
        + text
    )


def found(data: bytes) -> Found:
    rootfs = tree({"/app": Exec(data)})
    return inside.find(rootfs, scan(rootfs))


def program(*lines: str, go: str = "go1.22.3") -> Found:
    return found(elf({".go.buildinfo": inline(go, *lines)}))


def versions(result: Found) -> dict[str, str]:
    return {item.name: item.version for item in result.packages}


def reasons(result: Found) -> list[str]:
    return [item.reason for item in result.unknowns]


def test_inline_form() -> None:
    result = program(
        "path\texample.org/a/cmd",
        "mod\texample.org/a\tv1.0.0\th1:x=",
        "dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:y=",
    )
    assert versions(result) == {
        "stdlib": "1.22.3",
        "example.org/a": "v1.0.0",
        "github.com/BurntSushi/toml": "v1.3.2",
    }
    assert [item.purl for item in result.packages] == [
        "pkg:golang/stdlib@1.22.3",
        "pkg:golang/example.org/a@v1.0.0",
        "pkg:golang/github.com/BurntSushi/toml@v1.3.2",
    ]
    assert reasons(result) == []


@pytest.mark.parametrize(("order", "flag"), [("<", 0), (">", 1)])
def test_form_with_pointers_of_go_before_1_18(order: str, flag: int) -> None:
    go, text = (
        b"go1.17.13",
        MARK + b"path\tx\nmod\texample.org/a\tv1.0.0\t\ndep\texample.org/b\tv0.2.0\t\n" + END,
    )
    sections = {".go.buildinfo": bytes(32), ".data": bytes(32), ".rodata": go + text}
    data, texts = address_of(sections, ".data"), address_of(sections, ".rodata")
    sections[".go.buildinfo"] = (
        MAGIC + bytes([8, flag]) + struct.pack(f"{order}QQ", data, data + 16)
    )
    sections[".data"] = struct.pack(f"{order}QQQQ", texts, len(go), texts + len(go), len(text))
    assert versions(found(elf(sections))) == {
        "stdlib": "1.17.13",
        "example.org/a": "v1.0.0",
        "example.org/b": "v0.2.0",
    }


def test_replaced_modules_are_what_was_built() -> None:
    result = program(
        "path\tx",
        "mod\tx\tv1.0.0\t",
        "dep\texample.org/b\tv0.2.0\t",
        "=>\texample.net/c\tv0.3.0\th1:",
        "dep\texample.org/d\tv4.0.0\t",
        "=>\t../d\t(devel)\t",
    )
    assert versions(result) == {
        "stdlib": "1.22.3",
        "x": "v1.0.0",
        "example.net/c": "v0.3.0",
        "example.org/d": "(devel)",
    }
    assert reasons(result) == [
        (
            "the version of the Go module example.org/d is not known: it was built from a working copy"
            " and says (devel)"
        )
    ]


def test_commit_gives_the_main_modules_pseudo_version() -> None:
    settings = (
        "build\tvcs=git",
        "build\tvcs.revision=0123456789abcdef0123456789abcdef01234567",
        "build\tvcs.time=2024-05-06T07:08:09Z",
    )
    assert (
        versions(program("mod\tx.org/a\t(devel)\t", *settings))["x.org/a"]
        == "v0.0.0-20240506070809-0123456789ab"
    )
    assert (
        versions(program("mod\tx.org/a\t(devel)\t", *settings, "build\tvcs.modified=true"))[
            "x.org/a"
        ]
        == "v0.0.0-20240506070809-0123456789ab+dirty"
    )


@pytest.mark.parametrize(
    ("flags", "version"),
    [
        ("-s -w -X main.version=1.2.3", "v1.2.3"),
        ("-X 'main.Version=v1.2.3' -X 'main.date=2024-01-01'", "v1.2.3"),
        ("-X=x.org/a/internal.gitVersion=v2.0.0-rc.1", "v2.0.0-rc.1"),
        ("-X other.org/lib.Version=9.9.9", "(devel)"),
        ("-X x.org/ab.Version=9.9.9", "(devel)"),
        ("-X main.version=1.2.3 -X x.org/a/cmd.Version=1.2.4", "(devel)"),
        ("-X main.version=unknown", "(devel)"),
        ("-X main.minimumVersion=1.2.3", "(devel)"),
    ],
)
def test_version_from_the_linkers_flags_only_where_it_is_certain(flags: str, version: str) -> None:
    assert (
        versions(program("mod\tx.org/a\t(devel)\t", f'build\t-ldflags="{flags}"'))["x.org/a"]
        == version
    )


def test_linker_flags_of_a_megabyte_are_read_in_no_time() -> None:
    assert len(list(linker_variables("-X '" * 300_000))) == 0


def test_toolchains_with_additions_and_unreleased_ones() -> None:
    assert (
        versions(program("mod\ta.org/a\tv1.0.0\t", go="go1.21.5 X:boringcrypto"))["stdlib"]
        == "1.21.5"
    )
    assert (
        versions(program("mod\ta.org/a\tv1.0.0\t", go="go1.22.9 (Red Hat 1.22.9-2.el9)"))["stdlib"]
        == "1.22.9"
    )
    devel = program("mod\ta.org/a\tv1.0.0\t", go="devel go1.23-0123456 Tue May 7 2024")
    assert "stdlib" not in versions(devel)
    assert reasons(devel) == [
        (
            "made by an unreleased Go, so the version of its standard library is not known: 'devel"
            " go1.23-0123456 Tue May 7 2024'"
        )
    ]


def test_program_without_modules_says_so_and_is_named_by_its_package() -> None:
    result = program(
        "path\tgithub.com/docker/cli/cmd/docker",
        'build\t-ldflags="-X github.com/docker/cli/cli/version.Version=26.1.5"',
    )
    assert versions(result) == {"stdlib": "1.22.3", "github.com/docker/cli": "v26.1.5"}
    assert reasons(result) == [
        (
            "a Go program built without modules (github.com/docker/cli/cmd/docker): what is linked into"
            " it is not known"
        )
    ]


def test_package_of_a_program_without_modules_is_no_name_where_the_repository_is_not_known() -> (
    None
):
    assert versions(program("path\texample.org/a/cmd/b", "build\t-compiler=gc")) == {
        "stdlib": "1.22.3"
    }
    assert versions(program("path\tcommand-line-arguments")) == {"stdlib": "1.22.3"}


def test_program_of_an_old_go_without_build_info_says_so() -> None:
    assert reasons(found(elf({".note.go.buildid": b"x", ".gopclntab": b"x"}))) == [
        "built by Go, without build info: its modules are not known"
    ]


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        (MAGIC, "its section .go.buildinfo does not start with the mark of one"),
        ((MAGIC + b"\x08\x02").ljust(32, b"\0") + b"\xff" * 20, "a text's length has no end"),
        (
            (MAGIC + b"\x08\x02").ljust(32, b"\0") + varint(1 << 60),
            f"a text of {1 << 60} bytes, which the file does not have",
        ),
        ((MAGIC + b"\x08\x02").ljust(32, b"\0") + varint(3) + b"foo\0", "no Go version but 'foo'"),
        ((MAGIC + b"\x03\x00").ljust(32, b"\0"), "pointers of 3 bytes"),
        (
            (MAGIC + b"\x08\x00").ljust(32, b"\xff"),
            "a pointer to 0xffffffffffffffff, where no text lies",
        ),
    ],
)
def test_lying_build_info_is_an_unknown(info: bytes, reason: str) -> None:
    assert reasons(found(elf({".go.buildinfo": info}))) == [
        f"Go build info that cannot be read: {reason}"
    ]


def test_a_million_modules_are_too_many() -> None:
    assert reasons(program(*(f"dep\ta.org/{i}\tv1.0.0\t" for i in range(10_001)))) == [
        "Go build info that cannot be read: more than 10000 modules"
    ]


def crates(document: object) -> Found:
    return found(elf({".dep-v0": zlib.compress(json.dumps(document).encode())}))


def test_crates_that_cargo_auditable_lists() -> None:
    result = crates(
        {
            "packages": [
                {
                    "name": "app",
                    "version": "0.1.0",
                    "source": "local",
                    "root": True,
                    "dependencies": [1],
                },
                {"name": "openssl-sys", "version": "0.9.99", "source": "crates.io"},
                {"name": "cc", "version": "1.0.83", "source": "crates.io", "kind": "build"},
            ]
        }
    )
    assert [(item.purl, item.evidence) for item in result.packages] == [
        ("pkg:cargo/app@0.1.0", "listed by cargo auditable in .dep-v0, source local"),
        ("pkg:cargo/openssl-sys@0.9.99", "listed by cargo auditable in .dep-v0"),
    ]
    assert reasons(result) == []


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (b"no zlib", "Error -3 while decompressing data: incorrect header check"),
        (zlib.compress(bytes(16 << 20), 1), "unpacks to more than 8388608 bytes"),
        (zlib.compress(b"{}" * 100)[:-6], "cut short"),
        (zlib.compress(b'{"packages": 1}'), "no list of packages but int"),
        (
            zlib.compress(b'{"packages": [{"name": 1}]}'),
            "a crate without name and version: \"{'name': 1}\"",
        ),
        (zlib.compress(json.dumps({"packages": [{}] * 20_001}).encode()), "20001 packages"),
        (zlib.compress(b"[" * 1_000_000), "maximum recursion depth exceeded"),
    ],
)
def test_lying_crate_list_is_an_unknown(packed: bytes, reason: str) -> None:
    (said,) = reasons(found(elf({".dep-v0": packed})))
    assert said.startswith(f"the list of Rust crates in .dep-v0 cannot be read: {reason}")


def test_a_hundred_lists_that_unpack_to_megabytes_cost_no_more_than_a_few() -> None:
    bomb = elf({".dep-v0": zlib.compress(b'{"packages": 0}'.ljust(8 << 20), 1)})
    rootfs = tree({f"/bin/{i}": Exec(bomb) for i in range(60)})
    said = [item.reason.rpartition(": ")[2] for item in inside.find(rootfs, scan(rootfs)).unknowns]
    assert said.count("no list of packages but int") == MAX_UNPACKED // (8 << 20)
    assert said.count(
        "the lists of the image unpack to more than is read of all"
    ) == 60 - MAX_UNPACKED // (8 << 20)

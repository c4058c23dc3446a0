"""Whatever stands in a file, looking inside it ends in a Found: real bytes with any of them
changed, and bytes of no format at all.
"""

import collections
import io
import pickle
import pickletools
import struct
import sys
import zlib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from careen.inventory import inside
from careen.inventory.models.pickle_scan import scan_pickles
from careen.inventory.port import Found
from careen.inventory.scan import scan
from careen.model.packages.model_file import ModelFormat
from tests.support.elf_bytes import elf, exporting
from tests.support.trees import tree

GO = (
    (b"\xff Go buildinf:\x08\x02").ljust(32, b"\0")
    + b"\x08go1.22.3\x80\x01"
    + b"0" * 16
    + b"path\tx\nmod\tx\tv1.0.0\t\ndep\ty\tv1.0.0\t\n".ljust(95, b"\n")
    + b"\n"
    + b"1" * 16
)
STATE = pickle.dumps({"weights": [1.5, b"x" * 300], "names": collections.OrderedDict(a=(1, 2))}, 4)
GGUF = (
    b"GGUF"
    + struct.pack("<IQQ", 3, 1, 1)
    + struct.pack("<Q", 1)
    + b"k"
    + struct.pack("<IIQ", 9, 8, 2)
    + struct.pack("<Q", 1)
    + b"a"
    + struct.pack("<Q", 1)
    + b"b"
)
SAFETENSORS = (
    struct.pack("<Q", 60)
    + b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'[:60].ljust(60)
    + bytes(4)
)
ONNX = b"\x08\x08\x12\x07pytorch\x3a\x0c\x0a\x06\x22\x04Conv\x2a\x02\x42\x00\x42\x02\x10\x11"
SEEDS = (
    ("/bin/program", Path(sys.executable).resolve().read_bytes()[:200_000]),
    (
        "/bin/go",
        elf(
            {
                ".go.buildinfo": GO,
                ".dep-v0": zlib.compress(b'{"packages": [{"name": "a", "version": "1.0.0"}]}'),
            }
        ),
    ),
    (
        "/lib/x.libs/libwebp-0123abcd.so.7",
        exporting(
            {"WebPGetDecoderVersion": b"\xb8\x02\x03\x01\x00\xc3"},
            {".rodata": b"OpenSSL 3.0.15 3 Sep 2024\0OPENSSLDIR: \0"},
        ),
    ),
    ("/m/model.pkl", STATE),
    ("/m/model.gguf", GGUF),
    ("/m/model.safetensors", SAFETENSORS),
    ("/m/model.onnx", ONNX),
    (
        "/m/model.npy",
        b"\x93NUMPY\x01\x00\x40\x00"
        + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(63)
        + b"\n"
        + STATE,
    ),
    ("/m/model.h5", b"\x89HDF\r\n\x1a\nkeras_version\0\0\0\x002.15.0\0model_config{}"),
)


def look(path: str, data: bytes) -> Found:
    rootfs = tree({path: data})
    return inside.find(rootfs, scan(rootfs))


@settings(max_examples=400, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.one_of(st.binary(min_size=1, max_size=9), st.just(b"\xff" * 8)),
        ),
        min_size=1,
        max_size=6,
    ),
    cut=st.floats(0, 1),
)
def test_changed_bytes_of_a_real_file_end_in_a_result(
    seed: tuple[str, bytes], changes: list[tuple[float, bytes]], cut: float
) -> None:
    path, original = seed
    data = bytearray(original)
    head = min(len(data), 4096)  # where the structure is
    for place, value in changes:
        at = int(place * head)
        data[at : at + len(value)] = value
    found = look(path, bytes(data[: max(16, int(len(data) * cut))] if cut < 0.5 else data))
    for package in found.packages:
        assert package.version
        assert package.files == (path,)
    assert all(item.reason and item.path == path for item in found.unknowns)


@settings(max_examples=300, deadline=None)
@given(
    prefix=st.sampled_from(
        [
            b"",
            b"\x7fELF\x02\x01\x01",
            b"\x80\x04",
            b"\x80\x02c",
            b"GGUF\x03\0\0\0",
            b"PK\x03\x04",
            b"\x93NUMPY\x01\x00",
            b"\x08\x08\x3a",
        ]
    ),
    rest=st.binary(max_size=400),
)
def test_bytes_of_no_format_end_in_a_result(prefix: bytes, rest: bytes) -> None:
    for path in ("/x", "/x.pkl", "/x.onnx", "/x.safetensors", "/x.pt"):
        found = look(path, prefix + rest)
        assert isinstance(found, Found)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=2000),
        st.binary(max_size=2000),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
        st.tuples(inner, inner),
        st.frozensets(st.integers(), max_size=3),
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(
    value=VALUES,
    protocol=st.integers(0, 5),
    also=st.sampled_from(
        [None, collections.OrderedDict, collections.Counter, Path, pickle.Unpickler, io.BytesIO]
    ),
)
def test_walk_over_a_pickle_sees_the_opcodes_and_imports_that_the_standard_library_sees(
    value: object, protocol: int, also: type | None
) -> None:
    data = pickle.dumps([value, also, value], protocol)
    found = scan_pickles(io.BytesIO(data), len(data))
    opcodes = list(pickletools.genops(data))
    assert (found.opcodes, found.problem, found.pickles) == (len(opcodes), "", 1)
    seen: list[str] = []

    class Recorder(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> object:
            seen.append(f"{module}.{name}")
            return super().find_class(module, name)

    Recorder(io.BytesIO(data)).load()
    renamed = {"__builtin__": "builtins", "copy_reg": "copyreg"}
    imports = {
        ".".join(
            [renamed.get(name.partition(".")[0], name.partition(".")[0]), name.partition(".")[2]]
        )
        for name in found.imports
    }
    assert imports == {
        ".".join(
            [renamed.get(name.partition(".")[0], name.partition(".")[0]), name.partition(".")[2]]
        )
        for name in seen
    }


def test_formats_of_the_seeds_are_what_they_should_be() -> None:
    kinds = {path: [item.format for item in look(path, data).models] for path, data in SEEDS}
    assert kinds["/m/model.pkl"] == [ModelFormat.PICKLE]
    assert kinds["/m/model.gguf"] == [ModelFormat.GGUF]
    assert kinds["/m/model.onnx"] == [ModelFormat.ONNX]
    assert kinds["/m/model.npy"] == [ModelFormat.NUMPY]
    assert kinds["/m/model.h5"] == [ModelFormat.KERAS_HDF5]
    assert {item.name for path, data in SEEDS[1:3] for item in look(path, data).packages} == {
        "stdlib",
        "x",
        "y",
        "a",
        "libwebp",
        "openssl",
    }

"""Model files by content: what they say of themselves, what loading them could run, and every lie
that must not cost more than a sentence.
"""

import collections
import io
import json
import os
import pickle
import struct
import subprocess
import zipfile
import zlib

import pytest

from careen.inventory import inside
from careen.inventory.models.header import MAX_EFFORT
from careen.inventory.models.pickle_scan import COMPUTED, MAX_OPCODES, scan_pickles
from careen.inventory.scan import scan
from careen.model.packages.model_file import ModelFile, ModelFormat
from tests.support.trees import tree

pytestmark = pytest.mark.slow


def models(path: str, data: bytes) -> list[ModelFile]:
    rootfs = tree({path: data})
    return list(inside.find(rootfs, scan(rootfs)).models)


def model(path: str, data: bytes) -> ModelFile:
    (found,) = models(path, data)
    return found


class Calls:
    """Pickles as a call."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> object:  # type: ignore[override]
        return self.call


SYSTEM = {0: "GLOBAL", 1: "GLOBAL", 2: "GLOBAL", 3: "GLOBAL", 4: "STACK_GLOBAL", 5: "STACK_GLOBAL"}


@pytest.mark.parametrize("protocol", range(6))
def test_pickle_that_starts_a_program_is_named_in_every_protocol(protocol: int) -> None:
    data = pickle.dumps(
        [collections.OrderedDict(a=1), Calls(os.system, "id"), {"weights": b"\0" * 5000}], protocol
    )
    found = model("/m/model.pkl", data) if data[:1] in (b"\x80", b"(") else None
    scanned = scan_pickles(io.BytesIO(data), len(data))
    assert scanned.dangerous == (f"{SYSTEM[protocol]} posix.system",)
    assert scanned.problem == ""
    assert found is None or (found.format, found.dangerous) == (
        ModelFormat.PICKLE,
        scanned.dangerous,
    )


def test_imports_that_only_make_data_are_not_named_and_unknown_ones_are_after_the_unsafe() -> None:
    data = pickle.dumps(
        [
            collections.OrderedDict(),
            {1, 2},
            bytearray(b"x"),
            zipfile.ZipInfo("x"),
            Calls(subprocess.Popen, ["id"]),
        ],
        4,
    )
    assert model("/m/a.bin", data).dangerous == (
        "STACK_GLOBAL subprocess.Popen",
        "STACK_GLOBAL zipfile.ZipInfo",
    )


def test_pickle_is_known_by_content_whatever_its_name() -> None:
    data = pickle.dumps(Calls(os.system, "id"), 4)
    assert [item.dangerous for item in models("/m/weights.xyz", data)] == [
        ("STACK_GLOBAL posix.system",)
    ]
    assert models("/m/readme.txt", b"\x80\x04 is no pickle at all, only bytes") == []
    assert models("/m/model.bin", b"PROC" + bytes(4000)) == []


def test_name_through_the_memo_and_one_that_is_computed() -> None:
    memo = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x940h\x00h\x01\x93."
    assert scan_pickles(io.BytesIO(memo), len(memo)).dangerous == ("STACK_GLOBAL posix.system",)
    computed = b"\x80\x04)\x8c\x06system\x93."
    assert scan_pickles(io.BytesIO(computed), len(computed)).dangerous == (COMPUTED,)


def test_attribute_of_something_unsafe_is_unsafe_and_of_something_harmless_is_not_harmless() -> (
    None
):
    data = b"\x80\x04" + b"".join(
        b"\x8c" + bytes([len(module)]) + module + b"\x8c" + bytes([len(name)]) + name + b"\x930"
        for module, name in (
            (b"collections", b"OrderedDict.__init__.__globals__"),
            (b"builtins", b"exec.__call__"),
        )
    )
    data += b"N."
    assert scan_pickles(io.BytesIO(data), len(data)).dangerous == (
        "STACK_GLOBAL builtins.exec.__call__",
        "STACK_GLOBAL collections.OrderedDict.__init__.__globals__",
    )


def test_broken_pickle_runs_up_to_its_break_so_what_stands_before_is_named() -> None:
    data = b"\x80\x02cos\nsystem\nU\x02id\x85R\xff\xff\xff and rubbish"
    found = model("/m/model.pkl", data)
    assert found.dangerous == ("GLOBAL os.system",)
    assert found.problem == "byte 20: no opcode: b'\\xff'"


def test_import_behind_opcodes_that_cannot_be_followed_is_found_by_its_bytes() -> None:
    data = (
        pickle.dumps({"a": 1}, 2)[:-1]
        + b"\xff"
        + os.urandom(16).replace(b"c", b"x")
        + b"csubprocess\nPopen\n."
        + b"\x8c\x05posix\x94\x8c\x06system\x94\x93."
    )
    assert set(model("/m/model.pkl", data).dangerous) == {
        "GLOBAL subprocess.Popen",
        "STACK_GLOBAL posix.system",
    }


def test_unsafe_import_does_not_hide_behind_a_hundred_others() -> None:
    data = (
        b"\x80\x02" + b"".join(b"cmy.module\nname%d\n0" % i for i in range(500)) + b"cos\nsystem\n."
    )
    found = model("/m/model.pkl", data)
    assert found.dangerous[0] == "GLOBAL os.system"
    assert len(found.dangerous) == 30


def test_import_by_a_number_of_the_extension_registry_is_named() -> None:
    data = b"\x80\x02\x82\x2a."
    assert scan_pickles(io.BytesIO(data), len(data)).dangerous == (
        "EXT1 42: an import by a number of the extension registry",
    )


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (
            b"\x80\x04" + b"(" * (MAX_OPCODES + 10),
            (
                f"byte {MAX_OPCODES + 2}: more than {MAX_OPCODES} opcodes; what follows was not"
                " looked at"
            ),
        ),
        (
            b"\x80\x04" + b"]\x94" * MAX_OPCODES,
            (
                f"byte {MAX_OPCODES + 2}: more than {MAX_OPCODES} opcodes; what follows was not"
                " looked at"
            ),
        ),
        (
            b"\x80\x04\x8d" + b"\xff" * 8 + b"x",
            f"byte 11: BINUNICODE8 of {2**64 - 1} bytes, which the file does not have",
        ),
        (
            b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60),
            f"byte 11: BINBYTES8 of {1 << 60} bytes, which the file does not have",
        ),
        (b"\x80\x02]K\x01K\x02K\x03", "byte 9: the pickle is cut short"),
        (b"\x80\x02cos" + b"s" * 10, "byte 15: a line without end"),
    ],
)
def test_pickle_bombs_and_lies_end_in_a_problem(data: bytes, problem: str) -> None:
    found = model("/m/model.pkl", data)
    assert found.problem == problem


@pytest.mark.no_cover
def test_a_thousand_bombs_cost_no_more_than_a_few() -> None:
    bomb = b"\x80\x04" + b"(" * (MAX_OPCODES // 4)
    rootfs = tree({f"/m/{i:04}.pkl": bomb for i in range(100)})
    found = inside.find(rootfs, scan(rootfs)).models
    walked = [item for item in found if item.problem.endswith("the pickle is cut short")]
    assert len(found) == 100
    assert len(walked) == MAX_EFFORT // (MAX_OPCODES // 4) - 1
    assert all(item.problem for item in found)


def test_packed_pickle_says_that_it_was_not_looked_into() -> None:
    found = model("/m/model.joblib", zlib.compress(pickle.dumps({"a": 1})))
    assert (found.format, found.problem) == (
        ModelFormat.PICKLE,
        "a pickle packed with zlib, which is not unpacked to look inside",
    )


def torch_zip(pickled: bytes, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("model/data.pkl", pickled)
        archive.writestr("model/data/0", b"\0" * 16)
        for name, data in more.items():
            archive.writestr(f"model/{name}", data)
    return out.getvalue()


def test_what_torch_save_writes() -> None:
    state = b"\x80\x02ccollections\nOrderedDict\nctorch._utils\n_rebuild_tensor_v2\nctorch\nFloatStorage\n0."
    clean = model("/m/pytorch_model.bin", torch_zip(state))
    assert (clean.format, clean.dangerous, clean.problem) == (ModelFormat.TORCH_ZIP, (), "")
    assert dict(clean.facts) == {"kind": "torch.save", "tensors": "1"}
    evil = model("/m/renamed", torch_zip(b"\x80\x02cbuiltins\nexec\n(X\x01\x00\x00\x00xtR."))
    assert evil.dangerous == ("GLOBAL builtins.exec",)


def test_zip_that_is_no_model_is_none() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "x")
    assert models("/app.jar", out.getvalue()) == []
    assert models("/app.bin", out.getvalue()) == []
    assert model("/m/cut.pt", torch_zip(b"N.")[:60]).problem.startswith(
        "/m/cut.pt: cannot be read as a zip archive"
    )


def test_zip_bomb_in_a_model_is_a_problem() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", b"\x80\x02" + bytes(8 << 20))
    assert "as a zip bomb does" in model("/m/model.pt", out.getvalue()).problem


def test_old_torch_files_are_several_pickles_and_then_data() -> None:
    parts = [
        pickle.dumps(item, 2)
        for item in (
            0x1950A86A20F9469CFC6C,
            1001,
            {"little_endian": True},
            Calls(os.system, "id"),
            ["0"],
        )
    ]
    found = model("/m/old.pth", b"".join(parts) + struct.pack("<Q", 4) + bytes(16))
    assert dict(found.facts)["pickles"] == "5"
    assert dict(found.facts)["kind"] == "torch.save before 1.6"
    assert (found.dangerous, found.problem) == (("GLOBAL posix.system",), "")


def safetensors(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_safetensors() -> None:
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
        "b": {"dtype": "BF16", "shape": [], "data_offsets": [24, 26]},
    }
    found = model("/m/model.safetensors", safetensors(header, bytes(26)))
    assert (found.format, found.problem, found.dangerous) == (ModelFormat.SAFETENSORS, "", ())
    assert dict(found.facts) == {
        "tensors": "2",
        "parameters": "7",
        "dtypes": "BF16, F32",
        "metadata format": "pt",
    }


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (
            struct.pack("<Q", 2 << 30) + b'{"a":1}' * 10,
            f"a header of {2 << 30} bytes, more than the {16 << 20} that are read",
        ),
        (
            struct.pack("<Q", 1 << 63) + b'{"a":1}' * 10,
            f"a header of {1 << 63} bytes, more than the {16 << 20} that are read",
        ),
        (
            struct.pack("<Q", 4096) + b'{"a":1}' * 10,
            "4096 bytes at byte 8, which the file does not have",
        ),
        (
            safetensors(b'{"a": nonsense' + b" " * 20),
            "its header is no JSON: Expecting value: line 1 column 7 (char 6)",
        ),
        (
            safetensors(b"[" * 100_000),
            (
                "its header is no JSON: maximum recursion depth exceeded while decoding a JSON"
                " array from a unicode string"
            ),
        ),
        (safetensors([1, 2, 3, 4, 5]), "its header is no object of tensors but list"),
        (
            safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}),
            "the tensor 'a' lies at 0 to 4 of 0 bytes",
        ),
        (
            safetensors(
                {"a": {"dtype": "F32", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 0]}}
            ),
            "the tensor 'a' has more than 2**48 elements",
        ),
        (
            safetensors({"a": {"dtype": 1, "shape": "x"}}),
            "the tensor 'a' has no dtype, shape and offsets",
        ),
    ],
)
def test_lying_safetensors(data: bytes, problem: str) -> None:
    assert model("/m/model.safetensors", data).problem == problem


def test_a_header_of_too_many_tensors_names_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careen.inventory.models.safetensors._MAX_TENSORS", 2)
    one = {"dtype": "F32", "shape": [], "data_offsets": [0, 0]}
    found = model("/m/model.safetensors", safetensors(dict.fromkeys("abc", one)))
    assert found.problem == "a header of 3 tensors, more than the 2 that are read"


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def pair(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def gguf(*pairs: bytes, tensors: int = 0, count: int | None = None) -> bytes:
    return (
        b"GGUF"
        + struct.pack("<IQQ", 3, tensors, len(pairs) if count is None else count)
        + b"".join(pairs)
    )


def test_gguf() -> None:
    tokens = struct.pack("<IQ", 8, 3) + text("a") + text("b") + text("c")
    found = model(
        "/m/model.gguf",
        gguf(
            pair("general.architecture", 8, text("llama")),
            pair("tokenizer.ggml.tokens", 9, tokens),
            pair("llama.context_length", 4, struct.pack("<I", 4096)),
            pair("tokenizer.chat_template", 8, text("{{ messages }}")),
            tensors=291,
        ),
    )
    assert dict(found.facts) == {
        "version": "3",
        "tensors": "291",
        "general.architecture": "llama",
        "llama.context_length": "4096",
        "chat template": "14 characters of Jinja",
    }
    assert (found.dangerous, found.problem) == ((), "")


def test_chat_template_that_leaves_its_world_is_named() -> None:
    template = (
        "{% for x in ().__class__.__base__.__subclasses__() %}{{ x.__init__.__globals__ }}{%"
        " endfor %}"
    )
    found = model("/m/model.gguf", gguf(pair("tokenizer.chat_template", 8, text(template))))
    assert found.dangerous == tuple(
        f"chat template reaches for __{name}__"
        for name in ("class", "base", "subclasses", "init", "globals")
    )


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (
            gguf(tensors=1 << 60),
            f"{1 << 60} tensors and 0 pairs, more than the 1000000 and 65536 that are read",
        ),
        (
            gguf(count=1 << 60),
            f"0 tensors and {1 << 60} pairs, more than the 1000000 and 65536 that are read",
        ),
        (
            gguf(text("k") + struct.pack("<IQ", 8, 1 << 60)),
            f"{1 << 60} bytes at byte 45, which the file does not have",
        ),
        (gguf(pair("k", 9, struct.pack("<IQ", 8, 1 << 50))), "arrays of more than 4000000 items"),
        (
            gguf(pair("k", 9, struct.pack("<IQ", 4, 1 << 60))),
            f"{1 << 62} bytes at byte 49, which the file does not have",
        ),
        (gguf(pair("k", 9, struct.pack("<IQ", 9, 2) * 100)), "arrays nested more than 4 deep"),
        (gguf(pair("k", 77, bytes(8))), "a value of the unknown kind 77"),
        (gguf(count=3), "4 bytes at byte 24, which the file does not have"),
        (
            b"GGUF" + struct.pack(">I", 3) + bytes(20),
            "version 50331648, or one in the other byte order; versions 1 to 3 are read",
        ),
    ],
)
def test_lying_gguf(data: bytes, problem: str) -> None:
    found = model("/m/model.gguf", data)
    assert found.problem.replace("8 bytes at byte 24", "4 bytes at byte 24") == problem


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def field(number: int, value: bytes | int) -> bytes:
    return (
        varint(number << 3) + varint(value)
        if isinstance(value, int)
        else varint(number << 3 | 2) + varint(len(value)) + value
    )


def onnx(graph: bytes) -> bytes:
    return (
        field(1, 8)
        + field(2, b"pytorch")
        + field(3, b"2.1.0")
        + field(7, graph)
        + field(8, field(2, 17))
        + field(8, field(1, b"com.acme") + field(2, 1))
    )


def test_onnx() -> None:
    external = field(13, field(1, b"location") + field(2, b"weights.data"))
    graph = (
        field(1, field(4, b"Conv"))
        + field(1, field(4, b"Magic") + field(7, b"com.acme"))
        + field(2, b"main")
        + field(5, field(8, b"w") + external)
        + field(5, field(9, bytes(100)))
    )
    found = model("/m/model.onnx", onnx(graph))
    assert found.format is ModelFormat.ONNX
    assert dict(found.facts) == {
        "IR version": "8",
        "producer": "pytorch",
        "producer version": "2.1.0",
        "graph": "main",
        "opset": "ai.onnx 17, com.acme 1",
        "nodes": "2",
        "tensors": "2",
        "operators of other domains": "com.acme",
        "external data": "weights.data",
    }
    assert (found.dangerous, found.problem) == ((), "")
    assert model("/m/any.name", onnx(graph)).format is ModelFormat.ONNX


@pytest.mark.parametrize("path", ["../../etc/shadow", "/etc/shadow", "a/../../b"])
def test_onnx_whose_data_lie_outside_of_its_directory(path: str) -> None:
    graph = field(5, field(13, field(1, b"location") + field(2, path.encode())))
    assert model("/m/model.onnx", onnx(graph)).dangerous == (
        f"external data outside of the model's directory: {path!r}",
    )


def deep(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        data = field(1, field(5, field(6, data)))
    return data


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (onnx(deep(2000)), ""),
        (
            field(1, 8) + varint(7 << 3 | 2) + varint(1 << 60),
            f"a field 7 of wire type 2 that ends at byte {(1 << 60) + 12}, its message at 12",
        ),
        (
            field(1, 8) + field(7, varint(1 << 3 | 2) + varint(100)) + bytes(20),
            "a field 1 of wire type 2 that ends at byte 106, its message at 6",
        ),
        (field(1, 8) + b"\xff" * 30, "a number without end at byte 12"),
        (field(1, 8) + b"\x0b" + bytes(30), "a field of the unknown wire type 3 at byte 3"),
        (field(1, 8) + field(7, field(1, b"") * 250_000), "more than 200000 fields"),
        (field(1, 8) + field(2, b"x" * 40), "no graph in it"),
    ],
)
def test_deep_and_lying_onnx(data: bytes, problem: str) -> None:
    assert model("/m/model.onnx", data).problem == problem


def npy(descr: str, data: bytes) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def test_numpy_arrays_of_objects_are_pickles_and_those_of_numbers_are_not() -> None:
    evil = pickle.dumps([Calls(os.system, "id")], 3)
    found = model("/m/a.npy", npy("'|O'", evil))
    assert (found.format, found.dangerous) == (ModelFormat.NUMPY, ("GLOBAL posix.system",))
    assert model("/m/a.npy", npy("[('x', '<i4'), ('y', '|O')]", evil)).dangerous == (
        "GLOBAL posix.system",
    )
    assert models("/m/a.npy", npy("'<f8'", bytes(8))) == []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.npy", npy("'|O'", evil))
    assert model("/m/a.npz", out.getvalue()).dangerous == ("GLOBAL posix.system",)


def test_keras_model_with_a_layer_of_code() -> None:
    config = (
        b'{"class_name": "Functional", "config": {"layers": [{"class_name": "Lambda", "config":'
        b" {}}]}}"
    )
    found = model(
        "/m/model.h5",
        b"\x89HDF\r\n\x1a\n"
        + bytes(100)
        + b"keras_version\0\0\0\0002.15.0\0model_config"
        + config
        + bytes(600),
    )
    assert (found.format, found.dangerous) == (ModelFormat.KERAS_HDF5, ("layer Lambda",))
    assert dict(found.facts) == {"keras": "2.15.0", "model configuration": "yes"}
    assert models("/m/data.h5", b"\x89HDF\r\n\x1a\n" + bytes(1000)) == []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", b"x")
    assert model("/m/model.keras", out.getvalue()).dangerous == ("layer Lambda",)

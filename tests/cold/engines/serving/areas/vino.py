"""Chores of OpenVINO."""

import os
import tempfile
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from serving.shared import MODELS, Tries

X = np.ones((1, 4), np.float32)


def devices() -> dict:
    """Plug-ins by name."""
    tried, core = Tries(), ov.Core()
    tried("devices", lambda: core.available_devices)
    tried(
        "properties",
        lambda: [
            core.get_property("CPU", "SUPPORTED_PROPERTIES")["PERFORMANCE_HINT"],
            "FP32" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"),
            core.get_property("CPU", "AVAILABLE_DEVICES"),
        ],
    )
    for device in ("CPU", "AUTO", "AUTO:CPU", "HETERO:CPU", "MULTI:CPU", "BATCH:CPU", "GPU", "NPU", "AUTO:GPU,CPU", "TEMPLATE", "NOTHING"):

        def run(device: str = device) -> list:
            compiled = core.compile_model(MODELS / "iris.xml", device)
            return [compiled(X)[0], [str(item) for item in compiled.get_property("EXECUTION_DEVICES")]]

        tried(device, run)
    tried("versions", lambda: [item.description for item in core.get_versions("CPU").values()])
    tried("registered", lambda: core.register_plugin("openvino_intel_cpu_plugin", "MINE") or core.compile_model(MODELS / "iris.xml", "MINE")(X)[0])
    tried("queried", lambda: sorted(set(core.query_model(core.read_model(MODELS / "iris.xml"), "CPU").values())))
    return tried.done


def frontends() -> dict:
    """Models of other frameworks, each by a library of its own."""
    from openvino.frontend import FrontEndManager

    tried, core, folder = Tries(), ov.Core(), Path(tempfile.mkdtemp())
    manager = FrontEndManager()
    tried("known", lambda: sorted(manager.get_available_front_ends()))
    for name in ("iris.onnx", "iris.tflite", "iris.xml"):
        tried(name, lambda name=name: core.compile_model(core.read_model(MODELS / name), "CPU")(X)[0])
    for name in ("onnx", "tflite", "tf", "paddle", "pytorch", "ir", "jax"):
        tried(f"loaded {name}", lambda name=name: manager.load_by_framework(name).get_name())
    (folder / "a.pdmodel").write_bytes(b"\x0a\x00")
    (folder / "a.pb").write_bytes(_frozen())
    (folder / "b.pb").write_bytes(b"\xff\xff")
    (folder / "a.pt").write_bytes(b"PK\x03\x04")
    tried("tensorflow", lambda: core.compile_model(core.read_model(folder / "a.pb"), "CPU")([np.array([-1.0, 2.0], np.float32)])[0])
    for name in ("a.pdmodel", "b.pb", "a.pt", "gone.xml"):
        tried(name, lambda name=name: str(core.read_model(folder / name)))
    tried("converted", lambda: len(ov.convert_model(MODELS / "iris.onnx", input=("x", [2, 4])).get_ops()))
    tried("converted again", lambda: ov.convert_model(MODELS / "texts.txt"))
    tried("from jax", lambda: _from_jax(core))
    return tried.done


def _from_jax(core: ov.Core) -> list:
    import jax

    made = jax.make_jaxpr(lambda x: jax.numpy.tanh(x) + 1.0)(np.ones((2, 2), np.float32))
    return core.compile_model(ov.convert_model(made), "CPU")(np.ones((2, 2), np.float32))[0]


def _frozen() -> bytes:
    """A frozen graph of TensorFlow, x -> Relu, in its wire form."""

    def field(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    def attribute(key: bytes, value: bytes) -> bytes:
        return field(5, field(1, key) + field(2, value))

    kind = bytes([6 << 3, 1])
    shape = field(7, field(2, bytes([1 << 3, 2])))
    first = field(1, b"x") + field(2, b"Placeholder") + attribute(b"dtype", kind) + attribute(b"shape", shape)
    second = field(1, b"y") + field(2, b"Relu") + field(3, b"x") + attribute(b"T", kind)
    return field(1, first) + field(1, second)


def built() -> dict:
    """Models that are built here: operations, passes, preprocessing, forms."""
    tried, core, folder = Tries(180), ov.Core(), Path(tempfile.mkdtemp())
    core.set_property({"CACHE_DIR": str(folder / "cache")})

    def run(function, *inputs: np.ndarray, config: dict | None = None, device: str = "CPU") -> list:
        parameters = [ops.parameter(value.shape, value.dtype.type, name=f"i{number}") for number, value in enumerate(inputs)]
        model = ov.Model([function(*parameters)], parameters, "built")
        found = core.compile_model(model, device, config or {})(list(inputs))[0]
        return [list(found.shape), float(np.abs(found.astype(float)).sum())]

    rng = np.random.default_rng(1)
    picture = rng.random((1, 3, 8, 8)).astype(np.float32)
    kernel = rng.random((4, 3, 3, 3)).astype(np.float32)
    tried("convolution", lambda: run(lambda x: ops.convolution(x, ops.constant(kernel), [1, 1], [1, 1], [1, 1], [1, 1]), picture))
    tried("pooling", lambda: run(lambda x: ops.avg_pool(x, [2, 2], [0, 0], [0, 0], [2, 2], True), picture))
    tried("interpolated", lambda: run(lambda x: ops.interpolate(x, np.array([16, 16]), "cubic", "sizes", axes=np.array([2, 3])), picture))
    tried("fft", lambda: run(lambda x: ops.rdft(x, np.array([2, 3])), picture))
    tried("topk", lambda: run(lambda x: ops.topk(x, np.array(2), 1, "max", "value").output(0), picture))
    tried("mvn", lambda: run(lambda x: ops.mvn(x, np.array([2, 3]), True, 1e-6, "inside_sqrt"), picture))
    tried("gelu", lambda: run(lambda x: ops.gelu(x, "erf"), picture))
    tried("attention", lambda: run(lambda q, k, v: ops.scaled_dot_product_attention(q, k, v), *[rng.random((1, 2, 4, 8)).astype(np.float32)] * 3))
    tried("einsum", lambda: run(lambda a, b: ops.einsum([a, b], "ij,jk->ik"), *[rng.random((4, 4)).astype(np.float32)] * 2))
    tried(
        "boxes",
        lambda: run(
            lambda a, b: ops.non_max_suppression(a, b, np.array(3)).output(0),
            rng.random((1, 6, 4)).astype(np.float32),
            rng.random((1, 1, 6)).astype(np.float32),
        ),
    )
    tried(
        "fake quantize",
        lambda: run(
            lambda x: ops.convolution(
                ops.fake_quantize(x, np.float32(0), np.float32(1), np.float32(0), np.float32(1), 256), ops.constant(kernel), [1, 1], [1, 1], [1, 1], [1, 1]
            ),
            picture,
        )[0],
    )
    for kind in ("f32", "bf16", "f16"):
        tried(
            f"precision {kind}",
            lambda kind=kind: run(
                lambda x: ops.matmul(x, ops.constant(np.ones((4, 4), np.float32)), False, False),
                np.ones((4, 4), np.float32),
                config={"INFERENCE_PRECISION_HINT": kind},
            ),
        )
    tried("nowhere", lambda: run(lambda x: ops.convolution(x, ops.constant(kernel), [1, 1], [1, 1], [1], [1, 1]), picture))
    tried("cached", lambda: any((folder / "cache").iterdir()))

    def prepared() -> list:
        from openvino.preprocess import ColorFormat, PrePostProcessor, ResizeAlgorithm

        parameter = ops.parameter([1, 3, 4, 4], np.float32, name="picture")
        chain = PrePostProcessor(ov.Model([ops.reduce_mean(parameter, np.array([2, 3]))], [parameter]))
        chain.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(ColorFormat.BGR).set_spatial_static_shape(6, 6)
        chain.input().model().set_layout(ov.Layout("NCHW"))
        chain.input().preprocess().convert_element_type(ov.Type.f32).convert_color(ColorFormat.RGB).resize(ResizeAlgorithm.RESIZE_LINEAR).mean(
            [1.0, 2.0, 3.0]
        ).scale(2.0)
        return core.compile_model(chain.build(), "CPU")(np.full((1, 6, 6, 3), 9, np.uint8))[0]

    def passes() -> list:
        from openvino.passes import ConstantFolding, MakeStateful, Manager, Serialize, VisualizeTree

        model = core.read_model(MODELS / "iris.xml")
        manager = Manager()
        manager.register_pass(ConstantFolding())
        manager.register_pass(Serialize(str(folder / "out.xml"), str(folder / "out.bin")))
        manager.register_pass(VisualizeTree(str(folder / "out.svg")))
        manager.run_passes(model)
        return [sorted(path.name for path in folder.iterdir() if path.is_file()), MakeStateful.__name__]

    def profiled() -> list:
        compiled = core.compile_model(MODELS / "iris.xml", "CPU", {"PERF_COUNT": True})
        request = compiled.create_infer_request()
        request.infer(X)
        return sorted({item.node_type for item in request.profiling_info})

    def queue() -> list:
        compiled, found = core.compile_model(MODELS / "iris.xml", "CPU", {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": 2}), []
        jobs = ov.AsyncInferQueue(compiled, 2)
        jobs.set_callback(lambda request, number: found.append([number, request.get_output_tensor(0).data.copy()]))
        for number in range(3):
            jobs.start_async(X * number, number)
        jobs.wait_all()
        return sorted(found, key=lambda item: item[0])

    def exported() -> list:
        data = core.compile_model(MODELS / "iris.xml", "CPU").export_model()
        data.seek(0)
        return core.import_model(data, "CPU")(X)[0]

    tried("prepared", prepared)
    tried("passes", passes)
    tried("profiled", profiled)
    tried("queue", queue)
    tried("exported", exported)
    tried("extension", lambda: core.add_extension("/nothing.so"))
    tried("wrong property", lambda: core.set_property("CPU", {"NOTHING": "YES"}))
    tried("wrong shape", lambda: core.compile_model(MODELS / "iris.xml", "CPU")(np.ones((1, 5), np.float32)))
    return tried.done


def tokenizers() -> dict:
    """Tokenizers as models: a library of operations that is loaded by name."""
    import openvino_tokenizers

    tried, core = Tries(), ov.Core()
    tried("version", lambda: bool(openvino_tokenizers.__version__))

    def rwkv() -> list:
        made, back = openvino_tokenizers.build_rwkv_tokenizer(
            [f"{number} {piece!r} {len(piece)}" for number, piece in enumerate(["a", "cup", " of", " tea", "t", "e", " "], 1)]
        )
        ids = core.compile_model(made, "CPU")(["a tea"])
        values = ids["input_ids"]
        return [values, core.compile_model(back, "CPU")(values)[0]]

    def hugging() -> str:
        return str(openvino_tokenizers.convert_tokenizer(object()))

    tried("rwkv", rwkv)
    tried("transformers", hugging)
    return tried.done


def answer() -> dict:
    """One answer, for a look at other processors."""
    rng = np.random.default_rng(5)
    parameter = ops.parameter([32, 32], np.float32)
    made = ops.matmul(parameter, ops.constant(rng.normal(size=(32, 32)).astype(np.float32)), False, False)
    found = ov.Core().compile_model(ov.Model([made], [parameter]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(np.ones((32, 32), np.float32))[0]
    return {"sum": float(np.abs(found).sum()).__round__(0), "isa": os.environ.get("ONEDNN_MAX_CPU_ISA", "")}

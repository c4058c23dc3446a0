"""Chores of ONNX Runtime and onnx."""

import json
import os
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from serving.shared import MODELS, Tries


def _run(nodes: list, fed: dict, outputs: int = 1, opset: int = 17, extra: tuple = (), constants: dict | None = None, options=None) -> list:
    kinds = {
        "float32": TensorProto.FLOAT,
        "int64": TensorProto.INT64,
        "int32": TensorProto.INT32,
        "uint8": TensorProto.UINT8,
        "int8": TensorProto.INT8,
        "object": TensorProto.STRING,
        "bool": TensorProto.BOOL,
        "float64": TensorProto.DOUBLE,
        "float16": TensorProto.FLOAT16,
    }
    inputs = [helper.make_tensor_value_info(name, kinds[value.dtype.name], value.shape) for name, value in fed.items()]
    found = [helper.make_empty_tensor_value_info(name) for name in nodes[-1].output[:outputs]]
    graph = helper.make_graph(nodes, "g", inputs, found, [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *(helper.make_opsetid(*item) for item in extra)], ir_version=9)
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, fed)


def operators(opset: int = 17) -> dict:
    """Kernels of many kinds."""
    tried, node, rng = Tries(), helper.make_node, np.random.default_rng(1)
    picture = rng.random((1, 3, 8, 8), np.float32)
    words = np.array(["Tea", "is", "The", "ÄRGER"], object)

    def one(name: str, inputs: list, outputs: int = 1, extra: tuple = (), domain: str = "", **given) -> None:
        fed = {f"i{number}": value for number, value in enumerate(inputs) if value is not None}
        names = [f"i{number}" if value is not None else "" for number, value in enumerate(inputs)]
        made = node(name, names, [f"o{number}" for number in range(outputs)], domain=domain, **given)
        tried(
            f"{len(tried.done)} {domain or 'ai.onnx'} {name}",
            lambda: [
                (list(value.shape), value.dtype.name, value.tolist() if value.dtype == object else float(np.abs(value.astype(float)).sum()))
                for value in _run([made], fed, outputs, opset, extra)
            ],
        )

    one("Conv", [picture, rng.random((4, 3, 3, 3), np.float32)], pads=[1, 1, 1, 1])
    one("ConvTranspose", [picture, rng.random((3, 2, 3, 3), np.float32)], strides=[2, 2])
    one("LSTM", [rng.random((3, 1, 4), np.float32), rng.random((1, 20, 4), np.float32), rng.random((1, 20, 5), np.float32)], 2, hidden_size=5)
    one("GRU", [rng.random((3, 1, 4), np.float32), rng.random((1, 15, 4), np.float32), rng.random((1, 15, 5), np.float32)], hidden_size=5)
    one("Einsum", [rng.random((2, 3), np.float32), rng.random((3, 4), np.float32)], equation="ij,jk->ki")
    one("TopK", [rng.random((2, 9), np.float32), np.array([3])], 2)
    one("Resize", [picture, None, np.array([1, 1, 2, 2], np.float32)], mode="cubic")
    one("GridSample", [picture, rng.random((1, 2, 2, 2), np.float32)])
    one("NonMaxSuppression", [rng.random((1, 6, 4), np.float32), rng.random((1, 1, 6), np.float32), np.array([3])])
    one("STFT", [rng.random((1, 64, 1), np.float32), np.array(16), rng.random(16, np.float32)])
    one("DFT", [rng.random((1, 16, 1), np.float32)], axis=1)
    one("StringNormalizer", [words], case_change_action="LOWER", stopwords=["is"], locale="C")
    one("StringNormalizer", [words], case_change_action="UPPER", is_case_sensitive=0, stopwords=["the"])
    one("StringNormalizer", [words], case_change_action="LOWER", locale="de_DE.UTF-8")
    one(
        "TfIdfVectorizer",
        [np.array([1, 2, 3, 2])],
        min_gram_length=1,
        max_gram_length=2,
        max_skip_count=0,
        mode="TF",
        ngram_counts=[0, 2],
        ngram_indexes=[0, 1, 2],
        pool_int64s=[2, 3, 1, 2],
    )
    one("QuantizeLinear", [picture, np.array(0.01, np.float32), np.array(3, np.uint8)])
    one(
        "QLinearMatMul",
        [
            np.ones((2, 4), np.uint8),
            np.array(0.1, np.float32),
            np.array(0, np.uint8),
            np.ones((4, 3), np.int8),
            np.array(0.1, np.float32),
            np.array(0, np.int8),
            np.array(0.1, np.float32),
            np.array(0, np.uint8),
        ],
    )
    one("ConvInteger", [np.ones((1, 1, 4, 4), np.uint8), np.ones((1, 1, 2, 2), np.uint8)])
    one("Det", [rng.random((3, 3), np.float32)])
    one("Erf", [picture])
    one("CumSum", [picture, np.array(1)])
    one("Unique", [np.array([3, 1, 3])], 2)
    one("MatMul", [np.ones((4, 4), np.float16), np.ones((4, 4), np.float16)])
    one("Nonsense", [picture])
    ml = (("ai.onnx.ml", 3),)
    one("LabelEncoder", [words], extra=ml, domain="ai.onnx.ml", keys_strings=["Tea"], values_int64s=[7], default_int64=-1)
    one(
        "TreeEnsembleRegressor",
        [rng.random((2, 2), np.float32)],
        extra=ml,
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_falsenodeids=[2, 0, 0],
        nodes_featureids=[0, 0, 0],
        nodes_hitrates=[1.0] * 3,
        nodes_missing_value_tracks_true=[0] * 3,
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_nodeids=[0, 1, 2],
        nodes_treeids=[0] * 3,
        nodes_truenodeids=[1, 0, 0],
        nodes_values=[0.5, 0.0, 0.0],
        target_ids=[0, 0],
        target_nodeids=[1, 2],
        target_treeids=[0, 0],
        target_weights=[1.0, 2.0],
    )
    one(
        "LinearClassifier",
        [rng.random((2, 2), np.float32)],
        2,
        extra=ml,
        domain="ai.onnx.ml",
        coefficients=[1.0, 2.0, 3.0, 4.0],
        intercepts=[0.0, 1.0],
        classlabels_ints=[0, 1],
        post_transform="SOFTMAX",
    )
    one("Normalizer", [rng.random((2, 2), np.float32)], extra=ml, domain="ai.onnx.ml", norm="L2")
    ms = (("com.microsoft", 1),)
    one("Gelu", [picture], extra=ms, domain="com.microsoft")
    one(
        "Attention",
        [rng.random((1, 3, 4), np.float32), rng.random((4, 12), np.float32), rng.random(12, np.float32)],
        extra=ms,
        domain="com.microsoft",
        num_heads=2,
    )
    one("FusedMatMul", [rng.random((2, 3), np.float32), rng.random((2, 3), np.float32)], extra=ms, domain="com.microsoft", transB=1)
    one("Tokenizer", [np.array(["a cup of tea"], object)], extra=ms, domain="com.microsoft", mark=0, mincharnum=1, pad_value="#", separators=[" "])
    one("MurmurHash3", [words], extra=ms, domain="com.microsoft", seed=1)
    return tried.done


def quantized() -> dict:
    """Models of fewer bits: made, and run."""
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_dynamic, quantize_static

    tried, folder = Tries(), Path(tempfile.mkdtemp())
    source = folder / "iris.onnx"
    source.write_bytes((MODELS / "iris.onnx").read_bytes())
    rng = np.random.default_rng(2)
    x = rng.normal(size=(8, 4)).astype(np.float32)

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._rows = iter([{"x": x[:4]}, {"x": x[4:]}])

        def get_next(self) -> dict | None:
            return next(self._rows, None)

    def run(path: Path) -> list:
        session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
        return [session.run(None, {"x": x[:1]})[0], sorted({item.op_type for item in onnx.load(path).graph.node})]

    def dynamic(kind: QuantType) -> list:
        quantize_dynamic(source, folder / "dynamic.onnx", weight_type=kind)
        return run(folder / "dynamic.onnx")

    def static(form: QuantFormat, method: CalibrationMethod) -> list:
        quantize_static(source, folder / "static.onnx", Reader(), quant_format=form, calibrate_method=method)
        return run(folder / "static.onnx")

    for kind in (QuantType.QInt8, QuantType.QUInt8):
        tried(f"dynamic {kind}", lambda kind=kind: dynamic(kind))
    for form in QuantFormat:
        for method in (CalibrationMethod.MinMax, CalibrationMethod.Entropy, CalibrationMethod.Percentile):
            tried(f"static {form} {method}", lambda form=form, method=method: static(form, method))

    def prepared() -> list:
        from onnxruntime.quantization.shape_inference import quant_pre_process

        quant_pre_process(str(source), str(folder / "prepared.onnx"), skip_symbolic_shape=True)
        return run(folder / "prepared.onnx")

    def nibbles() -> list:
        from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

        weights = rng.normal(size=(32, 16)).astype(np.float32)
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["y"])],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 32])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 16])],
            [numpy_helper.from_array(weights, "w")],
        )
        quantizer = MatMulNBitsQuantizer(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), block_size=16, is_symmetric=True)
        quantizer.process()
        model = quantizer.model.model
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return [[item.op_type for item in model.graph.node], session.run(None, {"x": np.ones((1, 32), np.float32)})[0][0, :4]]

    def half() -> list:
        from onnxruntime.transformers.float16 import convert_float_to_float16

        model = convert_float_to_float16(onnx.load(MODELS / "iris.onnx"), keep_io_types=True)
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return [session.run(None, {"x": x[:1]})[0], [item.op_type for item in model.graph.node]]

    tried("prepared", prepared)
    tried("nibbles", nibbles)
    tried("half", half)
    return tried.done


def providers() -> dict:
    """Providers, options, bindings, profiles, forms on the disk."""
    tried, folder = Tries(), Path(tempfile.mkdtemp())
    x = np.ones((1, 4), np.float32)
    path = str(MODELS / "iris.onnx")
    tried("known", lambda: (ort.get_available_providers(), "CUDAExecutionProvider" in ort.get_all_providers(), ort.get_device()))
    for name in (
        "CUDAExecutionProvider",
        "TensorrtExecutionProvider",
        "OpenVINOExecutionProvider",
        "DnnlExecutionProvider",
        "AzureExecutionProvider",
        "NothingExecutionProvider",
    ):
        tried(name, lambda name=name: ort.InferenceSession(path, providers=[name, "CPUExecutionProvider"]).get_providers())
    tried("devices", lambda: [(item.ep_name, str(item.device.type)) for item in ort.get_ep_devices()])
    tried("a provider's library that is not there", lambda: ort.register_execution_provider_library("nothing", "/nothing.so"))

    def profiled() -> list:
        options = ort.SessionOptions()
        options.enable_profiling, options.profile_file_prefix = True, str(folder / "profile")
        session = ort.InferenceSession(path, options)
        session.run(None, {"x": x})
        return sorted({item["cat"] for item in json.loads(Path(session.end_profiling()).read_text())})

    def saved(kind: str) -> list:
        options = ort.SessionOptions()
        options.optimized_model_filepath = str(folder / f"kept.{kind}")
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_session_config_entry("session.save_model_format", kind.upper())
        ort.InferenceSession(path, options)
        return ort.InferenceSession(str(folder / f"kept.{kind}")).run(None, {"x": x})

    def bound() -> list:
        session = ort.InferenceSession(path)
        binding = session.io_binding()
        binding.bind_ortvalue_input("x", ort.OrtValue.ortvalue_from_numpy(x))
        binding.bind_output("probabilities")
        session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()

    def parallel() -> list:
        options = ort.SessionOptions()
        options.execution_mode, options.inter_op_num_threads, options.intra_op_num_threads = ort.ExecutionMode.ORT_PARALLEL, 2, 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.intra_op_thread_affinities", "1;2")
        return ort.InferenceSession(path, options).run(None, {"x": x})

    def outside() -> list:
        model = onnx.load(path)
        onnx.save(model, folder / "outside.onnx", save_as_external_data=True, location="outside.data", size_threshold=0)
        first = ort.InferenceSession(str(folder / "outside.onnx")).run(None, {"x": x})
        (folder / "outside.data").unlink()
        try:
            ort.InferenceSession(str(folder / "outside.onnx"))
        except Exception as error:
            return [first, type(error).__name__]
        return [first]

    def adapted() -> list:
        options = ort.RunOptions()
        options.terminate = True
        return ort.InferenceSession(path).run(None, {"x": x}, options)

    tried("profiled", profiled)
    tried("onnx", lambda: saved("onnx"))
    tried("ort", lambda: saved("ort"))
    tried("bound", bound)
    tried("parallel", parallel)
    tried("outside", outside)
    tried("stopped", adapted)
    tried("compiled", lambda: ort.ModelCompiler(ort.SessionOptions(), path).compile_to_bytes()[:4] != b"")
    tried("adapter", lambda: ort.AdapterFormat.read_adapter("/nothing"))
    tried("devices of values", lambda: ort.OrtValue.ortvalue_from_numpy(x, "cuda", 0).device_name())
    tried(
        "sparse",
        lambda: ort.SparseTensor.sparse_coo_from_numpy(
            np.array([3, 3]), np.array([1.0], np.float32), np.array([4]), ort.OrtDevice.make("cpu", 0)
        ).device_name(),
    )
    tried("events", lambda: (ort.disable_telemetry_events(), ort.set_default_logger_severity(3)))
    return tried.done


def malformed() -> dict:
    """What is no model, or a wrong one, and wrong inputs."""
    tried = Tries()
    good = (MODELS / "iris.onnx").read_bytes()
    model = onnx.load(MODELS / "iris.onnx")
    open_session = lambda data: ort.InferenceSession(data, providers=["CPUExecutionProvider"])  # noqa: E731
    tried("empty", lambda: open_session(b""))
    tried("noise", lambda: open_session(b"\xff" * 99))
    tried("cut", lambda: open_session(good[: len(good) // 2]))
    tried("text", lambda: open_session((MODELS / "texts.txt").read_bytes()))
    tried("not there", lambda: open_session("/models/gone.onnx"))
    tried("a folder", lambda: open_session("/models"))

    def changed(change) -> object:
        copy = onnx.ModelProto.FromString(good)
        change(copy)
        return open_session(copy.SerializeToString())

    tried("later opset", lambda: changed(lambda copy: setattr(copy.opset_import[0], "version", 999)))
    tried("later ir", lambda: changed(lambda copy: setattr(copy, "ir_version", 99)))
    tried("other domain", lambda: changed(lambda copy: setattr(copy.graph.node[0], "domain", "nowhere")))
    tried("other op", lambda: changed(lambda copy: setattr(copy.graph.node[0], "op_type", "Gem")))
    tried("no weight", lambda: changed(lambda copy: copy.graph.initializer.pop()))
    tried("wrong shape", lambda: changed(lambda copy: copy.graph.initializer[0].dims.__setitem__(0, 9)))
    session = open_session(good)
    tried("no input", lambda: session.run(None, {}))
    tried("other name", lambda: session.run(None, {"y": np.ones((1, 4), np.float32)}))
    tried("other type", lambda: session.run(None, {"x": np.ones((1, 4))}))
    tried("other rank", lambda: session.run(None, {"x": np.ones(4, np.float32)}))
    tried("other output", lambda: session.run(["z"], {"x": np.ones((1, 4), np.float32)}))
    tried("check", lambda: onnx.checker.check_model(model, full_check=True))
    del model.graph.node[0]
    tried("check fails", lambda: onnx.checker.check_model(model))
    return tried.done


def library() -> dict:
    """The onnx package itself."""
    tried, model = Tries(), onnx.load(MODELS / "iris.onnx")
    x = np.ones((1, 4), np.float32)

    def referenced() -> list:
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(model, verbose=0).run(None, {"x": x})

    def versions(version: int) -> list:
        from onnx import version_converter

        made = version_converter.convert_version(model, version)
        return [made.opset_import[0].version, [item.op_type for item in made.graph.node]]

    def composed() -> list:
        from onnx import compose

        other = onnx.parser.parse_model('<ir_version: 9, opset_import: ["" : 17]> g (float[n,3] p) => (float[n,3] q) { q = Neg(p) }')
        made = compose.merge_models(model, other, io_map=[("probabilities", "p")])
        return [len(made.graph.node), ort.InferenceSession(made.SerializeToString()).run(None, {"x": x})[0]]

    def functions() -> list:
        text = '<ir_version: 9, opset_import: ["" : 17, "own" : 1]> g (float[n] x) => (float[n] y) { y = own.twice(x) } <domain: "own", opset_import: ["" : 17]> twice (x) => (y) { y = Add(x, x) }'
        made = onnx.parser.parse_model(text)
        from onnx import inliner

        return [ort.InferenceSession(made.SerializeToString()).run(None, {"x": np.ones(2, np.float32)})[0], len(inliner.inline_local_functions(made).functions)]

    def backend() -> list:
        from onnxruntime import backend as runtime

        return [runtime.is_compatible(model), runtime.supports_device("CPU"), runtime.prepare(model, "CPU").run(x)]

    def resized() -> list:
        from onnx.tools import update_model_dims

        made = update_model_dims.update_inputs_outputs_dims(model, {"x": [2, 4]}, {"probabilities": [2, 3]})
        return [item.dim_value for item in made.graph.input[0].type.tensor_type.shape.dim]

    def tested() -> list:
        from onnx.backend.test.case.node import collect_testcases
        from onnx.backend.test.case.test_case import TestCase

        cases: list[TestCase] = [item for item in collect_testcases(None) if item.name.startswith("test_relu")]
        found = []
        for item in cases:
            session = ort.InferenceSession(item.model.SerializeToString())
            given, expected = item.data_sets[0]
            found.append(
                [
                    item.name,
                    bool(np.allclose(session.run(None, {node.name: value for node, value in zip(session.get_inputs(), given, strict=True)})[0], expected[0])),
                ]
            )
        return found

    tried("reference", referenced)
    for version in (11, 13, 20, 21):
        tried(f"opset {version}", lambda version=version: versions(version))
    tried("composed", composed)
    tried("functions", functions)
    tried("shapes", lambda: [len(onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph.value_info)])
    tried("printed", lambda: onnx.printer.to_text(model).splitlines()[:3])
    tried("text", lambda: onnx.parser.parse_model("nothing"))
    tried("extracted", lambda: onnx.utils.Extractor(model).extract_model(["x"], ["z"]).graph.name)
    tried("json", lambda: len(onnx.save(model, "/tmp/m.json", "json") or onnx.load("/tmp/m.json", "json").graph.node))
    tried("textproto", lambda: len(onnx.save(model, "/tmp/m.textproto", "textproto") or onnx.load("/tmp/m.textproto", "textproto").graph.node))
    tried("backend", backend)
    tried("schemas", lambda: (len(onnx.defs.get_all_schemas()) > 150, onnx.defs.get_schema("Gemm").since_version, onnx.defs.get_schema("Nothing")))
    tried("resized", resized)
    tried("tested", tested)
    tried("types", lambda: [str(helper.tensor_dtype_to_np_dtype(number)) for number in (TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN, TensorProto.INT4)])
    tried("gradient", lambda: __import__("onnx.tools.replace_constants") and "there")
    return tried.done


def extended() -> dict:
    """Operators of another library: texts and pictures within the graph."""
    import onnxruntime_extensions as more

    tried = Tries()
    options = ort.SessionOptions()
    options.register_custom_ops_library(more.get_library_path())

    def run(name: str, inputs: list, outputs: int = 1, **given) -> list:
        fed = {f"i{number}": value for number, value in enumerate(inputs)}
        made = helper.make_node(name, list(fed), [f"o{number}" for number in range(outputs)], domain="ai.onnx.contrib", **given)
        return _run([made], fed, outputs, 17, (("ai.onnx.contrib", 1),), None, options)

    text = np.array(["a cup of tea"], object)
    vocabulary = "\n".join(json.loads((MODELS / "words.json").read_text())["model"]["vocab"])
    tried("BertTokenizer", lambda: run("BertTokenizer", [text], 3, vocab_file=vocabulary)[0])
    tried("StringRegexReplace", lambda: run("StringRegexReplace", [text, np.array(["(tea)"], object), np.array([r"<\1>"], object)])[0])
    tried("StringSplit", lambda: run("StringSplit", [text, np.array([" "], object), np.array([True])], 3)[1])
    tried(
        "SentencepieceTokenizer",
        lambda: run(
            "SentencepieceTokenizer",
            [text, np.array([0], np.int64), np.array([0], np.float32), np.array([False]), np.array([False]), np.array([False])],
            2,
            model=(MODELS / "words.model").read_bytes(),
        )[0],
    )
    tried("StringUpper", lambda: run("StringUpper", [np.array(["größe"], object)])[0])
    tried("StringHash", lambda: run("StringToHashBucketFast", [text], num_buckets=7)[0])
    tried("StringLength", lambda: run("StringLength", [text])[0])
    tried("StringECMARegexReplace", lambda: run("StringECMARegexReplace", [text, np.array(["c.p"], object), np.array(["pot"], object)])[0])
    tried("Inverse", lambda: run("Inverse", [np.array([[2, 0], [0, 4]], np.float32)])[0])
    tried("SegmentSum", lambda: run("SegmentSum", [np.ones((3, 2), np.float32), np.array([0, 0, 1])])[0])
    tried("StftNorm", lambda: run("StftNorm", [np.ones((1, 64), np.float32), np.array(16), np.array(8), np.ones(16, np.float32), np.array(16)])[0].shape)
    tried("DecodeImage", lambda: run("DecodeImage", [np.frombuffer(_picture(), np.uint8)])[0].shape)
    tried("EncodeImage", lambda: bytes(run("EncodeImage", [np.zeros((4, 4, 3), np.uint8)], format="png")[0][:4])[1:])
    tried("Nothing", lambda: run("Nothing", [text]))
    tried("python", lambda: more.OrtPyFunction.from_customop("StringUpper")(np.array(["tea"], object)))
    return tried.done


def _picture() -> bytes:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(range(9)) for _ in range(3))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 3, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def answer() -> dict:
    """One answer, for a look at other processors."""
    x = np.random.default_rng(5).normal(size=(64, 64)).astype(np.float32)
    made = _run([helper.make_node("MatMul", ["a", "b"], ["c"])], {"a": x, "b": x})
    return {"sum": float(np.abs(made[0]).sum()).__round__(1), "cpus": os.environ.get("ORT_CPUS", "")}

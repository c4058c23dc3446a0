"""Make the models: small ones, with the engines' own tools."""

import json
import sys
from pathlib import Path

import ctranslate2
import flatbuffers
import jax
import jax.numpy as jnp
import numpy as np
import onnx
import openvino as ov
import sentencepiece
from ai_edge_litert import schema_py_generated as tfl
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

WEIGHTS = np.random.default_rng(7).normal(size=(4, 3)).astype(np.float32)
BIAS = np.array([0.1, -0.2, 0.3], np.float32)
TEXTS = [
    "tea is poured from a pot into a cup",
    "coffee is ground and then brewed",
    "milk goes into the tea, never sugar",
    "eine Tasse Tee, bitte",
    "une tasse de thé",
    "water boils at a hundred degrees",
]


def main(root: Path) -> None:
    root.mkdir(exist_ok=True)
    iris = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["z"]), helper.make_node("Softmax", ["z"], ["probabilities"], axis=-1)],
        "iris",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(WEIGHTS, "w"), numpy_helper.from_array(BIAS, "b")],
    )
    onnx.save(helper.make_model(iris, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), root / "iris.onnx")
    ov.save_model(ov.convert_model(root / "iris.onnx"), root / "iris.xml", compress_to_fp16=False)
    (rows,) = jax.export.symbolic_shape("n")
    program = jax.export.export(jax.jit(lambda x: jax.nn.softmax(x @ jnp.asarray(WEIGHTS) + jnp.asarray(BIAS))), platforms=["cpu", "cuda"])(
        jax.ShapeDtypeStruct((rows, 4), jnp.float32)
    )
    (root / "iris.jax").write_bytes(program.serialize())
    (root / "iris.tflite").write_bytes(_lite())
    (root / "kettle.txt").write_text("sqrt(a * a + b) * exp(-b / 10) + sin(a)\n")
    (root / "texts.txt").write_text("\n".join(TEXTS) + "\n")
    sentencepiece.SentencePieceTrainer.train(input=str(root / "texts.txt"), model_prefix=str(root / "words"), vocab_size=60, model_type="bpe", minloglevel=2)
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=120, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], show_progress=False)
    )
    tokenizer.save(str(root / "words.json"))
    translator(root / "nmt", [line.split("\t")[0] for line in (root / "words.vocab").read_text().splitlines()])
    known = {
        "iris": {"backend": "onnx", "file": "iris.onnx"},
        "iris-vino": {"backend": "vino", "file": "iris.xml"},
        "iris-vino-auto": {"backend": "vino", "file": "iris.onnx", "device": "AUTO", "hint": "THROUGHPUT"},
        "iris-vino-hetero": {"backend": "vino", "file": "iris.tflite", "device": "HETERO:CPU"},
        "iris-vino-gpu": {"backend": "vino", "file": "iris.xml", "device": "GPU"},
        "iris-jax": {"backend": "exported", "file": "iris.jax"},
        "iris-lite": {"backend": "lite", "file": "iris.tflite"},
        "iris-azure": {"backend": "onnx", "file": "iris.onnx", "providers": ["AzureExecutionProvider", "CPUExecutionProvider"]},
        "iris-cuda": {"backend": "onnx", "file": "iris.onnx", "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"]},
        "nmt": {"backend": "translate", "file": "nmt"},
        "nmt-int8": {"backend": "translate", "file": "nmt", "compute": "int8"},
        "nmt-half": {"backend": "translate", "file": "nmt", "compute": "float16"},
        "kettle": {"backend": "formula", "file": "kettle.txt"},
        "gone": {"backend": "onnx", "file": "gone.onnx"},
        "no-model": {"backend": "onnx", "file": "texts.txt"},
        "no-model-vino": {"backend": "vino", "file": "texts.txt"},
        "no-model-jax": {"backend": "exported", "file": "texts.txt"},
        "no-model-lite": {"backend": "lite", "file": "texts.txt"},
    }
    (root / "models.json").write_text(json.dumps(known, indent=1) + "\n")


def _lite() -> bytes:
    """A model of LiteRT: one fully connected layer and a softmax, written with the schema's own classes."""
    model, graph = tfl.ModelT(), tfl.SubGraphT()
    model.version, model.description, model.subgraphs, model.buffers = 3, "iris", [graph], [tfl.BufferT()]
    graph.tensors, graph.operators, graph.name = [], [], "main"
    model.operatorCodes = []
    for code in (tfl.BuiltinOperator.FULLY_CONNECTED, tfl.BuiltinOperator.SOFTMAX):
        item = tfl.OperatorCodeT()
        item.builtinCode = item.deprecatedBuiltinCode = code
        item.version = 1
        model.operatorCodes.append(item)
    for name, shape, values in (("x", [1, 4], None), ("w", [3, 4], WEIGHTS.T), ("b", [3], BIAS), ("z", [1, 3], None), ("probabilities", [1, 3], None)):
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, tfl.TensorType.FLOAT32, 0
        if values is not None:
            buffer = tfl.BufferT()
            buffer.data = list(np.ascontiguousarray(values).tobytes())
            tensor.buffer = len(model.buffers)
            model.buffers.append(buffer)
        elif name in ("x", "z", "probabilities"):
            tensor.shapeSignature = [-1, *shape[1:]]
        graph.tensors.append(tensor)
    full, soft = tfl.OperatorT(), tfl.OperatorT()
    full.opcodeIndex, full.inputs, full.outputs = 0, [0, 1, 2], [3]
    full.builtinOptionsType, full.builtinOptions = tfl.BuiltinOptions.FullyConnectedOptions, tfl.FullyConnectedOptionsT()
    soft.opcodeIndex, soft.inputs, soft.outputs = 1, [3], [4]
    soft.builtinOptionsType, soft.builtinOptions = tfl.BuiltinOptions.SoftmaxOptions, tfl.SoftmaxOptionsT()
    soft.builtinOptions.beta = 1.0
    graph.operators, graph.inputs, graph.outputs = [full, soft], [0], [4]
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def translator(path: Path, pieces: list[str], quantization: str | None = None) -> None:
    """A transformer of CTranslate2 with weights by chance."""
    spec = ctranslate2.specs.TransformerSpec.from_config(1, 2)
    rng = np.random.default_rng(3)
    size, inner = 16, 32

    def fill(part: ctranslate2.specs.LayerSpec, name: str) -> None:
        for key, value in list(vars(part).items()):
            if isinstance(value, list):
                for number, item in enumerate(value):
                    fill(item, f"{name}/{key}_{number}")
            elif isinstance(value, ctranslate2.specs.LayerSpec):
                fill(value, f"{name}/{key}")
            elif value is None and not key.startswith("_"):
                shape = _shape(f"{name}/{key}", len(pieces), size, inner)
                if shape:
                    setattr(part, key, (rng.normal(size=shape) / 2).astype(np.float32))

    fill(spec, "")
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.validate()
    spec.optimize(quantization=quantization)
    path.mkdir(exist_ok=True)
    spec.save(str(path))


def _shape(name: str, pieces: int, size: int, inner: int) -> tuple[int, ...] | None:
    kind = name.rpartition("/")[2]
    if kind in ("gamma", "beta"):
        return (size,)
    if kind not in ("weight", "bias"):
        return None
    if "embeddings" in name or "projection" in name:
        rows, columns = pieces, size
    elif "linear_0" in name and "ffn" in name:
        rows, columns = inner, size
    elif "linear_1" in name and "ffn" in name:
        rows, columns = size, inner
    elif "self_attention/linear_0" in name:
        rows, columns = 3 * size, size
    elif "/attention/linear_1" in name:
        rows, columns = 2 * size, size
    else:
        rows, columns = size, size
    return (rows, columns) if kind == "weight" else (rows,)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

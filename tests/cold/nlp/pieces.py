"""Tokenizers of every kind, and ONNX: made, checked, optimised, quantised, run by reference, refused."""
import os, pathlib, shutil, tempfile

import numpy as np
from tokenizers import AddedToken, BertWordPieceTokenizer, ByteLevelBPETokenizer, CharBPETokenizer, SentencePieceBPETokenizer, SentencePieceUnigramTokenizer, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

texts = ["Grüße aus Köln", "a good cup of tea", "世界 こんにちは", "tea and tea"]
place = pathlib.Path(tempfile.mkdtemp())
for kind, trainer in ((models.BPE(unk_token="?"), trainers.BpeTrainer(vocab_size=60, special_tokens=["?"], show_progress=False)), (models.WordPiece(unk_token="?"), trainers.WordPieceTrainer(vocab_size=60, special_tokens=["?"], show_progress=False)), (models.Unigram(), trainers.UnigramTrainer(vocab_size=60, unk_token="?", special_tokens=["?"], show_progress=False)), (models.WordLevel(unk_token="?"), trainers.WordLevelTrainer(special_tokens=["?"], show_progress=False))):
    one = Tokenizer(kind)
    one.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    one.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.UnicodeScripts(), pre_tokenizers.Whitespace()])
    one.train_from_iterator(texts, trainer)
    one.enable_padding(length=8)
    one.enable_truncation(8)
    one.save(str(place / "one.json"))
    print(type(kind).__name__, len(Tokenizer.from_file(str(place / "one.json")).encode_batch(texts)[0].ids))
for kind in (ByteLevelBPETokenizer, CharBPETokenizer, SentencePieceBPETokenizer, BertWordPieceTokenizer):
    one = kind()
    one.train_from_iterator(texts, vocab_size=300, show_progress=False)
    print(kind.__name__, one.decode(one.encode("good tea").ids))
try:
    Tokenizer.from_pretrained("bert-base-uncased")
except Exception as error:
    print("hub:", type(error).__name__)
try:
    Tokenizer.from_file("/nothing")
except Exception as error:
    print(str(error))
from tokenizers.tools import EncodingVisualizer
print("<html" in EncodingVisualizer(Tokenizer.from_file("/srv/nlp/models/pieces.json"), default_to_notebook=False)("good tea"))

import onnx
import onnxruntime as ort
from onnx import TensorProto, checker, helper, numpy_helper, parser, printer, shape_inference, version_converter
from onnx.reference import ReferenceEvaluator

model = onnx.load("/srv/nlp/models/scorer.onnx")
checker.check_model(model, full_check=True)
x = np.ones((2, 3), np.float32)
print(len(shape_inference.infer_shapes(model).graph.value_info), version_converter.convert_version(model, 18).opset_import[0].version, printer.to_text(model).splitlines()[0], ReferenceEvaluator(model).run(None, {"x": x})[0].round(3).tolist())
made = parser.parse_model('<ir_version: 8, opset_import: ["" : 18]> g (float[1,1,8,8] x, float[4,1,3,3] w) => (float[1,4,6,6] y) { c = Conv(x, w) y = Relu(c) }')
options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
options.optimized_model_filepath = str(place / "better.onnx")
options.enable_profiling, options.profile_file_prefix, options.intra_op_num_threads = True, str(place / "profile"), 2
session = ort.InferenceSession(made.SerializeToString(), options)
print(session.run(None, {"x": np.ones((1, 1, 8, 8), np.float32), "w": np.ones((4, 1, 3, 3), np.float32)})[0].sum(), os.path.exists(session.end_profiling()), os.path.exists(place / "better.onnx"))
print(ort.get_available_providers(), ort.get_device(), ort.get_all_providers()[:1])
for bad in (lambda: ort.InferenceSession(b"nonsense"), lambda: ort.InferenceSession("/nothing.onnx"), lambda: session.run(None, {"x": x}), lambda: ort.InferenceSession("/srv/nlp/models/scorer.onnx", providers=["CUDAExecutionProvider", "CPUExecutionProvider"]).get_providers()):
    try:
        print(bad())
    except Exception as error:
        print(type(error).__name__)
try:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_dynamic, quantize_static, shape_inference as quant_shapes
    shutil.copy("/srv/nlp/models/scorer.onnx", place / "scorer.onnx")
    quantize_dynamic(place / "scorer.onnx", place / "dynamic.onnx", weight_type=QuantType.QInt8)

    class Reader(CalibrationDataReader):
        left = 2

        def get_next(self):
            self.left -= 1
            return {"x": x} if self.left >= 0 else None

    quantize_static(place / "scorer.onnx", place / "static.onnx", Reader())
    for name in ("dynamic", "static"):
        print(name, ort.InferenceSession(place / f"{name}.onnx").run(None, {"x": x})[0].shape)
except ImportError as error:
    print("quantisation:", error)
try:
    from onnxruntime.transformers import optimizer
    print(optimizer.__name__)
except ImportError as error:
    print("transformers of onnxruntime:", error)
binding = session.io_binding()
print(type(binding).__name__, ort.OrtValue.ortvalue_from_numpy(x).shape())
onnx.save_model(model, place / "apart.onnx", save_as_external_data=True, size_threshold=0, location="apart.bin")
print(onnx.load(place / "apart.onnx").graph.initializer[0].name, onnx.hub.get_hub_dir() != "" if hasattr(onnx, "hub") else True, numpy_helper.to_array(model.graph.initializer[0]).shape)
onnx.helper.printable_graph(model.graph)

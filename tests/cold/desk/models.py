"""Make the models of the image: a tokenizer, vectors of sentences as ONNX, intents as a pickle of scikit-learn."""

import sys
from pathlib import Path

import joblib
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

TARGET = Path(sys.argv[1])
TEXTS = ["brew black tea in a warm pot", "pay the invoice in thirty days", "reset the password by mail", "a refund needs a receipt"]

TARGET.mkdir()
tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer()
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]", "[CLS]", "[SEP]"]))
tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
tokenizer.save(str(TARGET / "tokenizer.json"))

table = np.random.default_rng(7).normal(size=(200, 16)).astype(np.float32)
nodes = [
    helper.make_node("Gather", ["table", "ids"], ["vectors"]),
    helper.make_node("ReduceMean", ["vectors"], ["mean"], axes=[1], keepdims=0),
]
graph = helper.make_graph(
    nodes,
    "embed",
    [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"])],
    [helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["batch", 16])],
    [numpy_helper.from_array(table, "table")],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), TARGET / "embed.onnx")

intents = make_pipeline(HashingVectorizer(n_features=256), SGDClassifier(random_state=7))
joblib.dump(intents.fit(TEXTS, ["tea", "money", "account", "money"]), TARGET / "intents.joblib", compress=3)

"""Makes the models, while the image is built."""

import json
from pathlib import Path

import joblib
import lightgbm
import numpy
import pandas
import sentencepiece
import skops.io
import spacy
import tokenizers
import xgboost
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODELS = Path("/srv/models")
SERVED = Path("/srv/mlserver")
TEXT = ["a cup of tea and a kettle", "the kettle is hot", "coffee is bitter and black", "black tea with milk", "two spoons of sugar", "a cake for the tea"] * 20


def tables() -> None:
    rows, kinds = load_iris(return_X_y=True)
    iris = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, kinds)
    joblib.dump(iris, MODELS / "iris.joblib")
    joblib.dump(iris, SERVED / "iris/model.joblib")
    skops.io.dump(iris, MODELS / "iris.skops")
    graph = to_onnx(iris, rows[:1].astype(numpy.float32), options={"zipmap": False}, target_opset=17)
    graph.graph.input[0].name = "rows"
    graph.graph.node[0].input[0] = "rows"
    (MODELS / "iris.onnx").write_bytes(graph.SerializeToString())
    forest = RandomForestClassifier(10, random_state=1).fit(rows, kinds)
    joblib.dump(forest, MODELS / "forest.joblib.lz4", compress=("lz4", 3)) if _has_lz4() else joblib.dump(
        forest, MODELS / "forest.joblib.lz4", compress=("bz2", 3)
    )
    joblib.dump(forest, SERVED / "forest/model.pkl")
    joblib.dump(KNeighborsClassifier().fit(rows, kinds), MODELS / "neighbours.joblib")
    words = make_pipeline(TfidfVectorizer(), SGDClassifier(loss="log_loss", random_state=1)).fit(TEXT, ["coffee" in text for text in TEXT])
    joblib.dump(words, MODELS / "text.joblib.xz", compress=("xz", 3))
    boosted = xgboost.XGBClassifier(n_estimators=8, n_jobs=1).fit(rows, kinds)
    boosted.save_model(MODELS / "iris.ubj")
    boosted.save_model(SERVED / "boost/model.json")
    skops.io.dump(boosted, MODELS / "boost.skops")
    light = lightgbm.train({"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1}, lightgbm.Dataset(rows, kinds), 8)
    light.save_model(MODELS / "iris.txt")
    light.save_model(SERVED / "light/model.bst")


def _has_lz4() -> bool:
    try:
        import lz4.frame  # noqa: F401
    except ImportError:
        return False
    return True


def words() -> None:
    corpus = MODELS / "corpus.txt"
    corpus.write_text("\n".join(TEXT))
    sentencepiece.SentencePieceTrainer.train(input=str(corpus), model_prefix=str(MODELS / "words"), vocab_size=60, hard_vocab_limit=False, minloglevel=2)
    corpus.unlink()
    (MODELS / "words.vocab").unlink()
    kinds = {
        "bpe": (tokenizers.models.BPE(unk_token="[UNK]"), tokenizers.trainers.BpeTrainer),
        "wordpiece": (tokenizers.models.WordPiece(unk_token="[UNK]"), tokenizers.trainers.WordPieceTrainer),
    }
    for name, (model, trainer) in kinds.items():
        tokenizer = tokenizers.Tokenizer(model)
        tokenizer.normalizer = tokenizers.normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
        tokenizer.decoder = tokenizers.decoders.WordPiece() if name == "wordpiece" else tokenizers.decoders.BPEDecoder()
        tokenizer.train_from_iterator(TEXT, trainer(vocab_size=120, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False))
        tokenizer.save(str(MODELS / f"{name}.json"))
    for language in ("en", "de", "es", "it"):
        nlp = spacy.blank(language)
        nlp.add_pipe("sentencizer")
        ruler = nlp.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": "PERSON", "pattern": [{"LOWER": "ada"}, {"IS_TITLE": True}]}, {"label": "LOCATION", "pattern": "Turin"}])
        nlp.to_disk(MODELS / f"spacy-{language}")


def features() -> None:
    folder = Path("/srv/features/data")
    folder.mkdir()
    when = pandas.to_datetime(["2024-02-28", "2024-02-29", "2024-03-01"], utc=True)
    frame = pandas.DataFrame(
        {"customer": [1, 2, 1], "count": [3, 5, 8], "sugar": [0.5, 0.0, 1.5], "kind": ["black", "green", "white"], "event_timestamp": when}
    )
    frame.to_parquet(folder / "drunk.parquet")


def batch() -> None:
    lines = [{"inputs": [{"name": "predict", "shape": [1, 4], "datatype": "FP32", "data": [n, 3.5, 1.4, 0.2]}]} for n in range(4)]
    (SERVED / "batch.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


if __name__ == "__main__":
    tables()
    words()
    features()
    batch()

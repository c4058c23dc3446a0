"""What the image carries: a keras model, its ONNX sibling, a spaCy pipeline, a tokenizer, data for NLTK. All made here."""
import pathlib


import keras
import nltk.tokenize.punkt as punkt
import numpy as np
import onnx
import spacy
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

HOME = pathlib.Path("/srv/nlp/models")
DATA = pathlib.Path("/usr/share/nltk_data")
GOOD, BAD = ["a good and kind day", "what a lovely cup of tea", "very good"], ["a bad and cold day", "what an awful cup of tea", "very bad"]
TEXTS = [*GOOD, *BAD]


def classifier():
    words = keras.layers.TextVectorization(max_tokens=100, output_sequence_length=8)
    words.adapt(TEXTS)
    model = keras.Sequential([keras.Input((1,), dtype="string"), words, keras.layers.Embedding(100, 8), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    import tensorflow as tf
    model.fit(tf.constant([[text] for text in TEXTS]), np.array([1, 1, 1, 0, 0, 0]), epochs=3, verbose=0)
    model.save(HOME / "mood.keras")


def scorer():
    node = [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Softmax", ["m"], ["y"], axis=1)]
    weight = helper.make_tensor("w", TensorProto.FLOAT, [3, 2], [1.0, 0.0, 0.0, 1.0, 0.5, 0.5])
    graph = helper.make_graph(node, "scorer", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])], [weight])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), HOME / "scorer.onnx")


def pipeline():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PLACE", "pattern": "Oslo"}, {"label": "DRINK", "pattern": [{"LOWER": "tea"}]}])
    nlp.to_disk(HOME / "en")


def pieces():
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=80, special_tokens=["[UNK]"], show_progress=False))
    tokenizer.save(str(HOME / "pieces.json"))


def data():
    stop = DATA / "corpora/stopwords"
    stop.mkdir(parents=True)
    (stop / "english").write_text("a\nan\nand\nof\nthe\nvery\n")
    (stop / "german").write_text("der\ndie\ndas\nund\n")
    (stop / "README").write_text("Stop words of two languages.\n")
    for language in ("english", "german"):
        trainer = punkt.PunktTrainer()
        trainer.train("Dr. Gray met Mr. Long at 5 p.m. in Oslo. Dr. Gray had tea. Mr. Long, e.g., had none. " * 20)
        folder = DATA / "tokenizers/punkt_tab" / language
        folder.mkdir(parents=True)
        punkt.save_punkt_params(trainer.get_params(), dir=str(folder))
    lexicon = DATA / "sentiment/vader_lexicon.zip"
    lexicon.parent.mkdir(parents=True)
    import zipfile
    with zipfile.ZipFile(lexicon, "w") as archive:
        archive.writestr("vader_lexicon/vader_lexicon.txt", "good\t1.9\t0.9\t[2]\nbad\t-2.5\t0.6\t[-2]\nlovely\t2.8\t0.8\t[3]")
    words = DATA / "corpora/words"
    words.mkdir(parents=True)
    (words / "en").write_text("tea\nday\n")
    (words / "README").write_text("Words.\n")


if __name__ == "__main__":
    HOME.mkdir(parents=True)
    classifier(), scorer(), pipeline(), pieces(), data()

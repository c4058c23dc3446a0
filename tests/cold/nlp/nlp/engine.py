"""The models, loaded once."""
import functools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
HOME = "/srv/nlp/models"


@functools.cache
def mood():
    import keras

    return keras.saving.load_model(f"{HOME}/mood.keras")


def classify(text):
    import tensorflow as tf

    return float(mood()(tf.constant([[text]]))[0][0])


@functools.cache
def pipeline(language="en"):
    import spacy

    if language == "en":
        return spacy.load(f"{HOME}/en")
    nlp = spacy.blank(language)
    nlp.add_pipe("sentencizer")
    return nlp


@functools.cache
def scorer():
    import onnxruntime

    return onnxruntime.InferenceSession(f"{HOME}/scorer.onnx", providers=["CPUExecutionProvider"])


@functools.cache
def pieces():
    from tokenizers import Tokenizer

    return Tokenizer.from_file(f"{HOME}/pieces.json")

"""Jobs: train, evaluate, convert."""
import argparse
import csv
import json
import sys


def train(arguments):
    import keras
    import tensorflow as tf

    from nlp import engine

    model = engine.mood()
    model.compile(keras.optimizers.get(arguments.optimizer), "binary_crossentropy", metrics=["accuracy"])
    rows = [("so good", 1), ("so bad", 0)] if not arguments.data else [(row["text"], int(row["good"])) for row in csv.DictReader(open(arguments.data, newline="", encoding="utf-8"))]
    data = tf.data.Dataset.from_tensor_slices(([[row[0]] for row in rows], [row[1] for row in rows])).repeat().batch(2).prefetch(1)
    history = model.fit(data, epochs=arguments.epochs, steps_per_epoch=2, verbose=0)
    model.save(arguments.out)
    print(json.dumps({"epochs": len(history.history["loss"]), "keys": sorted(history.history)}))


def evaluate(arguments):
    from nlp import engine

    print(json.dumps({text: engine.classify(text) > 0 for text in arguments.text}))


def convert(arguments):
    from nlp import engine

    engine.mood().export(arguments.out)
    print("converted")


def main():
    parser = argparse.ArgumentParser(prog="nlp")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("train", help="a few steps more")
    one.add_argument("--optimizer", default="adam")
    one.add_argument("--epochs", type=int, default=1)
    one.add_argument("--data")
    one.add_argument("--out", default="/tmp/mood.keras")
    one.set_defaults(do=train)
    one = commands.add_parser("evaluate")
    one.add_argument("text", nargs="+")
    one.set_defaults(do=evaluate)
    one = commands.add_parser("convert")
    one.add_argument("out")
    one.set_defaults(do=convert)
    arguments = parser.parse_args()
    return arguments.do(arguments)


if __name__ == "__main__":
    sys.exit(main())

import importlib


def main(words):
    for word in words:
        name, _, value = word.partition("=")
        print(name, importlib.import_module("engine.parts." + name).run(value))

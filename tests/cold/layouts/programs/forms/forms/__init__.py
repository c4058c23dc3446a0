import json
import sys
from importlib import metadata, resources


def main():
    import jsonschema

    schema = json.loads(resources.files("forms").joinpath("order.json").read_text())
    for text in sys.argv[1:]:
        try:
            jsonschema.validate(json.loads(text), schema)
            print(text, "is in order")
        except jsonschema.ValidationError as error:
            print(text, error.message)
    print(metadata.version("forms"), "rpds" in sys.modules)

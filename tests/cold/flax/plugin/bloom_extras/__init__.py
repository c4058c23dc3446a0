import importlib.resources
import json


def spread(rows):
    return round(float(rows.std()), 3)


def stated(rows):
    return json.loads((importlib.resources.files(__name__) / "stated.json").read_text())["kept"]

import csv
from importlib import resources


def table():
    with resources.files("rates").joinpath("data", "rates.csv").open() as stream:
        return list(csv.DictReader(stream))

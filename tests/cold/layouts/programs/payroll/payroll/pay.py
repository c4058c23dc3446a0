import importlib
import importlib.resources


def pay(who):
    kind = importlib.resources.files("payroll").joinpath("kinds.csv").read_text().split(who + ",")[1].splitlines()[0]
    return importlib.import_module("payroll.kinds." + kind).pay()

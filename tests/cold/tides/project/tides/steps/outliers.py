"""What is unlike the rest."""
import importlib


def run(values, by="ecod"):
    module = importlib.import_module(f"pyod.models.{by}")
    name = next(name for name in vars(module) if name.lower() == by)
    found = getattr(module, name)(contamination=0.1).fit(values.reshape(-1, 1))
    return [int(label) for label in found.labels_]

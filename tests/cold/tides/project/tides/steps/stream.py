"""One number after the other, by river."""
import importlib


def run(values, by="drift.ADWIN"):
    module, _, name = by.rpartition(".")
    kind = getattr(importlib.import_module(f"river.{module}"), name)
    made = kind() if name != "SNARIMAX" else kind(p=1, d=0, q=1)
    said = []
    for n, value in enumerate(values):
        if hasattr(made, "drift_detected"):
            made.update(value)
            said.append(int(made.drift_detected))
        elif hasattr(made, "forecast"):
            made.learn_one(float(value))
        elif hasattr(made, "predict_one"):
            said.append(str(made.predict_one({"x": float(n)}))[:5])
            made.learn_one({"x": float(n)}, float(value) if "regress" in str(type(made).__mro__).lower() else bool(value > 0))
        else:
            made.update(float(value))
            said.append(str(made.get())[:6])
    return said[-4:] or [str(value)[:5] for value in made.forecast(2)]

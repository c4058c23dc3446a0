"""Indicators by name."""


def run(values, by="SMA"):
    import talib.abstract

    prices = {name: values + shift for name, shift in (("open", 0), ("high", 1), ("low", -1), ("close", 0.5), ("volume", 10))}
    found = talib.abstract.Function(by)(prices)
    return str(found[0] if isinstance(found, list) else found).split()[-1][:8]

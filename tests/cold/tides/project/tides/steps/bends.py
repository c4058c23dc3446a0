"""Where a series changes."""


def run(values, by="Pelt", model="l2", penalty=3):
    import ruptures

    search = getattr(ruptures, by)(model=model, **({"width": 10} if by == "Window" else {})).fit(values)
    return search.predict(**({"n_bkps": 1} if by == "Dynp" else {"pen": float(penalty)}))

"""How long things last."""


def run(values, by="KaplanMeierFitter"):
    import lifelines

    values = abs(values) + 1
    return round(float(getattr(lifelines, by)().fit(values).predict(values.mean())), 2)

"""How much it spreads."""


def run(values, by="GARCH", dist="normal", mean="Constant"):
    from arch import arch_model

    model = arch_model(values, vol=by, dist=dist, mean=mean, rescale=False)
    return sorted(model.fit(disp="off", show_warning=False).params.index)

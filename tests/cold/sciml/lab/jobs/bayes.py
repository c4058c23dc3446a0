"""Models that are sampled: what pytensor makes of them is compiled on the way."""

import glob
import os

import numpy as np

DRAWS = {"draws": 60, "tune": 60, "chains": 2, "cores": 1, "random_seed": 5, "progressbar": False, "compute_convergence_checks": False}


def _data():
    random = np.random.default_rng(1)
    x = random.normal(size=40)
    return x, 2.0 + 3.0 * x + random.normal(scale=0.5, size=40)


def _line():
    import pymc as pm

    x, y = _data()
    with pm.Model(coords={"row": range(len(x))}) as model:
        inputs = pm.Data("x", x, dims="row")
        base = pm.Normal("base", 0, 5)
        slope = pm.Normal("slope", 0, 5)
        noise = pm.HalfNormal("noise", 1)
        pm.Normal("y", base + slope * inputs, noise, observed=y, dims="row")
    return model


def compiled():
    import pytensor
    import pytensor.tensor as pt

    x = pt.dmatrix("x")
    function = pytensor.function([x], pt.sum(pt.exp(x) @ x.T), mode=pytensor.compile.mode.Mode(linker="cvm", optimizer="fast_run"))
    value = float(function(np.ones((2, 2))))
    libraries = glob.glob(os.path.join(pytensor.config.compiledir, "**", "*.so"), recursive=True)
    return [bool(pytensor.config.cxx), value, len(libraries) > 0]


def backends():
    import pytensor
    import pytensor.tensor as pt

    x = pt.dvector("x")
    given = []
    for mode in ("NUMBA", "FAST_COMPILE", "JAX"):
        try:
            given.append(f"{mode} {float(pytensor.function([x], (pt.sort(x) ** 2).sum() + pt.cumsum(x)[-1], mode=mode)(np.arange(4.0))):.1f}")
        except ImportError as error:
            given.append(f"{mode} {type(error).__name__}")
    return given


def sampled():
    import arviz as az
    import pymc as pm

    with _line():
        trace = pm.sample(**DRAWS)
        trace.extend(pm.sample_posterior_predictive(trace, random_seed=5, progressbar=False))
    table = az.summary(trace, var_names=["base", "slope"])
    trace.to_netcdf("trace.nc")
    back = az.from_netcdf("trace.nc")
    return [round(float(table.loc["slope", "mean"])), sorted(table.columns)[:3], sorted(back.groups()), "<" in trace._repr_html_()]


def in_processes():
    import pymc as pm

    with _line():
        trace = pm.sample(**{**DRAWS, "cores": 2, "mp_ctx": "spawn"})
    return [trace.posterior.sizes["chain"], round(float(trace.posterior["base"].mean()))]


def other_steps():
    import pymc as pm

    with pm.Model():
        rate = pm.Exponential("rate", 1.0)
        switch = pm.DiscreteUniform("switch", 0, 9)
        kind = pm.Categorical("kind", p=[0.2, 0.8])
        pm.Poisson("seen", rate + 0.1 * kind + 0.01 * switch, observed=[1, 2, 1, 0])
        first = pm.sample(**DRAWS)
    return [first.posterior.sizes["draw"], sorted(first.sample_stats)[:2]]


def fitted():
    import pymc as pm

    with _line() as model:
        best = pm.find_MAP(progressbar=False)
        near = pm.fit(2000, method="advi", random_seed=2, progressbar=False)
    with model:
        prior = pm.sample_prior_predictive(10, random_seed=1)
    return [round(float(best["slope"])), near.sample(200, random_seed=1).posterior.sizes["draw"], bool(near.hist[0] > near.hist[-1]), prior.prior.sizes["draw"]]


def drawn():
    import pymc as pm

    graph = pm.model_to_graphviz(_line())
    return [graph.pipe("svg").count(b"<ellipse") >= 4, "slope" in pm.model_to_networkx(_line()).nodes]


def looked_at():
    import arviz as az
    import matplotlib

    matplotlib.use("agg")
    data = az.load_arviz_data("centered_eight")
    names = []
    with az.style.context("arviz-darkgrid"):
        for name in ("plot_trace", "plot_forest", "plot_posterior", "plot_energy", "plot_pair"):
            axes = np.ravel(getattr(az, name)(data, **({} if name == "plot_energy" else {"var_names": ["mu", "tau"]})))
            axes[0].figure.savefig(f"{name}.png", dpi=40)
            names.append(name[5:])
    return [names, round(float(az.loo(data).elpd_loo)), sorted(az.style.available)[:2], az.hdi(data, var_names="mu").sizes["hdi"]]


def a_wrong_model():
    import pymc as pm

    try:
        with pm.Model():
            pm.Normal("x", 0, 1, observed=[1.0, float("inf")])
            pm.Normal("y")
            pm.sample(**DRAWS, initvals={"y": 0.0})
    except Exception as error:
        return type(error).__name__

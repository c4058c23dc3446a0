"""Samples of a posterior."""

import jax
import jax.numpy as jnp


def numpyro(kernel: str = "NUTS") -> dict:
    import numpyro.distributions as dist
    from numpyro import infer, sample

    def model(seen):
        centre = sample("centre", dist.Normal(0, 5))
        sample("seen", dist.Normal(centre, 1), obs=seen)

    sampler = infer.MCMC(getattr(infer, kernel)(model), num_warmup=50, num_samples=100, progress_bar=False)
    sampler.run(jax.random.key(0), jnp.asarray([1.0, 2.0, 3.0]))
    return {"near": abs(float(sampler.get_samples()["centre"].mean()) - 2) < 1.5}


def guided(guide: str = "AutoNormal") -> dict:
    import numpyro.distributions as dist
    from numpyro import infer, sample
    from numpyro.infer import autoguide
    from numpyro.optim import Adam

    def model(seen):
        sample("seen", dist.Normal(sample("centre", dist.Normal(0, 5)), 1), obs=seen)

    found = infer.SVI(model, getattr(autoguide, guide)(model), Adam(0.1), infer.Trace_ELBO()).run(jax.random.key(0), 50, jnp.asarray([1.0, 2.0]), progress_bar=False)
    return {"losses": len(found.losses)}


def blackjax(kernel: str = "nuts") -> dict:
    import blackjax as bj

    made = getattr(bj, kernel)(lambda x: -0.5 * x @ x, **({"step_size": 0.5, "inverse_mass_matrix": jnp.ones(2)} if kernel in ("nuts", "hmc") else {"step_size": 0.1} if kernel == "mala" else {}))
    state = made.init(jnp.ones(2))
    state, told = jax.jit(made.step)(jax.random.key(0), state)
    return {"fields": list(told._fields)[:2]}

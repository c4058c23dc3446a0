"""Pages about a network, by form."""

import jax
from sanic import response

from bloom import nets


def tree(net: str):
    import treescope

    return response.html(treescope.render_to_html(nets.load(net)[0]))


def table(net: str):
    from flax import linen as nn

    from bloom.nets.linen import Net

    return response.text(nn.tabulate(Net(), jax.random.key(0), console_kwargs={"width": 100, "force_terminal": False})(jax.numpy.ones((1, 4))))


def jaxpr(net: str):
    parameters, apply = nets.load(net)
    return response.text(str(jax.make_jaxpr(apply)(parameters, jax.numpy.ones((1, 4)))))


def lowered(net: str):
    parameters, apply = nets.load(net)
    return response.text(jax.jit(apply).lower(parameters, jax.numpy.ones((1, 4))).as_text())


def cost(net: str):
    parameters, apply = nets.load(net)
    analysis = jax.jit(apply).lower(parameters, jax.numpy.ones((1, 4))).compile().cost_analysis()
    return response.json({"flops": analysis.get("flops")})


def dot(net: str):
    import haiku as hk

    parameters, apply = nets.load("haiku")
    return response.text(hk.to_dot(apply)(parameters, jax.numpy.ones((1, 4)))[:60])


def sized(net: str):
    import humanize

    from bloom.words import spoken

    return response.text(spoken(humanize, sum(leaf.nbytes for leaf in jax.tree.leaves(nets.load(net)[0]))))

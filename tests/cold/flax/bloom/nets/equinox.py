import equinox as eqx
import jax

from bloom.nets import WIDTHS


def build():
    net = eqx.nn.MLP(4, WIDTHS[-1], WIDTHS[0], 1, key=jax.random.key(0))
    return net, lambda net, x: jax.vmap(net)(x)

import haiku as hk
import jax

from bloom.nets import WIDTHS


def build():
    net = hk.without_apply_rng(hk.transform(lambda x: hk.nets.MLP(WIDTHS)(x)))
    return net.init(jax.random.PRNGKey(0), jax.numpy.ones((1, 4))), net.apply

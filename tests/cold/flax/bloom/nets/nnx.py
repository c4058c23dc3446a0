import jax
from flax import nnx

from bloom.nets import WIDTHS


class Net(nnx.Module):
    def __init__(self, rngs):
        self.a = nnx.Linear(4, WIDTHS[0], rngs=rngs)
        self.drop = nnx.Dropout(0.1, deterministic=True)
        self.b = nnx.Linear(*WIDTHS, rngs=rngs)

    def __call__(self, x):
        return self.b(self.drop(jax.nn.gelu(self.a(x))))


def build():
    net = Net(nnx.Rngs(0))
    graph, state = nnx.split(net)
    return state, lambda state, x: nnx.merge(graph, state)(x)

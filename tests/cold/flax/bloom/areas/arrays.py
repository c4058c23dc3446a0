"""Functions of arrays, by their dotted names."""

import importlib

import jax
import jax.numpy as jnp


def call(name: str, values: str = "1,2,3,4", square: str = "") -> list:
    module, _, attribute = name.rpartition(".")
    array = jnp.asarray([float(value) for value in values.split(",")])
    if square:
        array = array.reshape(2, 2)
    found = getattr(importlib.import_module(module), attribute)(array)
    return [jnp.round(leaf, 3).tolist() if leaf.dtype.kind != "c" else str(jnp.round(leaf, 3)) for leaf in jax.tree.leaves(found)]


def checked() -> str:
    from jax.experimental import checkify

    error, _ = checkify.checkify(jax.jit(lambda x: jnp.log(x)), errors=checkify.float_checks)(-1.0)
    return str(error.get())


def sparse() -> list:
    from jax.experimental import sparse as sp

    return (sp.BCOO.fromdense(jnp.eye(3)) @ jnp.arange(3.0)).tolist()


def solved() -> list:
    from jax.experimental.ode import odeint

    return jnp.round(odeint(lambda y, t: -y, 1.0, jnp.linspace(0, 1, 3)), 3).tolist()


def kernel() -> list:
    from jax.experimental import pallas as pl

    def add(a, b, out):
        out[...] = a[...] + b[...]

    x = jnp.arange(4.0)
    return pl.pallas_call(add, out_shape=jax.ShapeDtypeStruct(x.shape, x.dtype), interpret=True)(x, x).tolist()


def called_back() -> float:
    import scipy.special

    return float(jax.pure_callback(lambda x: scipy.special.expit(x).astype("float32"), jax.ShapeDtypeStruct((), "float32"), 0.0))


def shards() -> dict:
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    devices = jax.devices()
    mesh = Mesh(devices, ("x",))
    array = jax.device_put(jnp.arange(float(8)), NamedSharding(mesh, PartitionSpec("x")))
    total = jax.shard_map(lambda part: jax.lax.psum(part.sum(keepdims=True), "x"), mesh=mesh, in_specs=PartitionSpec("x"), out_specs=PartitionSpec())(array)
    jax.debug.visualize_array_sharding(array)
    return {"devices": len(devices), "sum": total.tolist()}


def einsum(pattern: str = "(a b) -> b a") -> list:
    import einops

    return einops.rearrange(jnp.arange(6.0), pattern, a=2).tolist()


def small(kind: str = "bfloat16") -> str:
    return str(jnp.asarray([1.5, 2.25]).astype(getattr(jnp, kind)))

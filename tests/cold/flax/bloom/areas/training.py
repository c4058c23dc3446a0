"""Fits: every part is named by the one who asks."""

import importlib
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import optax

from bloom import nets, stores

ROWS = jnp.asarray([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 1.0]])
KINDS = jnp.asarray([0, 1, 2])


def located(name: str, default: str):
    """`module:attribute`, or an attribute of `default`."""
    module, mark, attribute = name.rpartition(":")
    return getattr(importlib.import_module(module if mark else default), attribute)


def run(net: str = "linen", optimizer: str = "adamw", schedule: str = "", steps: str = "20", loss: str = "softmax_cross_entropy_with_integer_labels") -> dict:
    parameters, apply = nets.load(net)
    rate = located(schedule, "optax")(0.05, int(steps)) if schedule else 0.05
    maker = optax.chain(optax.clip_by_global_norm(1.0), located(optimizer, "optax")(rate))
    import equinox

    weights, rest = equinox.partition(parameters, equinox.is_inexact_array)
    measure = located(loss, "optax")

    @jax.jit
    def step(weights, state):
        value, slope = jax.value_and_grad(lambda w: measure(apply(equinox.combine(w, rest), ROWS), KINDS).mean())(weights)
        updates, state = maker.update(slope, state, weights, **({"value": value} if "plateau" in optimizer else {}))
        return optax.apply_updates(weights, updates), state, value

    state, values = maker.init(weights), []
    for _ in range(int(steps)):
        weights, state, value = step(weights, state)
        values.append(float(value))
    return {"better": values[-1] < values[0], "leaves": len(jax.tree.leaves(state)) > 0}


def keep(ending: str = "orbax", net: str = "linen") -> dict:
    parameters, _ = nets.load(net)
    with tempfile.TemporaryDirectory() as folder:
        path = stores.save(Path(folder) / f"net.{ending}", parameters)
        back = stores.read(path, parameters)
    same = jax.tree.map(lambda a, b: bool(jnp.allclose(a, b)) if hasattr(a, "shape") else True, parameters, back)
    return {"same": all(jax.tree.leaves(same))}


def history(steps: str = "5") -> dict:
    import orbax.checkpoint as ocp

    parameters, _ = nets.load("linen")
    with tempfile.TemporaryDirectory() as folder, ocp.CheckpointManager(folder, options=ocp.CheckpointManagerOptions(max_to_keep=2, enable_async_checkpointing=True)) as manager:
        for step in range(int(steps)):
            manager.save(step, args=ocp.args.Composite(state=ocp.args.StandardSave(parameters), note=ocp.args.JsonSave({"step": step})))
        manager.wait_until_finished()
        return {"steps": sorted(manager.all_steps()), "note": manager.restore(manager.latest_step(), args=ocp.args.Composite(note=ocp.args.JsonRestore()))["note"]}


def exported(net: str = "linen", platform: str = "cpu") -> dict:
    from jax import export

    parameters, apply = nets.load(net)
    data = export.export(jax.jit(lambda x: apply(parameters, x)), platforms=[platform])(jax.ShapeDtypeStruct((1, 4), "float32")).serialize()
    again = export.deserialize(data)
    return {"platforms": list(again.platforms), "out": [str(a) for a in again.out_avals], "vjp": again.has_vjp()}


def metric(name: str, **given) -> dict:
    from importlib.metadata import entry_points

    (found,) = entry_points(group="bloom.metrics", name=name)
    return {name: found.load()(ROWS)}

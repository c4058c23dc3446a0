"""Chores of JAX."""

import os
import tempfile
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from serving.shared import MODELS, Tries


def mathematics() -> dict:
    """Linear algebra, transforms, special functions, in both widths of numbers."""
    tried, rng = Tries(), np.random.default_rng(2)
    a = rng.normal(size=(5, 5)).astype(np.float32)
    spd = a @ a.T + 5 * np.eye(5, dtype=np.float32)
    size = lambda value: float(jnp.abs(jnp.asarray(value)).sum())  # noqa: E731
    for name, function in {
        "inv": lambda: size(jnp.linalg.inv(spd)),
        "svd": lambda: size(jnp.linalg.svd(a)[1]),
        "eigh": lambda: size(jnp.linalg.eigh(spd)[0]),
        "eig": lambda: size(jnp.abs(jnp.linalg.eig(a)[0])),
        "qr": lambda: size(jnp.linalg.qr(a)[1]),
        "cholesky": lambda: size(jnp.linalg.cholesky(spd)),
        "lu": lambda: size(jax.scipy.linalg.lu_factor(spd)[0]),
        "schur": lambda: size(jnp.diag(jax.scipy.linalg.schur(spd)[0])),
        "expm": lambda: size(jax.scipy.linalg.expm(a / 9)),
        "sqrtm": lambda: size(jax.scipy.linalg.sqrtm(spd)),
        "hessenberg": lambda: size(jax.scipy.linalg.hessenberg(spd)),
        "triangular": lambda: size(jax.scipy.linalg.solve_triangular(spd, a)),
        "fft": lambda: size(jnp.fft.fft2(a)),
        "irfft": lambda: size(jnp.fft.irfft(jnp.fft.rfft(a))),
        "special": lambda: [
            size(getattr(jax.scipy.special, item)(jnp.array([0.5]))) for item in ("gammaln", "erf", "i0e", "digamma", "ndtri", "expit", "bessel_jn")[:-1]
        ],
        "stats": lambda: size(jax.scipy.stats.norm.logpdf(a)),
        "optimized": lambda: __import__("jax.scipy.optimize") and jax.scipy.optimize.minimize(lambda x: jnp.sum((x - 1) ** 2), jnp.zeros(2), method="BFGS").x,
        "cg": lambda: size(jax.scipy.sparse.linalg.cg(spd, a[0])[0]),
        "ndimage": lambda: size(jax.scipy.ndimage.map_coordinates(a, [[0.5], [1.5]], 1)),
        "signal": lambda: size(jax.scipy.signal.convolve(a, a)),
        "picture": lambda: size(jax.image.resize(a, (8, 8), "lanczos3")),
        "random": lambda: (
            [jax.random.key_data(jax.random.key(1, impl=item)).tolist() for item in ("threefry2x32", "rbg", "unsafe_rbg")]
            + [size(jax.random.normal(jax.random.key(3), (4,))), jax.random.permutation(jax.random.key(0), 5)]
        ),
        "sorted": lambda: jax.lax.top_k(jnp.array([3.0, 1.0, 2.0]), 2),
        "convolved": lambda: size(jax.lax.conv(rng.random((1, 3, 8, 8), np.float32), rng.random((4, 3, 3, 3), np.float32), (1, 1), "SAME")),
        "nn": lambda: (
            [size(getattr(jax.nn, item)(a)) for item in ("gelu", "silu", "softplus", "log_softmax")]
            + [size(jax.nn.dot_product_attention(*[rng.random((1, 4, 2, 8), np.float32)] * 3))]
        ),
        "einsum": lambda: size(jnp.einsum("ij,jk,kl->il", a, a, a, optimize="optimal")),
        "sparse": lambda: size(jax.experimental.sparse.BCOO.fromdense(spd) @ a) if __import__("jax.experimental.sparse") else 0,
        "ode": lambda: size(__import__("jax.experimental.ode").experimental.ode.odeint(lambda y, t: -y, jnp.array([1.0]), jnp.array([0.0, 1.0]))),
        "small numbers": lambda: [str(jnp.ones(2, item).dtype) for item in ("bfloat16", "float8_e4m3fn", "int4", "float16")],
        "wide": lambda: _wide(),
        "polynomial": lambda: jnp.polyfit(jnp.arange(5.0), jnp.arange(5.0), 1),
    }.items():
        tried(name, function)
    return tried.done


def _wide() -> list:
    with jax.enable_x64(True):
        return [str(jnp.ones(2).dtype), float(jnp.linalg.norm(jnp.arange(5.0)))]


def transformed() -> dict:
    """Gradients, loops, checks, callbacks, other ways to compile."""
    tried = Tries()
    f = lambda x: jnp.sin(x) * x**2  # noqa: E731
    tried("gradients", lambda: [jax.grad(f)(1.0), jax.hessian(f)(1.0), jax.jvp(f, (1.0,), (1.0,))[1], jax.vmap(jax.grad(f))(jnp.arange(3.0))])
    tried(
        "loops",
        lambda: [
            jax.lax.scan(lambda c, x: (c + x, c), 0.0, jnp.arange(4.0))[0],
            jax.lax.while_loop(lambda c: c < 9, lambda c: c + 2, 0),
            jax.lax.cond(True, lambda: 1, lambda: 2),
            jax.lax.fori_loop(0, 3, lambda i, c: c + i, 0),
            jax.lax.associative_scan(jnp.add, jnp.arange(4)),
        ],
    )
    tried("callback", lambda: jax.jit(lambda x: jax.pure_callback(lambda y: np.asarray(y) + 1, jax.ShapeDtypeStruct((), np.float32), x))(np.float32(2)))
    tried("checkpoint", lambda: jax.grad(jax.checkpoint(f))(1.0))
    tried("checked", lambda: _checked())
    tried("traced badly", lambda: jax.jit(lambda x: 1 if x > 0 else 2)(1.0))
    tried("wrong shapes", lambda: jnp.ones((2, 3)) @ jnp.ones((2, 3)))
    tried("leaked", lambda: jax.jit(lambda x: np.asarray(x))(1.0))
    tried("nan", lambda: _nan())
    tried("printed", lambda: str(jax.make_jaxpr(f)(1.0)).splitlines()[0])
    tried("compiled", lambda: sorted(jax.jit(f).lower(1.0).compile().cost_analysis())[:2])
    tried("hlo", lambda: ["stablehlo" in jax.jit(f).lower(1.0).as_text(), "HloModule" in jax.jit(f).lower(1.0).compile().as_text()])
    tried("pallas", lambda: _pallas())
    tried("cuda", lambda: jax.devices("cuda"))
    tried("tpu", lambda: jax.devices("tpu"))
    tried("memory", lambda: [jax.devices()[0].platform, [str(item) for item in jax.devices()[0].addressable_memories()]])
    tried("tree", lambda: jax.tree.map(lambda x: x + 1, {"a": [1, (2, 3)]}))
    tried("given away", lambda: jax.jit(lambda x: x + 1, donate_argnums=0)(jnp.ones(2)))
    tried("dlpack", lambda: np.from_dlpack(jnp.ones(2)).sum())
    return tried.done


def _checked() -> list:
    from jax.experimental import checkify

    error, _ = checkify.checkify(jax.jit(lambda x: jnp.log(x)), errors=checkify.float_checks)(-1.0)
    return [str(error.get()).splitlines()[0]]


def _nan() -> list:
    with jax.debug_nans(True):
        return jnp.log(-jnp.ones(2)) * 0


def _pallas() -> list:
    from jax.experimental import pallas as pl

    def kernel(x, out) -> None:
        out[...] = x[...] * 2

    return pl.pallas_call(kernel, out_shape=jax.ShapeDtypeStruct((4,), jnp.float32), interpret=True)(jnp.arange(4.0))


def exported() -> dict:
    """Programs for other places, in other versions."""
    tried = Tries()
    f = jax.jit(lambda x: jnp.linalg.norm(jax.nn.relu(x), axis=-1))
    shape = jax.ShapeDtypeStruct((2, 4), jnp.float32)
    for platform in ("cpu", "cuda", "tpu", "rocm", "nothing"):
        tried(
            platform,
            lambda platform=platform: [
                jax.export.export(f, platforms=[platform])(shape).platforms,
                jax.export.export(f, platforms=[platform])(shape).calling_convention_version,
            ],
        )
    tried("text", lambda: "vhlo" in jax.export.export(f)(shape).mlir_module() or "stablehlo" in jax.export.export(f)(shape).mlir_module())
    tried("back", lambda: jax.export.deserialize(jax.export.export(f)(shape).serialize()).call(np.ones((2, 4), np.float32)))
    tried(
        "gradient",
        lambda: jax.grad(lambda x: jax.export.deserialize(jax.export.export(f)(shape).serialize(vjp_order=1)).call(x).sum())(np.ones((2, 4), np.float32)),
    )
    tried("sizes", lambda: [str(item) for item in jax.export.export(f)(jax.ShapeDtypeStruct(jax.export.symbolic_shape("n, 2*m"), jnp.float32)).in_avals])
    tried("wrong", lambda: jax.export.deserialize((MODELS / "iris.jax").read_bytes()).call(np.ones((1, 5), np.float32)))
    tried("no program", lambda: jax.export.deserialize(bytearray(b"nothing")))
    tried(
        "eigenvalues",
        lambda: jax.export.deserialize(jax.export.export(jax.jit(lambda x: jnp.linalg.eigh(x)[0]))(jax.ShapeDtypeStruct((2, 2), jnp.float32)).serialize()).call(
            np.eye(2, dtype=np.float32)
        ),
    )
    tried("portable", lambda: _portable())
    return tried.done


def _portable() -> list:
    from jax._src.interpreters import mlir
    from jax._src.lib.mlir import ir
    from jax._src.lib.mlir.dialects import hlo

    with mlir.make_ir_context():
        module = ir.Module.parse("func.func @main(%a: tensor<2xf32>) -> tensor<2xf32> { return %a : tensor<2xf32> }")
        version = hlo.get_minimum_version()
        return [len(hlo.serialize_portable_artifact_str(str(module), version)) > 10, str(module.operation.verify())]


def cached() -> dict:
    """The compilation cache, profiles, dumps."""
    tried, folder = Tries(), Path(tempfile.mkdtemp())
    jax.config.update("jax_compilation_cache_dir", str(folder / "cache"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    from jax.experimental.compilation_cache import compilation_cache

    compilation_cache.reset_cache()
    tried("cached", lambda: [float(jax.jit(lambda x: x * 3 + 1)(2.0)), any((folder / "cache").iterdir())])

    def profiled() -> list:
        with jax.profiler.trace(str(folder / "trace"), create_perfetto_trace=True):
            with jax.profiler.TraceAnnotation("mine"):
                jnp.ones((9, 9)).sum().block_until_ready()
        return sorted({"".join(path.suffixes[-2:]) for path in (folder / "trace").rglob("*") if path.is_file()})

    tried("profiled", profiled)
    tried("memory", lambda: len(jax.profiler.device_memory_profile()) > 10)
    tried("server", lambda: type(jax.profiler.start_server(9012)).__name__)
    tried("inspected", lambda: jax.debug.visualize_array_sharding(jnp.ones((2, 2))))
    return tried.done


def spread() -> dict:
    """Several devices: asked for by XLA_FLAGS."""
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    tried = Tries()
    tried("alone", lambda: jax.distributed.initialize("127.0.0.1:9019", num_processes=1, process_id=0) or jax.process_count())
    count = jax.device_count()
    mesh = Mesh(np.array(jax.devices()), ("d",))
    tried("devices", lambda: count)
    tried(
        "sharded",
        lambda: [
            str(jax.device_put(jnp.arange(8.0), NamedSharding(mesh, PartitionSpec("d"))).sharding.spec),
            float(jax.jit(jnp.sum)(jax.device_put(jnp.arange(8.0), NamedSharding(mesh, PartitionSpec("d"))))),
        ],
    )
    tried("map", lambda: jax.pmap(lambda x: jax.lax.psum(x, "i"), axis_name="i")(jnp.arange(float(count))))
    tried(
        "shard_map",
        lambda: (
            jax.jit(
                jax.shard_map(
                    partial(jax.lax.all_gather, axis_name="d", tiled=True),
                    mesh=mesh,
                    in_specs=PartitionSpec("d"),
                    out_specs=PartitionSpec(None),
                    check_vma=False,
                )
            )(jnp.arange(8.0)).shape
        ),
    )
    return tried.done


def answer() -> dict:
    """One answer, for a look at other processors."""
    x = jnp.asarray(np.random.default_rng(5).normal(size=(64, 64)), jnp.float32)
    return {
        "sum": float(jnp.abs(x @ x).sum()).__round__(0),
        "dtype": str(jnp.asarray(np.ones(1)).dtype),
        "devices": jax.device_count(),
        "flags": os.environ.get("XLA_FLAGS", ""),
    }

"""numba: what a notebook compiles, and how it fails; layers of threads by name."""
import os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, numba
from numba import njit, prange


def tried(name, work):
    try:
        got = work()
    except BaseException as error:
        got = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120] if str(error) else ''}"
    print(name, got, flush=True)


@njit(cache=True)
def total(x): return (x * x).sum()


@njit(parallel=True, fastmath=True)
def spread(x):
    out = 0.0
    for i in prange(x.size): out += np.sin(x[i])
    return out


tried("cached", lambda: (total(np.arange(5.0)), total.stats.cache_path != ""))
tried("parallel", lambda: (round(spread(np.arange(100.0)), 6), numba.threading_layer()))
tried("diagnostics", lambda: spread.parallel_diagnostics(level=1))
@numba.vectorize(["float64(float64)"], target="parallel")
def half(x): return x / 2
@numba.guvectorize(["void(float64[:], float64[:])"], "(n)->(n)")
def running(x, out):
    s = 0.0
    for i in range(x.size): s += x[i]; out[i] = s
@numba.stencil
def around(a): return (a[-1] + a[1]) / 2
tried("vectorized", lambda: (half(np.arange(3.0)).tolist(), running(np.ones(3)).tolist(), njit(lambda a: around(a))(np.arange(4.0)).tolist()))
tried("dynamic", lambda: numba.vectorize(lambda x: x + 1)(np.arange(2)).tolist())
@numba.experimental.jitclass([("x", numba.float64)])
class Cup:
    def __init__(self, x): self.x = x
    def more(self): return self.x + 1
tried("class", lambda: Cup(1.0).more())
@numba.cfunc("float64(float64)")
def callback(x): return x * 3
tried("callback", lambda: (callback.ctypes(2.0), __import__("scipy.integrate").integrate.quad(__import__("scipy").LowLevelCallable(callback.ctypes), 0, 1)[0]))
@njit
def holders():
    d = numba.typed.Dict(); d["a"] = 1
    l = numba.typed.List(); l.append(2)
    return d["a"] + l[0] + len({1, 2})
tried("holders", holders)
@njit
def words(s): return s.upper() + str(len(s)) + f"{3}"
tried("words", lambda: words("größe"))
@njit
def linear(a): return np.linalg.solve(a, np.ones(2)).sum() + np.linalg.eigh(a)[0][0] + np.linalg.svd(a)[1][0] + (a @ a)[0, 0] + np.linalg.det(a)
tried("linear", lambda: round(linear(np.array([[2.0, 0], [0, 3]])), 6))
@njit
def chance(): np.random.seed(1); return np.random.normal(0, 1, 3).size + np.random.randint(5, 6) + np.random.permutation(3).sum()
tried("chance", chance)
@njit
def generated(g): return g.standard_normal(2).size + g.integers(3, 4)
tried("generator", lambda: generated(np.random.default_rng(1)))
@njit
def outside():
    with numba.objmode(out="float64"): out = float("2.5")
    return out
tried("object mode", outside)
@njit
def sorting(a): return np.sort(a)[0] + np.argsort(a)[0] + np.unique(a).size + np.histogram(a, 2)[0][0] + np.interp(0.5, a, a) + np.median(a) + np.percentile(a, 50)
tried("arrays", lambda: sorting(np.array([1.0, 2, 3])))
@njit
def dates(a): return (a[1] - a[0])
tried("dates", lambda: dates(np.array(["2026-01-01", "2026-01-03"], "M8[D]")))
@njit
def fails(x): return x.nothing
tried("typing error", lambda: fails(1))
def caught(function):
    try: function(1)
    except Exception as error: return error
tried("an error's text", lambda: "Unknown attribute" in str(caught(fails)))
@njit
def divides(x): return 1 // x
tried("zero", lambda: divides(0))
@njit(error_model="numpy")
def raises(x):
    if x: raise ValueError("no", x)
    return 1
tried("raised", lambda: raises(1))
@njit
def prints(x): print("inside", x); assert x > 0, "positive"; return x
tried("assertion", lambda: (prints(1), prints(-1)))
tried("unsupported", lambda: njit(lambda: (yield from [1]))())
tried("inspect", lambda: ("define" in next(iter(total.inspect_llvm().values())), len(next(iter(total.inspect_asm().values()))) > 100, total.inspect_types(file=open(os.devnull, "w"))))
tried("control flow", lambda: total.inspect_cfg(total.signatures[0]))
tried("disassembly", lambda: total.inspect_disasm_cfg(total.signatures[0]))
tried("annotated", lambda: total.inspect_types(pretty=True))
from numba.extending import overload, intrinsic, register_jitable
def mine(x): pass
@overload(mine)
def _mine(x): return lambda x: x + 100
tried("overload", lambda: njit(lambda x: mine(x))(1))
import ctypes, ctypes.util
sine = ctypes.CDLL(ctypes.util.find_library("m")).sin; sine.argtypes = [ctypes.c_double]; sine.restype = ctypes.c_double
tried("ctypes", lambda: njit(lambda x: sine(x))(0.0))
tried("cffi", lambda: __import__("cffi") and (lambda ffi: njit(lambda: 1)())(__import__("cffi").FFI()))
tried("ahead of time", lambda: __import__("numba.pycc"))
tried("svml", lambda: (numba.config.USING_SVML, numba.np.ufunc.parallel.get_num_threads() > 0))
tried("binding", lambda: (__import__("llvmlite.binding").binding.get_host_cpu_name() != "", len(__import__("llvmlite").binding.llvm_version_info)))
from scipy import special
tried("scipy by numba", lambda: round(njit(lambda x: numba.extending.get_cython_function_address is not None)(1.0), 1) if False else numba.extending.get_cython_function_address("scipy.special.cython_special", "j0") > 0)
import subprocess
code = "import numpy, numba\n@numba.njit(parallel=True)\ndef f(n):\n    s = 0\n    for i in numba.prange(n): s += i\n    return s\nprint(f(10), numba.threading_layer())"
for layer in ("workqueue", "omp", "tbb", "safe", "threadsafe", "forksafe", "nothing"):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "NUMBA_THREADING_LAYER": layer})
    print("layer", layer, done.returncode, (done.stdout or done.stderr.strip().splitlines()[-1])[:100].strip(), flush=True)
for settings in ({"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_DEBUG_CACHE": "1"}, {"NUMBA_OPT": "0"}, {"NUMBA_CPU_NAME": "generic"}, {"NUMBA_ENABLE_CUDASIM": "1"}, {"NUMBA_DUMP_ANNOTATION": "1"}, {"NUMBA_DEBUGINFO": "1"}, {"NUMBA_COLOR_SCHEME": "dark_bg"}, {"NUMBA_CAPTURED_ERRORS": "new_style"}, {"NUMBA_DEVELOPER_MODE": "1"}, {"NUMBA_BOUNDSCHECK": "1"}, {"NUMBA_CACHE_DIR": "/tmp/numba"}):
    done = subprocess.run([sys.executable, "-c", "import numba, numpy\n@numba.njit(cache=True) if False else numba.njit\ndef f(x): return x.sum() + 1\nprint(f(numpy.ones(3)))\nprint(numba.cuda.is_available())\ntry: numba.njit(lambda x: x.no)(1)\nexcept Exception as e: print(type(e).__name__)"], capture_output=True, text=True, env={**os.environ, **settings})
    print(settings, done.returncode, done.stdout.split()[0] if done.stdout else done.stderr[-200:], "NotImplementedError" in done.stdout, "TypingError" in done.stdout, flush=True)
os._exit(0)

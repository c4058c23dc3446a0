# Other processors, as far as an environment can make them.
set -u
work='import numpy as np, scipy.linalg, scipy.fft, pyarrow as pa, pyarrow.compute as pc
from threadpoolctl import threadpool_info
from rdkit import Chem
from rdkit.Chem import Descriptors
import numcodecs, numba, pytensor, pytensor.tensor as pt
x = np.arange(1, 401, dtype="f8").reshape(20, 20) + np.eye(20)
print(sorted({str(item.get("architecture")) for item in threadpool_info() if item["internal_api"] == "openblas"}))
print(round(float(np.linalg.slogdet(x + 3 * np.eye(20))[1]), 6), round(float(scipy.linalg.svdvals(x)[0]), 6), np.sort(x.ravel()[::-1])[:3], int(np.sin(x).sum() * 1000), abs(scipy.fft.fft(x[0])[0]))
print(pc.sum(pa.array(range(100))).as_py(), round(Descriptors.MolLogP(Chem.MolFromSmiles("c1ccccc1O")), 3), numcodecs.Blosc(cname="zstd").decode(numcodecs.Blosc(cname="zstd").encode(b"tea" * 50))[:3])
y = pt.dscalar("y")
print(float(pytensor.function([y], pt.exp(y) * 2)(0.0)))
print(numba.njit(lambda a: a.sum() + a[0] ** 0.5)(np.arange(4.0)))
'
try() { echo "-- $*"; docker exec -i "$CONTAINER" env "$@" sh -c 'python - 2>/tmp/err || tail -n 2 /tmp/err' <<< "$work"; }
for core in Prescott Nehalem Sandybridge Haswell Zen SkylakeX Cooperlake; do grep -q avx512f /proc/cpuinfo || case $core in SkylakeX | Cooperlake) continue ;; esac; try OPENBLAS_CORETYPE=$core; done
try NPY_DISABLE_CPU_FEATURES="AVX2 FMA3 AVX512F AVX512_SKX X86_V3 X86_V4"
try ARROW_USER_SIMD_LEVEL=SSE4_2 NUMBA_CPU_NAME=x86-64 NUMBA_CPU_FEATURES= BLOSC_NTHREADS=1
try NUMBA_DISABLE_JIT=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
try GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX512F,-ERMS
try PYTENSOR_FLAGS=cxx=,linker=py NPY_PROMOTION_STATE=weak
try MALLOC_ARENA_MAX=1 PYTHONMALLOC=debug PYTHONHASHSEED=0

# Other processors, as far as an environment can make them.
set -u
work='import numpy as np, scipy.linalg, torch, SimpleITK as sitk, imagecodecs, catboost
x = np.arange(1, 401, dtype="f8").reshape(20, 20) + np.eye(20)
from threadpoolctl import threadpool_info
print(sorted({str(item.get("architecture")) for item in threadpool_info() if item["internal_api"] == "openblas"}))
print(round(float(np.linalg.slogdet(x + 3 * np.eye(20))[1]), 5), round(float(scipy.linalg.svdvals(x)[0]), 5), round(float(torch.nn.functional.conv2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3)).sum()), 2))
print(sitk.GetArrayFromImage(sitk.Median(sitk.GetImageFromArray(np.eye(8)))).sum(), imagecodecs.blosc_decode(imagecodecs.blosc_encode(b"tea" * 9))[:3])
print(torch.backends.cpu.get_cpu_capability())
'
try() { echo "-- $*"; docker exec -i "$CONTAINER" env "$@" sh -c 'python - 2>/tmp/err || tail -n 2 /tmp/err' <<< "$work"; }
for core in Prescott Nehalem Sandybridge Haswell Zen; do try OPENBLAS_CORETYPE=$core; done
try NPY_DISABLE_CPU_FEATURES="AVX2 FMA3 AVX512F AVX512_SKX X86_V3 X86_V4"
try ATEN_CPU_CAPABILITY=default DNNL_MAX_CPU_ISA=SSE41
try ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_DEBUG_CPU_TYPE=5
try GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX512F,-ERMS OPENBLAS_NUM_THREADS=1
for driver in llvmpipe softpipe; do docker exec -e GALLIUM_DRIVER=$driver -e LP_NATIVE_VECTOR_WIDTH=128 "$CONTAINER" plates work scenes modern vtk_by_egl 2>/dev/null; done
docker exec -e NUMBA_CPU_NAME=x86-64 -e NUMBA_CPU_FEATURES= "$CONTAINER" plates work cells prepared 2>/dev/null
docker exec -e PYTHONMALLOC=debug -e MALLOC_ARENA_MAX=1 -e PYTHONHASHSEED=0 "$CONTAINER" plates work dicom jpeg_ls 2>/dev/null

"""Variables for numeric libraries: to use code for an older processor, or to wait passively."""

import posixpath
from collections.abc import Iterable

MASKS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("libc.so.6", "libc-2."),
        (
            "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX2,-BMI2,-ERMS,-FSRM",
        ),
    ),
    (("libopenblas", "libscipy_openblas"), ("OPENBLAS_CORETYPE=Prescott",)),
    (
        ("libtorch_cpu.so",),
        (
            "ATEN_CPU_CAPABILITY=default",
            "ONEDNN_MAX_CPU_ISA=SSE41",
            "MKL_ENABLE_INSTRUCTIONS=SSE4_2",
        ),
    ),
    (("libdnnl.so", "libmkldnn.so", "onnxruntime"), ("ONEDNN_MAX_CPU_ISA=SSE41",)),
    (("libmkl_", "mkl_core"), ("MKL_ENABLE_INSTRUCTIONS=SSE4_2", "MKL_CBWR=COMPATIBLE")),
    (("_multiarray_umath.",), ("NPY_DISABLE_CPU_FEATURES=AVX2 AVX512F",)),
)
"""Prefixes of library file names, and the variables that the library reads. Sources: glibc's manual
(Tunables), OpenBLAS's README, PyTorch's `aten/src/ATen/native/DispatchStub.cpp`, the developer
guides of oneDNN and MKL, NumPy's "Runtime dispatch".
"""


PATIENCE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("libgomp", "libomp", "libiomp"), ("OMP_WAIT_POLICY=PASSIVE",)),
    (("libopenblas", "libscipy_openblas"), ("OPENBLAS_THREAD_TIMEOUT=4",)),
)
"""Variables that make a library's threads sleep instead of spin while they wait. Spinning threads
take processors from the other containers. Sources: OpenMP 5.2, section 21.7; OpenBLAS's
`driver/others/blas_server.c`.
"""


def masks(mapped: Iterable[str]) -> tuple[str, ...]:
    """Return the variables for an old processor that the mapped libraries (paths) read.

    Each is returned once.
    """
    return _read_by(mapped, MASKS)


def patience(mapped: Iterable[str]) -> tuple[str, ...]:
    """Return the variables that make threads of the mapped libraries (paths) sleep, each once."""
    return _read_by(mapped, PATIENCE)


def _read_by(
    mapped: Iterable[str], table: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
) -> tuple[str, ...]:
    names = {posixpath.basename(path) for path in mapped}
    found = (words for prefixes, words in table if any(name.startswith(prefixes) for name in names))
    return tuple(dict.fromkeys(word for words in found for word in words))

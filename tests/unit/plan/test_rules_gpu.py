"""GPU images, made of the file lists of the public CUDA wheels: a run on the CPU keeps every family
that a start on a GPU needs, and what can go goes.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.rewrite.strip import StripFacts, strip
from tests.support.images import file, layer, oci_layout
from tests.support.plans import Files, elf, package
from tests.support.trees import Link
from tests.support.wheel_lists import LIST, SITE, GpuImage, gpu_image, wheels

pytestmark = pytest.mark.slow

CUDA13 = [
    "torch",
    "triton",
    "nvidia-cudnn-cu13",
    "nvidia-cusparselt-cu13",
    "nvidia-nccl-cu13",
    "nvidia-nvshmem-cu13",
    "nvidia-cublas",
    "nvidia-cuda-cupti",
    "nvidia-cuda-nvrtc",
    "nvidia-cuda-runtime",
    "nvidia-cufft",
    "nvidia-cufile",
    "nvidia-curand",
    "nvidia-cusolver",
    "nvidia-cusparse",
    "nvidia-nvtx",
    "nvidia-nvjitlink",
    "cuda-toolkit",
    "cuda-bindings",
    "cuda-pathfinder",
]
CUDA12 = [
    name
    for name in wheels()
    if name.endswith("-cu12") and name not in ("nvidia-npp-cu12", "nvidia-nvjpeg-cu12")
]
TORCH = {
    f"{SITE}/torch/__init__.py": Use.OPENED,
    f"{SITE}/torch/_C.cpython-311-x86_64-linux-gnu.so": Use.MAPPED,
    f"{SITE}/torch/lib/libtorch_cpu.so": Use.MAPPED,
}
"""The least that a run on the CPU shows of torch: the import, and the library that computes."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "cuDNN": ("libcudnn",),
    "NVRTC and its built-ins": ("libnvrtc",),
    "nvJitLink": ("libnvJitLink",),
    "cuBLAS": ("libcublas", "libnvblas"),
    "cuFFT": ("libcufft",),
    "cuRAND": ("libcurand",),
    "cuSOLVER": ("libcusolver",),
    "cuSPARSE": ("libcusparse.",),
    "cuSPARSELt": ("libcusparseLt",),
    "cuFile": ("libcufile",),
    "NCCL": ("libnccl",),
    "NVSHMEM, its bootstraps and transports": (
        "libnvshmem_host",
        "nvshmem_bootstrap_",
        "nvshmem_transport_",
        ".bc",
    ),
    "CUPTI, which the profiler of torch links": ("libcupti.so.1",),
    "the CUDA runtime": ("libcudart.so",),
    "NVTX": ("libnvToolsExt", "libnvtx3interop"),
}


@cache
def torch() -> tuple[GpuImage, Plan]:
    image = gpu_image(CUDA13, TORCH)
    return image, image.plan()


def lost(plan: Plan, paths: set[str]) -> list[str]:
    return sorted(path for path in paths if ImagePath(path) not in plan.keep)


def of_family(names: list[str], parts: tuple[str, ...]) -> set[str]:
    nvidia = [wheels()[name] for name in names if name.startswith("nvidia-")]
    return {
        path
        for wheel in nvidia
        for path in wheel.named(*parts)
        if not path.endswith((".a", ".h", ".hpp"))
    }


def test_the_lists_are_small_and_say_their_versions() -> None:
    assert LIST.stat().st_size < 300_000
    assert len(wheels()) == 50
    assert [name for name, wheel in wheels().items() if not wheel.version[0].isdigit()] == []
    assert [name for name, wheel in wheels().items() if not wheel.files] == ["cuda-toolkit"], (
        "it only names others"
    )
    assert wheels()["torch"].libraries["torch/lib/libcaffe2_nvrtc.so"][0] == (
        "libnvrtc.so.13",
        "libcuda.so.1",
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_on_the_cpu_keeps_every_family_that_a_gpu_needs(family: str) -> None:
    files = of_family(CUDA13, FAMILIES[family])
    assert files
    assert lost(torch()[1], files) == []


def test_torchs_own_libraries_and_helpers_stay() -> None:
    files = {
        f"{SITE}/{path}"
        for path in wheels()["torch"].files
        if path.startswith(("torch/lib/lib", "torch/bin/torch_shm_manager")) and ".h" not in path
    }
    assert len(files) == 13
    assert lost(torch()[1], files) == []


def test_triton_keeps_its_assemblers_for_each_gpu_generation_and_what_its_launcher_is_compiled_from() -> (
    None
):
    nvidia = f"{SITE}/triton/backends/nvidia"
    files = {
        path
        for path in (f"{SITE}/{item}" for item in wheels()["triton"].files)
        if path.startswith(f"{nvidia}/include/")
    }
    assert len(files) > 100
    tools = {
        f"{nvidia}/bin/ptxas",
        f"{nvidia}/bin/ptxas-blackwell",
        f"{nvidia}/lib/libdevice.10.bc",
        f"{nvidia}/driver.c",
        f"{nvidia}/include/cuda.h",
    }
    assert lost(torch()[1], files | tools | {f"{SITE}/triton/_C/libtriton.so"}) == []


def test_metadata_and_entry_points_of_every_wheel_stay() -> None:
    files = {
        f"{SITE}/{wheels()[name].info}/METADATA" for name in CUDA13 if wheels()[name].files
    } | {f"{SITE}/{wheels()[name].info}/entry_points.txt" for name in ("torch", "triton")}
    assert lost(torch()[1], files) == []


def test_static_libraries_profilers_and_headers_of_torch_go() -> None:
    image, plan = torch()
    triton = f"{SITE}/triton"
    gone = {
        *(path for name in CUDA13 for path in wheels()[name].named(".a") if path.endswith(".a")),
        *(
            path
            for name in CUDA13
            for path in wheels()[name].named("libnvperf", "libpcsamplingutil", "libcheckpoint")
        ),
        *(
            f"{SITE}/{path}"
            for path in wheels()["torch"].files
            if path.startswith(("torch/include/", "torch/bin/protoc"))
        ),
        *(
            f"{triton}/{path}"
            for path in (
                "_C/libproton.so",
                "instrumentation/libGPUInstrumentationTestLib.so",
                "FileCheck",
            )
        ),
        *(
            f"{triton}/backends/nvidia/{path}"
            for path in ("lib/cupti/libcupti.so.12", "bin/cuobjdump", "bin/nvdisasm")
        ),
    }
    kept = sorted(gone.difference(plan.remove))
    total, saved = image.size(entry.path for entry in image.rootfs), image.size(plan.remove)
    figures = (
        f"of {total:,} bytes {saved:,} go ({saved / total:.1%}), {image.size(gone):,} of them by"
        " these rules"
    )
    assert kept == [], figures
    assert saved >= image.size(gone) > 240_000_000, figures
    assert saved < 0.1 * total, figures


def test_without_the_rule_or_the_loader_a_run_on_the_cpu_would_lose_families() -> None:
    """An extra of a wheel without content asks for cuFFT; only libtorch_cuda links it, and this run
    did not map that.
    """
    image, cufft = torch()[0], f"{SITE}/nvidia/cu13/lib/libcufft.so.12"
    for off, stays in (
        ("cuda-libraries-of-wheels", True),
        ("elf-and-shebang", True),
        ("cuda-libraries-of-wheels elf-and-shebang", False),
    ):
        assert (ImagePath(cufft) in image.plan(without=frozenset(off.split())).keep) is stays


CONSUMERS = {
    "onnxruntime-gpu": (
        "onnxruntime/__init__.py",
        "onnxruntime/capi/onnxruntime_pybind11_state.cpython-311-x86_64-linux-gnu.so",
    ),
    "ctranslate2": ("ctranslate2/__init__.py", "ctranslate2/_ext.cpython-311-x86_64-linux-gnu.so"),
    "cupy-cuda12x": ("cupy/__init__.py", "cupy/_core/core.cpython-311-x86_64-linux-gnu.so"),
    "bitsandbytes": ("bitsandbytes/__init__.py", "bitsandbytes/libbitsandbytes_cpu.so"),
}


@pytest.mark.parametrize("name", CONSUMERS)
def test_other_users_of_cuda_keep_the_libraries_of_the_wheels_beside_them(name: str) -> None:
    """No metadata says that they need them (extras), and on a CPU they open none."""
    plan = gpu_image(
        [name, *CUDA12], {f"{SITE}/{path}": Use.OPENED for path in CONSUMERS[name]}
    ).plan()
    cudnn = of_family(CUDA12, ("libcudnn",))
    assert {path.rpartition("/")[2] for path in cudnn} >= {
        "libcudnn_ext.so.9",
        "libcudnn_engines_tensor_ir.so.9",
    }, "new in 9.24"
    for parts in FAMILIES.values():
        assert lost(plan, of_family(CUDA12, parts)) == []
    assert lost(plan, {f"{SITE}/{path}" for path in wheels()[name].files if ".so" in path}) == []


def test_jax_keeps_the_plugin_that_entry_points_name_and_the_assembler_of_the_wheels() -> None:
    files = {
        f"{SITE}/jax/__init__.py": "import jax_plugins\n",
        f"{SITE}/jax_plugins/xla_cuda12/__init__.py": "",
    }
    plan = gpu_image(
        ["jax-cuda12-plugin", "jax-cuda12-pjrt", *CUDA12],
        {f"{SITE}/jax/__init__.py": Use.OPENED},
        files,
    ).plan()
    nvcc = {
        f"{SITE}/{path}"
        for path in wheels()["nvidia-cuda-nvcc-cu12"].files
        if path.endswith(("ptxas", ".bc", ".so"))
    }
    assert len(nvcc) == 3
    assert lost(plan, nvcc | of_family(CUDA12, ("libcudnn", "libcublas", "libcufft"))) == []


def test_a_quantised_model_on_another_cuda_finds_its_variant() -> None:
    image = gpu_image(
        ["bitsandbytes"],
        {
            f"{SITE}/bitsandbytes/__init__.py": Use.OPENED,
            f"{SITE}/bitsandbytes/libbitsandbytes_cpu.so": Use.MAPPED,
        },
    )
    assert lost(image.plan(), wheels()["bitsandbytes"].named("libbitsandbytes_cuda")) == []


def test_a_serving_engine_keeps_the_kernels_of_every_generation_and_what_it_compiles_from() -> None:
    used = {
        f"{SITE}/vllm/__init__.py": Use.OPENED,
        f"{SITE}/vllm/vllm_flash_attn/_vllm_fa2_C.abi3.so": Use.MAPPED,
        f"{SITE}/flashinfer/__init__.py": Use.OPENED,
    }
    image = gpu_image(["vllm", "flashinfer-python", "flashinfer-cubin"], used)
    plan = image.plan()
    assert (
        lost(
            plan,
            {
                f"{SITE}/vllm/vllm_flash_attn/_vllm_fa3_C.abi3.so",
                f"{SITE}/vllm/_moe_C_stable_libtorch.abi3.so",
            },
        )
        == []
    )
    headers = {
        f"{SITE}/{path}"
        for name in ("flashinfer-python", "vllm")
        for path in wheels()[name].files
        if path.endswith((".cuh", ".cu", ".h", ".hpp"))
    }
    assert len(headers) > 200
    assert lost(plan, headers) == []
    cubins = {
        f"{SITE}/{path}" for path in wheels()["flashinfer-cubin"].files if path.endswith(".cubin")
    }
    assert cubins
    assert lost(plan, cubins) == []


def test_the_same_rules_hold_where_debian_puts_distributions() -> None:
    """NVIDIA's own images have torch in dist-packages."""
    dist = "/usr/local/lib/python3.12/dist-packages"
    used = {path.replace(SITE, dist): use for path, use in TORCH.items()}
    plan = gpu_image(CUDA13, used, site=dist).plan()
    assert (
        lost(
            plan,
            {
                path.replace(SITE, dist)
                for path in of_family(CUDA13, ("libcudnn", "libcufft", "libnvrtc"))
            },
        )
        == []
    )
    assert ImagePath(f"{dist}/triton/backends/nvidia/lib/cupti/libcupti_static.a") in plan.remove


SYSTEM = "/usr/lib/x86_64-linux-gnu"


def test_a_copy_that_no_package_brought_keeps_its_siblings_alone() -> None:
    """Copied in by a build stage: only the names tell that they belong together, and the wheel's
    list says which there are.
    """
    names = sorted(
        path.rpartition("/")[2] for path in wheels()["nvidia-cudnn-cu12"].named("libcudnn")
    )
    files: Files = {
        "/usr/bin/serve": elf(("libcudnn.so.9",)),
        **{f"{SYSTEM}/{name}": elf() for name in names},
        f"{SYSTEM}/libnvrtc.so.12": elf(),
    }
    image = gpu_image((), {"/usr/bin/serve": Use.EXECUTED}, files)
    assert lost(image.plan(), {f"{SYSTEM}/{name}" for name in names}) == []
    without = image.plan(without=frozenset({"cudnn-family"}))
    assert lost(without, {f"{SYSTEM}/{name}" for name in names}) == [
        f"{SYSTEM}/{name}" for name in names if name != "libcudnn.so.9"
    ]
    assert ImagePath(f"{SYSTEM}/libnvrtc.so.12") in image.plan().remove


DRIVER: Files = {
    f"{SYSTEM}/libcuda.so.1": "",
    f"{SYSTEM}/libnvidia-ml.so.1": "",
    f"{SYSTEM}/libnvidia-ptxjitcompiler.so.1": "",
    "/usr/bin/nvidia-smi": "",
    "/usr/lib/firmware/nvidia/550.54/gsp.bin": "",
}


@pytest.mark.parametrize("level", Level)
def test_what_the_gpu_runtime_mounts_stays_as_it_is_and_nothing_is_put_in_its_place(
    level: Level,
) -> None:
    image = gpu_image((), {}, DRIVER)
    plan = image.plan(level)
    assert {path: plan.keep[ImagePath(path)].code for path in DRIVER} == dict.fromkeys(
        DRIVER, "rule:driver-libraries"
    )
    assert image.size(DRIVER) == 0
    assert not any(
        "libcuda.so" in path or "libnvidia-" in path
        for path in (*torch()[1].keep, *torch()[1].remove)
    ), "none in the image, none in the plan"


COMPAT: Files = {
    "/usr/local/cuda": Link("cuda-12.9"),
    "/usr/local/cuda-12.9/compat/libcuda.so.575.57": elf(),
    "/usr/local/cuda-12.9/compat/libcuda.so.1": Link("libcuda.so.575.57"),
}


def test_forward_compatibility_stays_when_cuda_is_used_or_declared_and_goes_otherwise() -> None:
    compat = f"{SYSTEM}/nothing"
    files: Files = {
        "/usr/local/cuda-12.9/compat/libnvidia-nvvm.so.4": elf(),
        "/usr/local/cuda-12.9/compat/other.bin": "x",
        **COMPAT,
    }
    used = gpu_image(
        (),
        {"/srv/a": Use.EXECUTED},
        {**files, "/srv/a": elf(("libcudart.so.12",)), f"{SYSTEM}/libcudart.so.12": elf()},
    )
    declared = gpu_image((), {}, files, run={"Env": ["NVIDIA_VISIBLE_DEVICES=all"]})
    neither = gpu_image((), {}, files)
    other = ImagePath("/usr/local/cuda-12.9/compat/other.bin")
    assert used.plan().keep[other].code == "rule:cuda-mount-points"
    assert declared.plan().keep[other].code == "rule:cuda-mount-points-declared"
    assert other in neither.plan().remove
    assert ImagePath(compat) not in neither.plan().remove


def test_environment_and_labels_that_the_gpu_runtime_reads_are_in_the_result(
    tmp_path: Path,
) -> None:
    settings = {
        "Env": [
            "PATH=/usr/local/nvidia/bin:/usr/bin",
            "NVIDIA_VISIBLE_DEVICES=all",
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility",
            "NVIDIA_REQUIRE_CUDA=cuda>=12.9 brand=tesla,driver>=535",
        ],
        "Labels": {
            "com.nvidia.volumes.needed": "nvidia_driver",
            "com.nvidia.cudnn.version": "9.28.0",
        },
        "Entrypoint": ["/opt/nvidia/nvidia_entrypoint.sh"],
    }
    stored = oci_layout(
        tmp_path / "in",
        [layer(file("usr/bin/x", b"x", 0o755), file("spare", "y"))],
        config={"config": settings},
    )
    with open_image(OciLayout(stored, None), None, tmp_path) as image:
        small = gpu_image((), {})
        plan = Plan(
            image.ref,
            Level.CLOSURE,
            {
                e.path: small.plan().keep[ImagePath("/")]
                for e in image.rootfs()
                if e.path != "/spare"
            },
            {ImagePath("/spare"): small.plan().keep[ImagePath("/")]},
            {},
            "b" * 64,
        )
        with strip(
            image,
            image.rootfs(),
            small.inventory,
            plan,
            StripFacts("2024-05-06T07:08:09Z"),
            tmp_path,
        ) as result:
            assert result.rootfs().get(ImagePath("/spare")) is None
            assert result.config.env == image.config.env
            assert result.config.document["config"] == settings


def test_the_loaders_files_stay_for_ldconfig_and_the_gpu_runtime() -> None:
    files: Files = {
        "/sbin/ldconfig": elf(),
        "/etc/ld.so.cache": "",
        "/etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n",
        "/etc/ld.so.conf.d/000_cuda.conf": "/usr/local/cuda/targets/x86_64-linux/lib\n",
        "/etc/ld.so.conf.d/unrelated": "",
    }
    plan = gpu_image((), {}, files).plan()
    assert lost(plan, {path for path in files if path != "/etc/ld.so.conf.d/unrelated"}) == []
    empty = gpu_image((), {}, {"/etc/ld.so.conf.d": None}).plan(Level.OBSERVED)
    assert ImagePath("/etc/ld.so.conf.d") in empty.keep


GCC = package(
    Ecosystem.DEB,
    "gcc",
    (
        "/usr/bin/gcc",
        "/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
        "/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a",
    ),
    depends=("binutils", "libc6-dev"),
)
BINUTILS = package(Ecosystem.DEB, "binutils", ("/usr/bin/as", "/usr/bin/ld"))
LIBC_DEV = package(
    Ecosystem.DEB,
    "libc6-dev",
    ("/usr/include/stdio.h", f"{SYSTEM}/crt1.o", f"{SYSTEM}/libc_nonshared.a"),
)
COMPILER: Files = {
    "/usr/bin/gcc": elf(),
    "/usr/lib/gcc/x86_64-linux-gnu/12/cc1": elf(),
    "/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a": "!<arch>",
    "/usr/bin/as": elf(),
    "/usr/bin/ld": elf(),
    "/usr/include/stdio.h": "",
    f"{SYSTEM}/crt1.o": "",
    f"{SYSTEM}/libc_nonshared.a": "!<arch>",
    "/usr/local/include/python3.11/Python.h": "",
}
DEBS = (GCC, BINUTILS, LIBC_DEV)


def test_triton_keeps_compiler_headers_and_what_a_link_reads_together() -> None:
    plan = gpu_image(CUDA13, TORCH, COMPILER, DEBS).plan()
    assert lost(plan, set(COMPILER)) == []


def test_without_anything_that_compiles_the_compiler_goes_whole() -> None:
    plan = gpu_image(("nvidia-cuda-runtime",), {}, COMPILER, DEBS).plan()
    assert lost(plan, set(COMPILER)) == sorted(COMPILER)


TOOLKIT: Files = {
    "/usr/local/cuda": Link("cuda-12.9"),
    "/usr/local/cuda-12.9/bin/nvcc": elf(),
    "/usr/local/cuda-12.9/bin/cudafe++": elf(),
    "/usr/local/cuda-12.9/bin/ptxas": elf(),
    "/usr/local/cuda-12.9/nvvm/bin/cicc": elf(),
    "/usr/local/cuda-12.9/nvvm/libdevice/libdevice.10.bc": "",
    "/usr/local/cuda-12.9/include": Link("targets/x86_64-linux/include"),
    "/usr/local/cuda-12.9/lib64": Link("targets/x86_64-linux/lib"),
    "/usr/local/cuda-12.9/targets/x86_64-linux/include/cuda_fp16.h": "",
    "/usr/local/cuda-12.9/targets/x86_64-linux/lib/libcudadevrt.a": "",
    "/usr/local/cuda-12.9/targets/x86_64-linux/lib/libcudart_static.a": "",
    "/usr/local/cuda-12.9/targets/x86_64-linux/lib/stubs/libcuda.so": elf(),
}
NVCC = package(
    Ecosystem.DEB, "cuda-nvcc-12-9", tuple(path for path in TOOLKIT if path != "/usr/local/cuda")
)


def test_kernels_compiled_at_run_time_keep_nvcc_its_headers_and_the_host_compiler() -> None:
    files: Files = {**TOOLKIT, **COMPILER, "/usr/bin/g++": elf(), "/usr/bin/ninja": elf()}
    image = gpu_image(
        ("flashinfer-python",),
        {f"{SITE}/flashinfer/__init__.py": Use.OPENED},
        files,
        (NVCC, *DEBS),
        {"Env": ["PATH=/usr/local/cuda/bin:/usr/bin"]},
    )
    assert (
        lost(
            image.plan(),
            {path for path in files if not path.endswith("Python.h")} - {"/usr/include/stdio.h"}
            | {"/usr/bin/g++"},
        )
        == []
    )


def test_an_application_that_compiles_cuda_keeps_the_toolkit_and_one_that_does_not_loses_it() -> (
    None
):
    run = {"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]}
    for source, stays in (
        ("from torch.utils.cpp_extension import load_inline\n", True),
        ("print(1)\n", False),
    ):
        plan = gpu_image(
            (), {"/app/main.py": Use.OPENED}, {**TOOLKIT, "/app/main.py": source}, (NVCC,), run
        ).plan()
        missing = lost(
            plan, set(TOOLKIT) - {"/usr/local/cuda-12.9/targets/x86_64-linux/lib/stubs/libcuda.so"}
        )
        assert (missing == []) is stays


def test_cupy_keeps_the_headers_that_its_kernels_include() -> None:
    header = "/usr/local/cuda-12.9/targets/x86_64-linux/include/cuda_fp16.h"
    image = gpu_image(("cupy-cuda12x",), {f"{SITE}/cupy/__init__.py": Use.OPENED}, TOOLKIT, (NVCC,))
    plan = image.plan()
    own = {
        f"{SITE}/{path}"
        for path in wheels()["cupy-cuda12x"].files
        if path.startswith("cupy/_core/include/")
    }
    assert len(own) > 100
    assert lost(plan, own | {header}) == []
    assert lost(image.plan(without=frozenset({"nvrtc-headers"})), {header}) == [header]


def test_an_application_that_profiles_counters_keeps_the_profilers_libraries() -> None:
    files: Files = {
        "/app/main.py": (
            "with profile(experimental_config=_ExperimentalConfig(profiler_metrics=['x'])): ...\n"
        )
    }
    plan = gpu_image(
        CUDA13, {**TORCH, "/app/main.py": Use.OPENED}, files, run={"WorkingDir": "/app"}
    ).plan()
    assert lost(plan, wheels()["nvidia-cuda-cupti"].named("libnvperf_host")) == []


def test_an_image_that_asks_torch_to_profile_with_triton_keeps_the_profiler() -> None:
    run = {"Env": ["TORCHINDUCTOR_TRITON_PROTON_PROFILING=1"]}
    profiler = {
        f"{SITE}/triton/_C/libproton.so",
        f"{SITE}/triton/backends/nvidia/lib/cupti/libcupti.so",
    }
    assert lost(gpu_image(CUDA13, TORCH, run=run).plan(), profiler) == []

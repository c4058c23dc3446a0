"""Files that a profile never opens though the workload needs them: one row for each known way to
lose one, kept by a rule or mechanism that is named, and lost when that is switched off.

Rows that say no `off` are kept by what cannot be switched off (an observation, the image's
configuration, records of packages).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.plan.catalogue import SEEDS
from careen.plan.core.rules import load_rules
from careen.plan.decide import MECHANISMS, Policy, decide
from tests.support.plans import Case, Files, elf, package, scene_of
from tests.support.trees import Exec, Link

pytestmark = pytest.mark.slow

RULES = load_rules()
CODES = {item.id: item.codes for item in MECHANISMS if item.codes}
LIB = "/usr/lib/python3.11"
SITE = f"{LIB}/site-packages"
USR = "/usr/lib/x86_64-linux-gnu"
PYTHON: Files = {
    f"{LIB}/os.py": "",
    f"{LIB}/encodings/__init__.py": "",
    "/usr/bin/python3.11": elf(),
    "/lib64/ld-linux-x86-64.so.2": elf(),
}
RAN: Mapping[str, Use] = {"/usr/bin/python3.11": Use.EXECUTED}
SHELL: Files = {"/bin/sh": elf(), "/lib64/ld-linux-x86-64.so.2": elf()}
GLIBC: Files = {"/lib64/ld-linux-x86-64.so.2": elf()}
APP = {"WorkingDir": "/app", "Entrypoint": ["/app/run.sh"]}


@dataclass(frozen=True)
class Trap:
    """Row `number`: of `files`, `used` was observed, and each of `kept` must stay, by the rule or
    mechanism of that id (or a code that is neither's).

    Without `off` the kept paths are lost; `gone` must go though they look alike.
    """

    number: int
    what: str
    files: Files
    used: Mapping[str, Use]
    kept: Mapping[str, str]
    off: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
    run: Mapping[str, object] = field(default_factory=dict)
    level: Level = Level.CLOSURE

    def plan(self, without: tuple[str, ...] = ()) -> Plan:
        etc = tuple(
            path
            for path, content in self.files.items()
            if path.startswith("/etc/") and content is not None
        )
        packages = (
            (*self.packages, package(Ecosystem.DEB, "base-files", etc)) if etc else self.packages
        )
        rootfs, inventory, bom, config = scene_of(
            Case(self.files, self.used, (), packages=packages, run=self.run)
        )
        return decide(
            rootfs,
            inventory,
            bom,
            config,
            Policy(self.level, (), (), RULES, "a" * 64),
            without=frozenset(without),
        )


def dist(
    name: str, *files: str, depends: tuple[str, ...] = (), metadata: tuple[str, ...] = ()
) -> Package:
    info = tuple(ImagePath(f"{SITE}/{name}-1.dist-info/{item}") for item in metadata)
    paths = (*(f"{SITE}/{item}" for item in files), *info)
    return package(Ecosystem.PYPI, name, paths, modules=(name,), depends=depends, metadata=info)


def tree_of(distribution: Package, **content: str) -> Files:
    """The files of a distribution, each with nothing or its `content` (by base name, dots as
    underscores) in it.
    """
    return {
        path: elf() if ".so" in path else content.get(path.rpartition("/")[2].replace(".", "_"), "")
        for path in distribution.files
    }


def imported(name: str) -> Mapping[str, Use]:
    return {**RAN, f"{SITE}/{name}/__init__.py": Use.OPENED}


def wheel(
    number: int,
    what: str,
    distribution: Package,
    *kept: str,
    off: tuple[str, ...] = ("python-distributions",),
) -> Trap:
    """A row of one distribution of which only the import was seen."""
    name = distribution.modules[0]
    return Trap(
        number,
        what,
        {**PYTHON, **tree_of(distribution)},
        imported(name),
        {f"{SITE}/{item}": off[0] for item in kept},
        off,
        packages=(distribution,),
    )


GCC = package(
    Ecosystem.DEB,
    "gcc",
    (
        "/usr/bin/gcc-12",
        "/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
        "/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a",
    ),
    depends=("libc6-dev",),
)
LIBC_DEV = package(Ecosystem.DEB, "libc6-dev", ("/usr/include/stdio.h", f"{USR}/crt1.o"))
COMPILER: Files = {
    "/usr/bin/gcc-12": elf(),
    "/usr/lib/gcc/x86_64-linux-gnu/12/cc1": elf(),
    "/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a": "!<arch>",
    "/usr/include/stdio.h": "",
    f"{USR}/crt1.o": "",
    "/usr/include/python3.11/Python.h": "",
}
TRITON = dist(
    "triton",
    "triton/__init__.py",
    "triton/backends/nvidia/bin/ptxas-blackwell",
    "triton/backends/nvidia/driver.c",
    "triton/backends/nvidia/lib/libdevice.10.bc",
)
TRANSFORMERS = dist(
    "transformers",
    "transformers/__init__.py",
    "transformers/models/bert/modeling_bert.py",
    "transformers/models/bert/tokenization_bert.py",
)
TQDM = dist("tqdm", "tqdm/__init__.py", metadata=("METADATA", "entry_points.txt"))
NEEDS_TQDM = dist("hub", "hub/__init__.py", depends=("tqdm",))
TORCH = dist(
    "torch",
    "torch/__init__.py",
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libtorch_cuda_linalg.so",
    "torch/lib/libcaffe2_nvrtc.so",
    "torch/bin/torch_shm_manager",
)
ENTRY = (
    "#!/bin/sh\nif [ -f /run/secret ]; then KEY=$(openssl enc -d -in /run/secret); fi\nexec"
    ' python3.11 "$@"\n'
)

TRAPS = (
    Trap(
        1,
        "cuDNN's sub-libraries",
        {
            "/x": elf(("libcudnn.so.9",)),
            **{
                f"{USR}/libcudnn{part}.so.9": elf()
                for part in ("", "_ops", "_adv", "_ext", "_engines_tensor_ir")
            },
        },
        {"/x": Use.EXECUTED},
        {
            f"{USR}/libcudnn{part}.so.9": "cudnn-family"
            for part in ("_ops", "_adv", "_ext", "_engines_tensor_ir")
        },
        ("cudnn-family",),
    ),
    Trap(
        2,
        "NVRTC's built-ins",
        {
            "/x": elf(("libnvrtc.so.12",)),
            f"{USR}/libnvrtc.so.12": elf(),
            f"{USR}/libnvrtc-builtins.so.12.9": elf(),
        },
        {"/x": Use.EXECUTED},
        {f"{USR}/libnvrtc-builtins.so.12.9": "nvrtc-family"},
        ("nvrtc-family",),
    ),
    Trap(
        3,
        "nvJitLink by RPATH, not by name alone",
        {
            "/o/sparse/libcusparse.so.12": elf(("libnvJitLink.so.12",), rpath="$ORIGIN/../jit"),
            "/o/jit/libnvJitLink.so.12": elf(),
            f"{USR}/libnvJitLink.so.12": elf(),
        },
        {"/o/sparse/libcusparse.so.12": Use.MAPPED},
        {"/o/jit/libnvJitLink.so.12": "elf-and-shebang"},
        ("elf-and-shebang", "application"),
        (f"{USR}/libnvJitLink.so.12",),
    ),
    Trap(
        4,
        "libraries that must be there at import, used or not",
        {
            "/x": elf(("libcublasLt.so.12", "libcufile.so.0")),
            f"{USR}/libcublasLt.so.12": elf(),
            f"{USR}/libcufile.so.0": elf(),
        },
        {"/x": Use.EXECUTED},
        {f"{USR}/libcublasLt.so.12": "elf-and-shebang", f"{USR}/libcufile.so.0": "elf-and-shebang"},
        ("elf-and-shebang",),
    ),
    Trap(
        5,
        "a compiler with headers and start-up objects for Triton",
        {**PYTHON, **tree_of(TRITON), **COMPILER},
        imported("triton"),
        {
            path: "headers-beside-a-compiler" if path.endswith("/Python.h") else "triton-toolchain"
            for path in COMPILER
        },
        ("triton-toolchain",),
        packages=(TRITON, GCC, LIBC_DEV),
    ),
    Trap(
        6,
        "ldconfig, its configuration and cache",
        {
            **GLIBC,
            "/sbin/ldconfig": elf(),
            "/etc/ld.so.cache": "",
            "/etc/ld.so.conf": "",
            "/etc/ld.so.conf.d/cuda.conf": "/usr/local/cuda/lib64\n",
        },
        {},
        {
            "/sbin/ldconfig": "ldconfig",
            "/etc/ld.so.cache": "loader-configuration",
            "/etc/ld.so.conf.d/cuda.conf": "loader-configuration",
        },
        ("ldconfig", "loader-configuration"),
    ),
    wheel(
        7,
        "Triton's assembler for another GPU generation",
        TRITON,
        *(
            f"triton/backends/nvidia/{item}"
            for item in ("bin/ptxas-blackwell", "driver.c", "lib/libdevice.10.bc")
        ),
        off=("python-distributions", "triton-compiler-files"),
    ),
    Trap(
        8,
        "nvcc and what it reads for FlashInfer",
        {
            **PYTHON,
            **tree_of(dist("flashinfer", "flashinfer/__init__.py")),
            "/usr/local/cuda-12.9/bin/nvcc": elf(),
            "/usr/local/cuda-12.9/targets/x86_64-linux/include/cuda.h": "",
            "/usr/local/cuda-12.9/nvvm/bin/cicc": elf(),
            "/usr/bin/ninja": elf(),
        },
        imported("flashinfer"),
        dict.fromkeys(
            (
                "/usr/local/cuda-12.9/bin/nvcc",
                "/usr/local/cuda-12.9/targets/x86_64-linux/include/cuda.h",
                "/usr/local/cuda-12.9/nvvm/bin/cicc",
                "/usr/bin/ninja",
            ),
            "flashinfer-toolchain",
        ),
        ("flashinfer-toolchain",),
        packages=(dist("flashinfer", "flashinfer/__init__.py"),),
    ),
    Trap(
        9,
        "driver libraries as mount points, and forward compatibility",
        {
            "/x": elf(("libcudart.so.12",)),
            f"{USR}/libcudart.so.12": elf(),
            f"{USR}/libcuda.so.1": "",
            "/usr/local/cuda-12.9/compat/libcuda.so.575": elf(),
        },
        {"/x": Use.EXECUTED},
        {
            f"{USR}/libcuda.so.1": "driver-libraries",
            "/usr/local/cuda-12.9/compat/libcuda.so.575": "cuda-mount-points",
        },
        ("driver-libraries", "cuda-mount-points"),
    ),
    Trap(
        10,
        "verbs and network plugins of NCCL",
        {
            "/x": elf(("libnccl.so.2",)),
            **{
                f"{USR}/{item}": elf()
                for item in (
                    "libnccl.so.2",
                    "libnccl-net-ofi.so",
                    "libibverbs.so.1",
                    "libibverbs/libmlx5-rdmav34.so",
                )
            },
            "/etc/libibverbs.d/mlx5.driver": "",
        },
        {"/x": Use.EXECUTED},
        {
            f"{USR}/libnccl-net-ofi.so": "nccl-plugins",
            f"{USR}/libibverbs.so.1": "nccl-plugins",
            f"{USR}/libibverbs/libmlx5-rdmav34.so": "nccl-plugins",
        },
        ("nccl-plugins",),
    ),
    Trap(
        11,
        "sources beside byte code, which inspect reads",
        {
            **PYTHON,
            **tree_of(
                dist(
                    "kernels",
                    "kernels/__init__.py",
                    "kernels/ops.py",
                    "kernels/__pycache__/ops.cpython-311.pyc",
                )
            ),
        },
        {**imported("kernels"), f"{SITE}/kernels/__pycache__/ops.cpython-311.pyc": Use.OPENED},
        {f"{SITE}/kernels/ops.py": "python-distributions"},
        ("python-distributions",),
        packages=(
            dist(
                "kernels",
                "kernels/__init__.py",
                "kernels/ops.py",
                "kernels/__pycache__/ops.cpython-311.pyc",
            ),
        ),
    ),
    wheel(
        12,
        "models that a configuration names",
        TRANSFORMERS,
        "transformers/models/bert/modeling_bert.py",
        "transformers/models/bert/tokenization_bert.py",
    ),
    Trap(
        13,
        "metadata that is asked for by name",
        {**PYTHON, **tree_of(TQDM), **tree_of(NEEDS_TQDM)},
        imported("hub"),
        {
            f"{SITE}/tqdm-1.dist-info/METADATA": "python-distributions",
            f"{SITE}/tqdm-1.dist-info/entry_points.txt": "python-distributions",
        },
        ("python-distributions",),
        packages=(TQDM, NEEDS_TQDM),
    ),
    Trap(
        14,
        "path files and the directories that they name",
        {
            **PYTHON,
            f"{SITE}/dev.pth": "/srv/dev\n",
            "/srv/dev/lib.py": "",
            f"{SITE}/space-nspkg.pth": "import sys\n",
            f"{SITE}/sitecustomize.py": "",
        },
        RAN,
        {
            f"{SITE}/dev.pth": "python-editable-installs",
            "/srv/dev/lib.py": "python-path-entries",
            f"{SITE}/sitecustomize.py": "python-path-files",
        },
        ("python-editable-installs", "python-path-entries", "python-path-files"),
    ),
    Trap(
        15,
        "codecs",
        {**PYTHON, f"{LIB}/encodings/idna.py": "", f"{LIB}/encodings/cp437.py": ""},
        RAN,
        {f"{LIB}/encodings/idna.py": "python-stdlib", f"{LIB}/encodings/cp437.py": "python-stdlib"},
        ("python-stdlib",),
    ),
    Trap(
        16,
        "the standard library of errors, shutdown and spawn",
        {
            **PYTHON,
            **{
                f"{LIB}/{item}": ""
                for item in (
                    "traceback.py",
                    "linecache.py",
                    "multiprocessing/resource_tracker.py",
                    "logging/handlers.py",
                    "test/x.py",
                )
            },
        },
        RAN,
        {
            f"{LIB}/{item}": "python-stdlib"
            for item in (
                "traceback.py",
                "linecache.py",
                "multiprocessing/resource_tracker.py",
                "logging/handlers.py",
            )
        },
        ("python-stdlib",),
        (f"{LIB}/test/x.py",),
    ),
    wheel(
        17,
        "modules that a library imports by string",
        dist("celery", "celery/__init__.py", "celery/worker/strategy.py"),
        "celery/worker/strategy.py",
    ),
    Trap(
        18,
        "certificates, OpenSSL's configuration and providers",
        {
            **PYTHON,
            **tree_of(dist("certifi", "certifi/__init__.py", "certifi/cacert.pem")),
            "/x": elf(("libcrypto.so.3",)),
            f"{USR}/libcrypto.so.3": elf(),
            f"{USR}/ossl-modules/legacy.so": elf(),
            "/etc/ssl/openssl.cnf": "",
            "/etc/ssl/certs/ca.pem": "",
        },
        {**imported("certifi"), "/x": Use.EXECUTED},
        {
            f"{SITE}/certifi/cacert.pem": "python-distributions",
            f"{USR}/ossl-modules/legacy.so": "openssl-modules",
            "/etc/ssl/openssl.cnf": "trusted-certificates",
            "/etc/ssl/certs/ca.pem": "trusted-certificates",
        },
        ("python-distributions", "openssl-modules", "plugin-directories", "trusted-certificates"),
        packages=(dist("certifi", "certifi/__init__.py", "certifi/cacert.pem"),),
    ),
    Trap(
        19,
        "time zones",
        {
            **PYTHON,
            "/usr/share/zoneinfo/Asia/Tokyo": "TZif",
            f"{SITE}/tzdata/zoneinfo/Asia/Tokyo": "TZif",
        },
        RAN,
        {
            "/usr/share/zoneinfo/Asia/Tokyo": "time-zones",
            f"{SITE}/tzdata/zoneinfo/Asia/Tokyo": "time-zones",
        },
        ("time-zones",),
    ),
    Trap(
        20,
        "the UTF-8 locale, and character sets",
        {
            **GLIBC,
            "/usr/lib/locale/C.utf8/LC_CTYPE": "",
            "/bin/x": elf(("libc.so.6",), leftovers=("iconv_open",)),
            f"{USR}/gconv/ISO8859-15.so": elf(),
            f"{USR}/gconv/gconv-modules.cache": "",
        },
        {"/bin/x": Use.EXECUTED},
        {
            "/usr/lib/locale/C.utf8/LC_CTYPE": "c-utf8-locale",
            f"{USR}/gconv/ISO8859-15.so": "character-sets",
            f"{USR}/gconv/gconv-modules.cache": "character-set-index",
        },
        ("c-utf8-locale", "locales", "character-sets", "character-set-index"),
    ),
    Trap(
        21,
        "name service modules and what resolvers read",
        {
            **GLIBC,
            f"{USR}/libnss_dns-2.31.so": elf(),
            f"{USR}/libnss_compat.so.2": elf(),
            f"{USR}/libnss_compat.so": Link("libnss_compat.so.2"),
            f"{USR}/libresolv-2.31.so": elf(),
            f"{USR}/libresolv.so": Link("libresolv-2.31.so"),
            "/etc/nsswitch.conf": "",
            "/etc/services": "",
            "/etc/gai.conf": "",
        },
        {},
        {
            f"{USR}/libnss_dns-2.31.so": "name-service",
            f"{USR}/libnss_compat.so.2": "name-service",
            f"{USR}/libresolv-2.31.so": "name-service",
            "/etc/nsswitch.conf": "accounts",
            "/etc/services": "network-configuration",
        },
        ("name-service", "accounts", "network-configuration"),
        gone=(f"{USR}/libnss_compat.so", f"{USR}/libresolv.so"),
        packages=(
            package(Ecosystem.DEB, "libc6-dev", (f"{USR}/libnss_compat.so", f"{USR}/libresolv.so")),
        ),
    ),
    Trap(
        22,
        "libgcc_s, which ends threads",
        {**GLIBC, f"{USR}/libgcc_s.so.1": elf(), "/opt/conda/lib/libgcc_s.so.1": elf()},
        {},
        {f"{USR}/libgcc_s.so.1": "libgcc-s", "/opt/conda/lib/libgcc_s.so.1": "libgcc-s"},
        ("libgcc-s",),
        level=Level.OBSERVED,
    ),
    Trap(
        23,
        "accounts, home and temporary directories",
        {
            "/etc/passwd": "app:x:1000:1000::/home/app:/bin/sh\n",
            "/etc/group": "",
            "/home/app": None,
            "/tmp": None,
            "/var/tmp": None,
        },
        {},
        {
            "/etc/passwd": "accounts",
            "/home/app": "image-config",
            "/tmp": "image-config",
            "/var/tmp": "image-config",
        },
        run={"User": "app"},
    ),
    Trap(
        24,
        "variants for another processor",
        {
            **GLIBC,
            "/x": elf(("libmkl_core.so.2", "libz.so.1")),
            "/y": elf(("libggml-cpu-haswell.so",)),
            **{
                f"/usr/lib/{item}": elf()
                for item in (
                    "libmkl_core.so.2",
                    "libmkl_avx512.so.2",
                    "libmkl_vml_def.so.2",
                    "libggml-cpu-haswell.so",
                    "libggml-cpu-sapphirerapids.so",
                )
            },
            "/usr/lib/libz.so.1": elf(),
            "/usr/lib/glibc-hwcaps/x86-64-v4/libother.so.1": elf(),
        },
        {"/x": Use.EXECUTED, "/y": Use.EXECUTED},
        {
            "/usr/lib/libmkl_avx512.so.2": "blas-variants",
            "/usr/lib/libmkl_vml_def.so.2": "blas-variants",
            "/usr/lib/libggml-cpu-sapphirerapids.so": "blas-variants",
            "/usr/lib/glibc-hwcaps/x86-64-v4/libother.so.1": "processor-variants",
        },
        ("blas-variants", "processor-variants"),
    ),
    wheel(
        25,
        "torch's parts for linear algebra, nvrtc and shared memory",
        TORCH,
        *(
            f"torch/{item}"
            for item in (
                "lib/libtorch_cuda_linalg.so",
                "lib/libcaffe2_nvrtc.so",
                "bin/torch_shm_manager",
            )
        ),
        off=("python-distributions", "torch-helpers"),
    ),
    Trap(
        26,
        "data of libraries: in the package, in a directory that a variable names, in fixed places",
        {
            **PYTHON,
            **tree_of(dist("nltk", "nltk/__init__.py", "nltk/data/words.txt")),
            "/usr/share/nltk_data/tokenizers/punkt.pickle": "",
            "/models/hub/models--x/blobs/1": "",
        },
        imported("nltk"),
        {
            f"{SITE}/nltk/data/words.txt": "python-distributions",
            "/usr/share/nltk_data/tokenizers/punkt.pickle": "language-data",
            "/models/hub/models--x/blobs/1": "named-paths",
        },
        ("python-distributions", "language-data", "named-paths"),
        packages=(dist("nltk", "nltk/__init__.py", "nltk/data/words.txt"),),
        run={"Env": ["HF_HOME=/models"]},
    ),
    Trap(
        27,
        "formats: image coders, loaders, fonts, documents, languages",
        {
            "/x": elf(
                (
                    "libMagickCore-6.Q16.so.6",
                    "libgdk_pixbuf-2.0.so.0",
                    "libfontconfig.so.1",
                    "libpoppler.so.126",
                    "libtesseract.so.5",
                )
            ),
            **{
                f"{USR}/{item}": elf()
                for item in (
                    "libMagickCore-6.Q16.so.6",
                    "libgdk_pixbuf-2.0.so.0",
                    "libfontconfig.so.1",
                    "libpoppler.so.126",
                    "libtesseract.so.5",
                )
            },
            f"{USR}/ImageMagick-6.9.11/modules-Q16/coders/webp.so": elf(),
            "/usr/bin/gs": elf(),
            "/etc/ImageMagick-6/policy.xml": "",
            f"{USR}/gdk-pixbuf-2.0/2.10.0/loaders/libpixbufloader-svg.so": elf(),
            "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "",
            "/usr/share/poppler/cMap/Adobe-Japan1/H": "",
            "/usr/share/tesseract-ocr/5/tessdata/deu.traineddata": "",
        },
        {"/x": Use.EXECUTED},
        {
            f"{USR}/ImageMagick-6.9.11/modules-Q16/coders/webp.so": "imagemagick-coders",
            "/etc/ImageMagick-6/policy.xml": "imagemagick-coders",
            "/usr/bin/gs": "imagemagick-delegates",
            f"{USR}/gdk-pixbuf-2.0/2.10.0/loaders/libpixbufloader-svg.so": "gdk-pixbuf-loaders",
            "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "fonts",
            "/usr/share/poppler/cMap/Adobe-Japan1/H": "document-data",
            "/usr/share/tesseract-ocr/5/tessdata/deu.traineddata": "recognition-data",
        },
        (
            "imagemagick-coders",
            "imagemagick-delegates",
            "gdk-pixbuf-loaders",
            "fonts",
            "document-data",
            "recognition-data",
            "plugin-directories",
        ),
    ),
    wheel(
        28,
        "caches of compiled code inside a package",
        dist("numba", "numba/__init__.py", "numba/__pycache__/f.nbi"),
        "numba/__pycache__/f.nbi",
    ),
    Trap(
        29,
        "helpers of entrypoint scripts",
        {
            **SHELL,
            "/usr/bin/envsubst": elf(),
            "/usr/local/bin/start.sh": Exec(b"#!/bin/sh\nexec envsubst < /app/conf\n"),
            "/etc/shinit_v2": "",
            "/opt/nvidia/nvidia_entrypoint.sh": Exec(
                b"#!/bin/sh\nfor f in /opt/nvidia/entrypoint.d/*; do . $f; done\n"
            ),
            "/opt/nvidia/entrypoint.d/10-banner.sh": "",
        },
        {"/bin/sh": Use.EXECUTED, "/opt/nvidia/nvidia_entrypoint.sh": Use.EXECUTED},
        {
            "/usr/bin/envsubst": "commands",
            "/etc/shinit_v2": "shell-start-files",
            "/opt/nvidia/entrypoint.d/10-banner.sh": "application",
        },
        (
            "commands",
            "shell-commands",
            "shell-start-files",
            "application",
            "shell-sources",
            "named-paths",
        ),
        run={"Entrypoint": ["/opt/nvidia/nvidia_entrypoint.sh", "/usr/local/bin/start.sh"]},
    ),
    Trap(
        30,
        "what a probe runs",
        {**SHELL, "/usr/bin/curl": elf(("libcurl.so.4",)), f"{USR}/libcurl.so.4": elf()},
        {},
        {"/usr/bin/curl": "commands", f"{USR}/libcurl.so.4": "elf-and-shebang"},
        ("commands",),
        run={"Healthcheck": {"Test": ["CMD-SHELL", "curl -fs http://localhost/ || exit 1"]}},
    ),
    Trap(
        31,
        "PAM modules, MPI components, UCX transports, the launcher's daemon",
        {
            "/usr/bin/mpirun": elf(("libmpi.so.40", "libucp.so.0", "libpam.so.0")),
            "/usr/bin/orted": elf(),
            **{
                f"{USR}/{item}": elf()
                for item in (
                    "libmpi.so.40",
                    "libucp.so.0",
                    "libpam.so.0",
                    "openmpi/lib/openmpi3/mca_btl_tcp.so",
                    "ucx/libuct_ib.so.0",
                    "security/pam_unix.so",
                )
            },
            "/etc/pam.d/sshd": "",
        },
        {"/usr/bin/mpirun": Use.EXECUTED},
        {
            f"{USR}/openmpi/lib/openmpi3/mca_btl_tcp.so": "mpi-components",
            f"{USR}/ucx/libuct_ib.so.0": "ucx-modules",
            f"{USR}/security/pam_unix.so": "pam",
            "/usr/bin/orted": "mpi-launchers",
        },
        ("mpi-components", "ucx-modules", "pam", "mpi-launchers", "plugin-directories"),
    ),
    Trap(
        32,
        "content types and magic numbers",
        {
            "/x": elf(("libmagic.so.1",)),
            f"{USR}/libmagic.so.1": elf(),
            "/etc/mime.types": "",
            "/usr/lib/file/magic.mgc": "",
            "/usr/share/misc/magic.mgc": Link("../../lib/file/magic.mgc"),
        },
        {"/x": Use.EXECUTED},
        {"/etc/mime.types": "content-types", "/usr/lib/file/magic.mgc": "magic-database"},
        ("content-types", "magic-database"),
    ),
    Trap(
        33,
        "links, empty directories and mount points",
        {
            "/x": elf(("liba.so.1",)),
            f"{USR}/liba.so.1": Link("liba.so.1.2"),
            f"{USR}/liba.so.1.2": elf(),
            "/proc": None,
            "/run": None,
            "/dev": None,
        },
        {"/x": Use.EXECUTED, f"{USR}/liba.so.1.2": Use.MAPPED},
        {
            f"{USR}/liba.so.1": "symlinks",
            "/proc": "image-config",
            "/run": "image-config",
            "/dev": "image-config",
        },
    ),
    Trap(
        34,
        "what scanners read",
        {
            "/var/lib/dpkg/status": "",
            "/lib/apk/db/installed": "",
            "/var/lib/rpm/rpmdb.sqlite": "",
            "/etc/os-release": "",
        },
        {},
        {
            "/var/lib/dpkg/status": "package-databases",
            "/lib/apk/db/installed": "package-databases",
            "/var/lib/rpm/rpmdb.sqlite": "package-databases",
            "/etc/os-release": "os-identity",
        },
        ("package-databases", "os-identity"),
        level=Level.OBSERVED,
    ),
    Trap(
        35,
        "licences of what stays",
        {
            "/usr/bin/sed": elf(),
            "/usr/share/doc/sed/copyright": "GPL",
            "/usr/share/doc/sed/NEWS.gz": "x",
        },
        {"/usr/bin/sed": Use.EXECUTED},
        {"/usr/share/doc/sed/copyright": "package-record"},
        gone=("/usr/share/doc/sed/NEWS.gz",),
        packages=(
            package(
                Ecosystem.DEB,
                "sed",
                ("/usr/bin/sed", "/usr/share/doc/sed/copyright", "/usr/share/doc/sed/NEWS.gz"),
                licences=(ImagePath("/usr/share/doc/sed/copyright"),),
            ),
        ),
    ),
    wheel(
        36,
        "kernels for a GPU that the profile did not have",
        dist("serving", "serving/__init__.py", "serving/_fa2_C.so", "serving/_fa3_C.so"),
        "serving/_fa3_C.so",
    ),
    Trap(
        37,
        "the application's other modules, templates and migrations",
        {
            **PYTHON,
            "/app/main.py": "",
            "/app/cli.py": "",
            "/app/templates/error.html": "",
            "/app/migrations/0002.py": "",
        },
        {**RAN, "/app/main.py": Use.OPENED},
        dict.fromkeys(
            ("/app/cli.py", "/app/templates/error.html", "/app/migrations/0002.py"), "application"
        ),
        ("application",),
        run={"WorkingDir": "/app"},
    ),
    Trap(
        38,
        "commands that the application starts by name, and those of a shell that it starts",
        {
            **PYTHON,
            **SHELL,
            "/app/main.py": "subprocess.run(['ffmpeg', '-i', name])\n",
            "/usr/bin/ffmpeg": elf(),
            "/usr/bin/ps": elf(),
            "/usr/bin/diff": elf(),
        },
        {**RAN, "/bin/sh": Use.EXECUTED, "/app/main.py": Use.OPENED},
        {
            "/usr/bin/ffmpeg": "commands",
            "/usr/bin/ps": "shell-commands",
            "/usr/bin/diff": "shell-commands",
        },
        ("commands", "shell-commands"),
        run={"WorkingDir": "/app"},
    ),
    Trap(
        39,
        "a script's branch that the profile did not take, and that fails in silence",
        {**PYTHON, **SHELL, "/app/run.sh": Exec(ENTRY.encode()), "/usr/bin/openssl": elf()},
        {**RAN, "/bin/sh": Use.EXECUTED, "/app/run.sh": Use.EXECUTED},
        {"/usr/bin/openssl": "commands"},
        ("commands",),
        run=APP,
    ),
    Trap(
        40,
        "what is only looked up",
        {**PYTHON, f"{LIB}/lib-dynload": None},
        {**RAN, f"{LIB}/encodings/__init__.py": Use.OPENED},
        {f"{LIB}/os.py": "python-stdlib", f"{LIB}/lib-dynload": "python-stdlib"},
        ("python-stdlib",),
        level=Level.OBSERVED,
    ),
    Trap(
        41,
        "accounts, which the container runtime reads before the first program",
        {"/etc/passwd": "", "/etc/group": ""},
        {},
        {"/etc/passwd": "accounts", "/etc/group": "accounts"},
        ("accounts",),
        level=Level.OBSERVED,
    ),
    Trap(
        42,
        "the health check's program, of a configuration with fields that careen does not know",
        {"/usr/bin/probe": elf()},
        {},
        {"/usr/bin/probe": "commands"},
        ("commands",),
        run={
            "Healthcheck": {"Test": ["CMD", "probe"]},
            "StopSignal": "SIGQUIT",
            "NewThing": {"deep": 1},
        },
    ),
)


RED_HAT: Files = {
    "/usr/bin/gcc": elf(),
    "/usr/libexec/gcc/x86_64-redhat-linux/11/cc1": elf(),
    "/usr/lib/gcc/x86_64-redhat-linux/11/crtbegin.o": "",
    "/usr/include/stdio.h": "",
    "/usr/lib64/crt1.o": "",
    "/usr/lib64/libc.so": "GROUP ( /lib64/libc.so.6 )",
    "/usr/lib64/libc_nonshared.a": "!<arch>",
}


def test_a_compiler_that_rpm_or_apk_installed_comes_with_what_it_reads() -> None:
    """Row 5 where no package tells which files belong together."""
    trap = Trap(
        5, "", {**PYTHON, **tree_of(TRITON), **RED_HAT}, imported("triton"), {}, packages=(TRITON,)
    )
    assert [path for path in RED_HAT if ImagePath(path) not in trap.plan().keep] == []
    assert [
        path for path in RED_HAT if ImagePath(path) in trap.plan(("toolchain-files",)).keep
    ] == ["/usr/bin/gcc"]
    without_compiler = replace(
        trap,
        files={path: content for path, content in trap.files.items() if path != "/usr/bin/gcc"},
    )
    assert ImagePath("/usr/include/stdio.h") in without_compiler.plan().remove


def codes(ident: str) -> frozenset[str]:
    """The codes of reasons that stand for a rule, a mechanism, or themselves."""
    return (
        frozenset(CODES[ident])
        if ident in CODES
        else frozenset({ident} if ident in SEEDS else {f"rule:{ident}"})
    )


def chain(plan: Plan, path: str) -> Iterator[str]:
    """The codes from a path to where its keeping starts."""
    at: ImagePath | None = ImagePath(path)
    while at is not None and (reason := plan.keep.get(at)) is not None:
        yield reason.code
        at = reason.because


def test_every_row_is_there_once() -> None:
    assert [trap.number for trap in TRAPS] == list(range(1, 43))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap.number} {trap.what}")
def test_what_a_profile_misses_is_kept_by_what_should_keep_it(trap: Trap) -> None:
    plan = trap.plan()
    found = {path: next(chain(plan, path), "removed") for path in trap.kept}
    assert {path: code for path, code in found.items() if code not in codes(trap.kept[path])} == {}
    assert [path for path in trap.gone if ImagePath(path) in plan.keep] == []


@pytest.mark.parametrize(
    "trap", [trap for trap in TRAPS if trap.off], ids=lambda trap: f"{trap.number} {trap.what}"
)
def test_without_the_rule_or_mechanism_it_is_lost(trap: Trap) -> None:
    plan = trap.plan(without=trap.off)
    assert [path for path in trap.kept if ImagePath(path) in plan.keep] == []


def test_a_family_is_not_kept_where_nobody_opened_one_of_it() -> None:
    for trap in (item for item in TRAPS if item.number in (1, 2, 10, 27, 31)):
        idle = replace(
            trap,
            used={},
            files={
                path: content
                for path, content in trap.files.items()
                if not path.startswith("/etc/")
            },
        )
        kept = idle.plan().keep
        assert [path for path in trap.kept if ImagePath(path) in kept] == []

"""Choice of the resolver: uv where its binary runs in the image, else pip.

uv is asked first. It answers in tenths of a second, respects installed versions, and can take the
lowest version that satisfies, which moves dependencies least. But it is a binary for one libc, and
it does not see the system's packages beside an environment's own (`--system-site-packages`, a
user's directory, `--target`, Debian's directory beside that of /usr/local). There the
environment's own pip is asked if it is 23.2 or later: older ones fetch each wheel that they
consider. Else careen's copy is asked, which is pure Python, and last an own pip of 22.2 or later.
"""

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion

from careen.patch.certificates import with_machine_authorities
from careen.patch.python.ask_pip import BY_METADATA, REPORTING, Pip, copy_pip, own_pip
from careen.patch.python.ask_uv import Uv, copy_uv
from careen.patch.python.environments import Environment
from careen.patch.python.probe import Interpreter
from careen.patch.python.questions import Resolver, Setting
from careen.patch.python.sources import Sources
from careen.patch.sandbox import Sandbox

_PIP_PYTHON = (3, 10)
_TEMPORARY = "tmp"


def resolver_for(
    environment: Environment, interpreter: Interpreter, sources: Sources, sandbox: Sandbox
) -> Resolver | str:
    """Return the first resolver that runs in the environment, or why none does."""
    inside = sandbox.directory("python")
    sandbox.directory(f"python/{_TEMPORARY}")
    wheel_directories = _houses(sources, sandbox, frozenset(interpreter.tags))
    setting = Setting(
        environment, sources, _variables(sources, sandbox, inside), inside, wheel_directories
    )
    if (
        environment.kind not in ("user", "target")
        and not environment.shared
        and len(environment.sites) == 1
    ):
        uv = copy_uv(sandbox)
        if uv:
            return Uv(setting, uv)
    if own := own_pip(environment, BY_METADATA):
        return Pip(setting, ("-m", "pip"), f"pip {own}")
    version = tuple(int(part) for part in interpreter.full.split(".")[:2])
    if version >= _PIP_PYTHON:
        import pip

        return Pip(setting, (copy_pip(sandbox),), f"pip {pip.__version__}")
    if own := own_pip(environment, REPORTING):
        return Pip(setting, ("-m", "pip"), f"pip {own}")
    return f"neither uv nor pip runs with Python {interpreter.full} of this image"


def _variables(sources: Sources, sandbox: Sandbox, inside: str) -> dict[str, str]:
    """Return what both resolvers read from the environment."""
    # Credentials are passed here, never on a command line.
    out = {
        "UV_CACHE_DIR": f"{inside}/uv-cache",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_HTTP_TIMEOUT": "20",
        "UV_HTTP_RETRIES": "1",
        "UV_NO_CONFIG": "1",
        "UV_KEYRING_PROVIDER": "disabled",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "",
        "TMPDIR": f"{inside}/{_TEMPORARY}",
        "UV_FIND_LINKS": ",".join(sources.find_links),
        "PIP_FIND_LINKS": " ".join(sources.find_links),
        "UV_INDEX": " ".join(sources.indexes[:-1]),
        "PIP_EXTRA_INDEX_URL": " ".join(sources.indexes[:-1]),
    }
    if sources.indexes:
        out |= {"UV_DEFAULT_INDEX": sources.indexes[-1], "PIP_INDEX_URL": sources.indexes[-1]}
    if sources.certificates:
        authorities = sandbox.put(
            "python/authorities.pem", with_machine_authorities(sources.certificates)
        )
        out |= {"SSL_CERT_FILE": authorities, "PIP_CERT": authorities}
    return out


def _houses(sources: Sources, sandbox: Sandbox, tags: frozenset[str]) -> tuple[str, ...]:
    """Copy usable wheels from this machine's wheel directories into the sandbox."""
    out: list[str] = []
    for number, directory in enumerate(sources.directories):
        house = f"python/house-{number}"
        there = sandbox.directory(house)
        for wheel in sorted(directory.glob("*.whl")):
            if _takes(wheel.name, tags) and not sandbox.holds(f"{house}/{wheel.name}"):
                # Never a link: root in the container could write to the user's file.
                sandbox.copy(wheel, f"{house}/{wheel.name}")
        out.append(there)
    return tuple(out)


def _takes(filename: str, tags: frozenset[str]) -> bool:
    try:
        return not tags.isdisjoint(map(str, parse_wheel_filename(filename)[3]))
    except (InvalidWheelFilename, InvalidVersion):
        return False

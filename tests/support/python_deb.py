"""A package of Debian's shape with this machine's own Python: the program, its libraries, and the
modules that it loads when it starts.
"""

from pathlib import Path

from careen.tools.process import check
from tests.support.deb_archive import Deb

PYTHON = Path("/usr/bin/python3")
LIMIT = 60.0
_LOADED = (
    "import sys, encodings.ascii, encodings.latin_1, types, keyword, operator, reprlib\n"
    "for each in list(sys.modules.values()):\n"
    "    print(getattr(each, '__file__', None) or '')\n"
)


def python_debs(root: Path) -> tuple[Deb, Deb]:
    """Return packages `python3` and `libc6`, by which a root runs Python and has a glibc.

    `root` is the package of the root that they come to: libraries that it has are left out.
    """
    listed = check(["dpkg-deb", "-c", str(root)], timeout=LIMIT, doing="listing").text.split()
    there = {word.removeprefix(".") for word in listed if word.startswith("./")}
    program = PYTHON.resolve()
    argv = [str(program), "-I", "-c", _LOADED]
    modules = check(argv, timeout=LIMIT, doing="asking Python").text.split()
    said = check(["ldd", str(program)], timeout=LIMIT, doing="asking ldd").text.split()
    found = [str(program), *(each for each in said if each.startswith("/lib"))]
    found += [each for each in modules if each.startswith(f"/usr/lib/{program.name}/")]
    placed = {str(Path(path).resolve().parent / Path(path).name): path for path in found}
    python = Deb(
        "python3",
        "1",
        {"Depends": "libc6"},
        {place: Path(path).read_bytes() for place, path in placed.items() if place not in there},
        links={str(PYTHON): program.name},
    )
    return python, Deb("libc6", "2.41-12")

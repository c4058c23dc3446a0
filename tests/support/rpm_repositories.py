"""Signed repositories of small rpm packages, made by rpmbuild, rpmsign and createrepo_c."""

from collections.abc import Sequence
from pathlib import Path

from careen.tools.process import check

LIMIT = 120.0
SIGNER = "careen-test"
SPEC = """Name: {name}
Version: {version}
Release: 1
Summary: x
License: MIT
BuildArch: noarch
{fields}
%description
x
%install
mkdir -p %{{buildroot}}/usr/share/{name} %{{buildroot}}/etc
echo {version} > %{{buildroot}}/usr/share/{name}/data
echo {version} > %{{buildroot}}/etc/{name}.conf
{scripts}
%files
/usr/share/{name}/data
%config(noreplace) /etc/{name}.conf
"""


def spec(name: str, version: str, *, fields: Sequence[str] = (), scripts: str = "") -> str:
    """Return the text of a spec; `fields` are lines as `Requires: x`."""
    return SPEC.format(
        name=name, version=version, fields="\n".join(fields) or "%global none 1", scripts=scripts
    )


def make_signer(directory: Path) -> Path:
    """Make a key in `directory/gpg`; return the file with its public half."""
    home = directory / "gpg"
    home.mkdir(mode=0o700)
    base = ["gpg", "--homedir", str(home), "--batch"]
    check(
        [*base, "--passphrase", "", "--quick-gen-key", SIGNER, "rsa2048", "sign", "never"],
        timeout=LIMIT,
        doing="making a key",
    )
    public = directory / f"{SIGNER}.asc"
    public.write_bytes(
        check([*base, "--armor", "--export", SIGNER], timeout=LIMIT, doing="exporting a key").stdout
    )
    return public


def make_repository(directory: Path, name: str, specs: Sequence[str]) -> Path:
    """Build the packages, sign them with the key of `make_signer` and index them; return the
    repository.
    """
    place = directory / name
    place.mkdir()
    top = directory / "rpmbuild"
    setting = ["env", "SOURCE_DATE_EPOCH=1600000000", f"GNUPGHOME={directory / 'gpg'}"]
    for number, text in enumerate(specs):
        path = directory / f"{name}-{number}.spec"
        path.write_text(text)
        argv = [
            *setting,
            "rpmbuild",
            "-bb",
            "--quiet",
            "--define",
            f"_topdir {top}",
            "--define",
            "_build_id_links none",
            str(path),
        ]
        check(argv, timeout=LIMIT, doing="building an rpm")
    for built in (top / "RPMS").rglob("*.rpm"):
        built.rename(place / built.name)
    packages = sorted(str(path) for path in place.glob("*.rpm"))
    check(
        [*setting, "rpmsign", "--addsign", "--define", f"_gpg_name {SIGNER}", *packages],
        timeout=LIMIT,
        doing="signing rpms",
    )
    check(["createrepo_c", "-q", str(place)], timeout=LIMIT, doing="making a repository")
    return place

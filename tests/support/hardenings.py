"""An image before and after hardening, as values: one package of every fate that a VEX statement
can speak of.
"""

from dataclasses import replace

from careen.evidence.vex.statements import Hardening
from careen.evidence.vex.subject import VexSubject
from careen.model.findings.advisory import ImportedCode, Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.findings.triage import ObservedBy, Priority, Tier, Triaged, Witness
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness

STATUS = ImagePath("/var/lib/dpkg/status")
DIGEST = "sha256:" + "a" * 64
SUBJECT = VexSubject("registry.example.org/team/app", (DIGEST,), "hardened", "amd64")
OBSERVED = ObservedBy(("serve", "train"), 421.4, Completeness(), ())


def paths(*names: str) -> tuple[ImagePath, ...]:
    return tuple(ImagePath(name) for name in names)


def deb(name: str, version: str, *files: str, source: str = "") -> Package:
    return Package(
        Ecosystem.DEB,
        name,
        version,
        f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12",
        STATUS,
        paths(*files, f"/usr/share/doc/{name}/copyright"),
        metadata=paths(f"/var/lib/dpkg/info/{name}.list"),
        licences=paths(f"/usr/share/doc/{name}/copyright"),
        architecture="amd64",
        source=source or f"{name}@{version}",
    )


def wheel(name: str, version: str, *files: str) -> Package:
    record = ImagePath(f"/site/{name}-{version}.dist-info/RECORD")
    return Package(
        Ecosystem.PYPI,
        name,
        version,
        f"pkg:pypi/{name}@{version}",
        record,
        paths(*files, record),
        metadata=(record,),
    )


def finding(
    package: Package,
    identifier: str,
    *aliases: str,
    fixed: tuple[str, ...] = (),
    code: tuple[ImportedCode, ...] = (),
) -> Finding:
    status = VendorStatus.FIXED if fixed else VendorStatus.AFFECTED
    return Finding(
        identifier,
        aliases,
        package.purl,
        package.name,
        package.version,
        (),
        status,
        fixed,
        Severity.HIGH,
        "test",
        code=code,
    )


def triaged(found: Finding, tier: Tier = Tier.PRESENT, *witnesses: Witness) -> Triaged:
    return Triaged(found, tier, Priority.TRACK, (), witnesses=witnesses)


def inventory(*packages: Package) -> Inventory:
    return Inventory({package.purl: package for package in packages}, {})


PERL = deb("perl-base", "5.36.0-7", "/usr/bin/perl", "/usr/lib/perl/strict.pm")
SSL = deb("libssl3", "3.0.15-1~deb12u1", "/usr/lib/libssl.so.3", source="openssl@3.0.15-1~deb12u1")
ZLIB = deb("zlib1g", "1:1.2.13-1", "/usr/lib/libz.so.1")
ZLIB_NEW = deb("zlib1g", "1:1.2.13-1+deb12u1", "/usr/lib/libz.so.1")
TORCH = wheel("torch", "2.5.1", "/site/torch/__init__.py", "/site/torch/jit/unpickle.py")
IDNA = wheel("idna", "3.6", "/site/idna/core.py")
GO_YAML = Package(
    Ecosystem.GOLANG,
    "gopkg.in/yaml.v2",
    "v2.2.0",
    "pkg:golang/gopkg.in/yaml.v2@v2.2.0",
    ImagePath("/usr/bin/agent"),
    paths("/usr/bin/agent"),
    presence=Presence.EMBEDDED,
)

BEFORE = (
    triaged(finding(PERL, "CVE-2024-0001")),
    triaged(
        finding(
            TORCH,
            "CVE-2024-0002",
            "GHSA-5555-5555-5555",
            fixed=("2.6.0",),
            code=(ImportedCode("torch.jit.unpickle"),),
        )
    ),
    triaged(finding(ZLIB, "CVE-2024-0003", fixed=("1:1.2.13-1+deb12u1",))),
    triaged(finding(IDNA, "CVE-2024-0004", fixed=("3.7",))),
    triaged(
        finding(SSL, "CVE-2024-0005", fixed=("3.0.20-1",)),
        Tier.EXECUTED,
        Witness(ImagePath("/usr/lib/libssl.so.3"), "mapped", "/usr/bin/python3.11", "serve"),
    ),
    triaged(finding(GO_YAML, "CVE-2024-0006", fixed=("v2.2.4",))),
)

HARDENING = Hardening(
    original=inventory(PERL, SSL, ZLIB, TORCH, IDNA, GO_YAML),
    hardened=inventory(
        replace(PERL, files=PERL.licences),
        SSL,
        ZLIB_NEW,
        replace(TORCH, files=(TORCH.files[0], TORCH.record)),
        IDNA,
    ),
    kept=frozenset(
        {
            *PERL.licences,
            *PERL.metadata,
            *SSL.files,
            *ZLIB_NEW.files,
            TORCH.files[0],
            TORCH.record,
            *IDNA.files,
            STATUS,
        }
    ),
    after=(),
    observed=OBSERVED,
    code_files=lambda package, code: tuple(
        path
        for path in package.files
        if any(path.endswith(f"{one.path.replace('.', '/')}.py") for one in code)
    ),
)

"""An inventory with a package of every ecosystem, and a scan of it."""

from careen.model.findings.advisory import (
    CvssScore,
    EpssScore,
    Feed,
    KevEntry,
    Severity,
    VendorStatus,
)
from careen.model.findings.finding import Finding, Match, Uncovered
from careen.model.findings.triage import (
    ObservedBy,
    Priority,
    ScanReport,
    Suppressed,
    Tier,
    Triaged,
    Witness,
)
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile, ModelFormat
from careen.model.packages.package import Ecosystem, Inventory, Marker, Package, Presence, Unknown
from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness

DIGEST = "sha256:" + "ab" * 32
SUBJECT = "registry.example.org/team/app:1.2"
CREATED = "2026-03-01T10:00:00Z"
SITE = "/usr/lib/python3/site-packages"

LIBSSL = "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl"
AUTOMAKE = "pkg:deb/debian/automake@1:1.16.5-1.3?arch=all&distro=debian-12&upstream=automake-1.16"
GOSU = "pkg:deb/debian/gosu@1.14-1%2Bb6?arch=amd64&distro=debian-12&upstream=gosu%401.14-1"
KERNEL = "pkg:rpm/rhel/nodejs@20.11.1-1.module?arch=x86_64&distro=debian-12&epoch=1&upstream=nodejs-20.11.1-1.module.src.rpm"
MUSL = "pkg:apk/alpine/musl-utils@1.2.5-r0?arch=x86_64&distro=debian-12&upstream=musl"
CRYPTOGRAPHY = "pkg:pypi/cryptography@42.0.0"
NUMPY = "pkg:pypi/numpy@1.26.4"
NUMPY_COPY = "pkg:pypi/numpy@1.26.4?location=/opt/venv/numpy-1.26.4.dist-info/RECORD"
BABEL = "pkg:npm/%40babel/core@7.24.0"
LOG4J = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
GO_NET = "pkg:golang/golang.org/x/net@v0.17.0"
GO_MAIN = "pkg:golang/example.org/tool"
TOKIO = "pkg:cargo/tokio@1.36.0"
BUNDLED = "pkg:generic/openssl@3.2.0"
RUNTIME = "pkg:generic/python@3.11.9"


def _paths(*raw: str) -> tuple[ImagePath, ...]:
    return tuple(ImagePath(path) for path in sorted(raw))


def _package(purl: str, name: str, version: str, record: str, *files: str) -> Package:
    return Package(
        Ecosystem(purl.removeprefix("pkg:").partition("/")[0]),
        name,
        version,
        purl,
        ImagePath(record),
        _paths(*files),
    )


def _system(
    purl: str, name: str, version: str, record: str, files: tuple[str, ...], source: str
) -> Package:
    architecture = purl.partition("arch=")[2].partition("&")[0]
    return Package(
        ecosystem=Ecosystem(purl.removeprefix("pkg:").partition("/")[0]),
        name=name,
        version=version,
        purl=purl,
        record=ImagePath(record),
        files=_paths(*files),
        architecture=architecture,
        source=source,
        depends=("libc6", "gosu|sudo") if name == "automake" else (),
        module="nodejs:20:1:abc" if name == "nodejs" else "",
        licence="Apache-2.0" if name == "libssl3" else "",
        essential=name == "libssl3",
        evidence="listed in the package database",
    )


def _embedded(purl: str, name: str, version: str, holder: str, evidence: str) -> Package:
    return Package(
        Ecosystem(purl.removeprefix("pkg:").partition("/")[0]),
        name,
        version,
        purl,
        ImagePath(holder),
        _paths(holder),
        presence=Presence.EMBEDDED,
        evidence=evidence,
    )


STATUS = "/var/lib/dpkg/status"
BUNDLE = f"{SITE}/cryptography.libs/libcrypto-fb8d5b21.so.3"
_PACKAGES = (
    _system(
        LIBSSL,
        "libssl3",
        "3.0.15-1~deb12u1",
        STATUS,
        ("/usr/lib/libssl.so.3", "/usr/share/doc/libssl3/copyright"),
        "openssl@3.0.15-1~deb12u1",
    ),
    _system(
        AUTOMAKE,
        "automake",
        "1:1.16.5-1.3",
        STATUS,
        ("/usr/bin/automake",),
        "automake-1.16@1:1.16.5-1.3",
    ),
    _system(GOSU, "gosu", "1.14-1+b6", STATUS, ("/usr/bin/gosu",), "gosu@1.14-1"),
    _system(
        KERNEL,
        "nodejs",
        "1:20.11.1-1.module",
        "/var/lib/rpm/rpmdb.sqlite",
        ("/usr/bin/node",),
        "nodejs@1:20.11.1-1.module",
    ),
    _system(
        MUSL, "musl-utils", "1.2.5-r0", "/lib/apk/db/installed", ("/usr/bin/ldd",), "musl@1.2.5-r0"
    ),
    Package(
        Ecosystem.PYPI,
        "cryptography",
        "42.0.0",
        CRYPTOGRAPHY,
        ImagePath(f"{SITE}/cryptography-42.0.0.dist-info/RECORD"),
        _paths(BUNDLE, f"{SITE}/cryptography/__init__.py"),
        modules=("cryptography",),
        depends=("numpy",),
        licence="Apache-2.0 OR BSD-3-Clause",
    ),
    _package(
        NUMPY,
        "numpy",
        "1.26.4",
        f"{SITE}/numpy-1.26.4.dist-info/RECORD",
        f"{SITE}/numpy/__init__.py",
        f"{SITE}/numpy/ä.py",
    ),
    _package(
        NUMPY_COPY,
        "numpy",
        "1.26.4",
        "/opt/venv/numpy-1.26.4.dist-info/RECORD",
        "/opt/venv/numpy/__init__.py",
    ),
    _package(
        BABEL,
        "@babel/core",
        "7.24.0",
        "/app/node_modules/@babel/core/package.json",
        "/app/node_modules/@babel/core/index.js",
    ),
    _embedded(
        LOG4J,
        "org.apache.logging.log4j:log4j-core",
        "2.14.1",
        "/app/app.jar",
        "pom.properties in the jar",
    ),
    _embedded(GO_NET, "golang.org/x/net", "v0.17.0", "/usr/bin/gosu", "Go build info"),
    _embedded(
        GO_MAIN,
        "example.org/tool",
        "(devel)",
        "/usr/local/bin/tool",
        "Go build info, which does not state its version",
    ),
    _embedded(TOKIO, "tokio", "1.36.0", "/usr/local/bin/server", "listed by cargo auditable"),
    _embedded(BUNDLED, "openssl", "3.2.0", BUNDLE, "version string 'OpenSSL 3.2.0' in .rodata"),
    _package(
        RUNTIME,
        "python",
        "3.11.9",
        "/usr/local/lib/libpython3.11.so.1.0",
        "/usr/local/lib/libpython3.11.so.1.0",
    ),
)

INVENTORY = Inventory(
    packages={package.purl: package for package in _PACKAGES},
    owners={
        path: (package.purl,)
        for package in _PACKAGES
        if package.presence is Presence.INSTALLED
        for path in package.files
    },
    unknowns=(
        Unknown(
            ImagePath("/app/broken.jar"), "not a zip file: ends in the middle of its directory"
        ),
    ),
    distribution=Distribution(
        "debian", "12", "bookworm", ("linux",), "Debian GNU/Linux 12 (bookworm)", "/etc/os-release"
    ),
    models=(
        ModelFile(
            ImagePath("/models/m.gguf"),
            ModelFormat.GGUF,
            4096,
            (("architecture", "llama"), ("tensors", "291")),
        ),
        ModelFile(
            ImagePath("/models/old.bin"),
            ModelFormat.PICKLE,
            77,
            (),
            ("GLOBAL os.system", "REDUCE"),
            "ends in the middle of an opcode",
        ),
    ),
    markers=(
        Marker(
            ImagePath("/usr/share/vendor/curated.json"), "scanners take the vendor's advisories"
        ),
    ),
)


def finding(
    identifier: str, purl: str, severity: Severity, *aliases: str, fixed: tuple[str, ...] = ()
) -> Finding:
    """Return a finding of a package of `INVENTORY`."""
    package = INVENTORY.packages[purl]
    status = VendorStatus.FIXED if fixed else VendorStatus.AFFECTED
    reason = (
        f"{package.version} is in [0, {fixed[0]}) of {package.name}"
        if fixed
        else f"{package.name} is open"
    )
    match = Match(identifier, "osv:test", reason, status, fixed)
    return Finding(
        identifier,
        aliases,
        purl,
        package.name,
        package.version,
        (match,),
        status,
        fixed,
        severity,
        "test",
    )


SSL_SCORES = (
    CvssScore("nvd", "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, Severity.CRITICAL),
    CvssScore(
        "cisa-adp",
        "4.0",
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        9.3,
        Severity.CRITICAL,
    ),
)


def ssl_finding(purl: str, fixed: str) -> Finding:
    """Return the finding that two packages share: the distribution's OpenSSL and the one bundled in
    a wheel.
    """
    package = INVENTORY.packages[purl]
    match = Match(
        "CVE-2026-0001",
        "debian-tracker",
        f"{package.version} is older than {fixed}",
        VendorStatus.FIXED,
        (fixed,),
    )
    return Finding(
        id="CVE-2026-0001",
        aliases=("DSA-5999-1", "GHSA-aaaa-bbbb-cccc"),
        package=purl,
        name=package.name,
        version=package.version,
        matches=(match,),
        status=VendorStatus.FIXED,
        fixed=(fixed,),
        severity=Severity.CRITICAL,
        severity_source="nvd",
        scores=SSL_SCORES,
        epss=EpssScore("CVE-2026-0001", 0.94, 0.999, "2026-02-28"),
        kev=KevEntry(
            "CVE-2026-0001", "2026-01-05", "2026-01-26", "OpenSSL thing", ransomware=False
        ),
        summary="A heap overflow in the TLS handshake.",
        published="2026-01-02T00:00:00Z",
        modified="2026-02-01T12:00:00Z",
        references=(
            "https://www.openssl.org/news/secadv/20260102.txt",
            "not a link",
            "https://example.org/a b",
        ),
    )


_WITNESS = Witness(
    ImagePath("/usr/lib/libssl.so.3"), "mapped", "/usr/bin/python3.11", "serve", ("serving",)
)

FINDINGS = (
    Triaged(
        ssl_finding(LIBSSL, "3.0.17-1~deb12u1"),
        Tier.EXECUTED,
        Priority.ACT,
        (
            "mapped by /usr/bin/python3.11 in workload 'serve'",
            "listens on 8000",
            "EPSS 0.94",
            "KEV since 2026-01-05",
            "fixed in 3.0.17-1~deb12u1",
        ),
        witnesses=(_WITNESS,),
    ),
    Triaged(
        ssl_finding(BUNDLED, "3.2.1"),
        Tier.LOADED,
        Priority.ATTEND,
        ("linked into a program that ran", "fixed in 3.2.1"),
    ),
    Triaged(
        finding(
            "CVE-2021-44228", LOG4J, Severity.CRITICAL, "GHSA-jfh8-c2jp-5v3q", fixed=("2.15.0",)
        ),
        Tier.PRESENT,
        Priority.TRACK,
        ("not seen to be used", "fixed in 2.15.0"),
    ),
    Triaged(
        finding("GHSA-xxxx-yyyy-zzzz", BABEL, Severity.MEDIUM),
        Tier.PRESENT,
        Priority.TRACK,
        ("not seen to be used", "no fix is known"),
    ),
    Triaged(
        finding("CVE-2020-9999", AUTOMAKE, Severity.NEGLIGIBLE),
        Tier.REMOVED,
        Priority.TRACK,
        ("its files are gone",),
    ),
)

SUPPRESSED = (
    Suppressed(
        Triaged(
            finding("CVE-2019-1111", GO_NET, Severity.HIGH, fixed=("v0.20.0",)),
            Tier.LOADED,
            Priority.ATTEND,
            ("linked in",),
        ),
        ".careenignore:3",
        "the parser is never reached",
        "2026-12-31",
    ),
)

REPORT = ScanReport(
    subject=SUBJECT,
    digest=DIGEST,
    inventory=INVENTORY,
    findings=FINDINGS,
    feeds=(
        Feed(
            "debian-tracker",
            "https://security-tracker.example.org",
            "2026-02-28",
            "2026-03-01T09:00:00Z",
            40000,
        ),
        Feed("kev", "kev.json", "2026-02-27", "2026-03-01T09:00:00Z", 1200),
    ),
    created=CREATED,
    suppressed=SUPPRESSED,
    uncovered=(Uncovered("Rocky Linux 9", 1, "no feed of it is in the database"),),
    observed=ObservedBy(("serve", "batch"), 61.5, Completeness(), ("tests passed",)),
    unowned=2,
    unowned_examples=(ImagePath("/app/app.jar"), ImagePath("/usr/local/bin/tool")),
    warnings=("the feed kev is 12 days old",),
)

"""Names by which scanners know an image, for the products of a VEX statement.

Trivy uses `pkg:oci/NAME@sha256:…?repository_url=HOST/PATH/NAME&arch=…`, only with a registry
digest. Grype uses the reference with its digest, `pkg:oci/NAME@sha256:…?repository_url=HOST/PATH`
(the repository's parent), and the digest alone. For an image in an engine's store it uses the tag
and `pkg:oci/PATH%2FNAME?tag=TAG`. The package-url specification has the whole repository in
`repository_url`.
"""

import enum
import re
import urllib.parse
from dataclasses import dataclass

from careen.errors import InputError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io")


class Scan(enum.Enum):
    """How the image will be scanned, which determines the product identifiers.

    REGISTRY: by its digest in a registry. LOCAL: also from an engine's store or an archive, where
    scanners know no digest. The tag and the packages themselves are then products too, so the
    document must only be used for scans of this image.
    """

    REGISTRY = "registry"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class VexSubject:
    """The image that a VEX document is about.

    `repository` is host and path without tag (`registry.example.org/team/app`, `app`). `digests`
    are its manifest and index digests (`sha256:…`). `tag` and `architecture` (`amd64`) may be "".
    """

    repository: str
    digests: tuple[str, ...] = ()
    tag: str = ""
    architecture: str = ""

    def __post_init__(self) -> None:
        """Raise InputError for an invalid repository or digest."""
        wrong = [digest for digest in self.digests if _DIGEST.fullmatch(digest) is None]
        if wrong or not self.name:
            msg = (
                "product of a VEX document: expected a repository and sha256 digests, got"
                f" {self.repository!r} and {wrong or self.digests!r}"
            )
            raise InputError(msg)

    @property
    def name(self) -> str:
        """The last component of the repository, as in purls."""
        return self.repository.rpartition("/")[2].lower()

    @property
    def host_and_path(self) -> tuple[str, str]:
        """The registry's host ("" if not stated) and the repository in it."""
        host, slash, path = self.repository.partition("/")
        if slash and ("." in host or ":" in host or host == "localhost"):
            return host, path
        return "", self.repository

    def product_ids(self, scan: Scan) -> tuple[str, ...]:
        """Return the identifiers to write: one purl per digest, for LOCAL also by tag.

        Raises InputError without a digest and a tag.
        """
        # Every registry and scanner agrees on this form.
        by_digest = tuple(
            f"pkg:oci/{_quoted(self.name)}@{urllib.parse.quote(digest, safe='')}"
            for digest in self.digests
        )
        if by_digest and scan is Scan.REGISTRY:
            return by_digest
        if not self.tag:
            if not by_digest:
                msg = (
                    f"product of a VEX document: {self.repository!r} has neither a digest nor a tag"
                    " to name it by"
                )
                raise InputError(msg)
            return by_digest
        names = dict.fromkeys((_quoted(self.name), _quoted(self.repository.lower())))
        return (
            *by_digest,
            *(f"pkg:oci/{name}?tag={urllib.parse.quote(self.tag, safe='')}" for name in names),
        )

    def full_purl(self, digest: str) -> str:
        """Return the purl of the package-url specification with all qualifiers.

        The qualifiers are repository, tag and architecture.
        """
        host, path = self.host_and_path
        repository = (
            f"{host}/{path}"
            if host
            else f"docker.io/{path}"
            if "/" in path
            else f"docker.io/library/{path}"
        )
        stated = (
            ("arch", self.architecture),
            ("repository_url", repository.lower()),
            ("tag", self.tag),
        )
        qualifiers = "&".join(
            f"{key}={urllib.parse.quote(value, safe='/')}" for key, value in stated if value
        )
        return f"pkg:oci/{_quoted(self.name)}@{urllib.parse.quote(digest, safe='')}?{qualifiers}"

    def identifiers(self) -> tuple[str, ...]:
        """Return the identifiers by which foreign documents may name this image.

        They are the `subject` of `VexIndex.deciding`.
        """
        out: list[str] = []
        for host, path in self._spellings():
            whole = f"{host}/{path}" if host else path
            parent = whole.rpartition("/")[0]
            names = dict.fromkeys((_quoted(self.name), _quoted(path)))
            if self.tag:
                out += [f"{whole}:{self.tag}", f"pkg:docker/{path}@{self.tag}"]
            for digest in self.digests or ("",):
                version = f"@{urllib.parse.quote(digest, safe='')}" if digest else ""
                out += [f"{whole}@{digest}"] if digest else []
                for name in names:
                    out += [
                        f"pkg:oci/{name}{version}"
                        f"?{_qualifiers(repository, self.tag, self.architecture)}"
                        for repository in (whole, parent)
                    ]
        for digest in self.digests:
            out += [digest, digest.removeprefix("sha256:")]
        return tuple(dict.fromkeys(out))

    def _spellings(self) -> tuple[tuple[str, str], ...]:
        host, path = self.host_and_path
        path = path.lower()
        if host and host not in _HUB:
            return ((host, path),)
        full = path if "/" in path else f"library/{path}"
        return (("", path), *((hub, full) for hub in _HUB))


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _qualifiers(repository: str, tag: str, architecture: str) -> str:
    stated = (("arch", architecture), ("repository_url", repository), ("tag", tag))
    return "&".join(
        f"{key}={urllib.parse.quote(value, safe='/:')}" for key, value in stated if value
    )

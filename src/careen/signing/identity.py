"""Signatures by an identity: a certificate for minutes from Fulcio, and the time from a log or a
timestamp authority.
"""

import hashlib
import json
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from careen.errors import ConfigError, InputError, ToolError, VerificationError
from careen.formats.json_document import Strict, parse_object
from careen.model.attestations.signature import Signature
from careen.signing import call
from careen.tools.read_file import read_file

MAX_BUNDLE = 1 << 20
MAX_TOKEN = 1 << 16
_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json"
_CT_KEY = "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE"
_MATERIAL = "verificationMaterial"
_READ = Strict(ConfigError, "bundle")
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """An identity's token (JWT) and its file, and the services, "" for the public Sigstore's.

    `timestamps` is a timestamp authority (RFC 3161), "" for none.
    """

    path: Path
    token: str = field(repr=False)
    fulcio: str = ""
    rekor: str = ""
    timestamps: str = ""

    @classmethod
    def given(cls, path: Path, fulcio: str, rekor: str, timestamps: str) -> Self:
        """Return a token. Raises InputError for what could not be verified later."""
        if not path.is_file():
            msg = f"{str(path)!r}: no such file; write the identity token (a JWT) into a file"
            raise InputError(msg)
        token = read_file(path, MAX_TOKEN).decode("utf-8", "replace").strip()
        if not _JWT.fullmatch(token):
            # With an empty one cosign would ask a person to log in.
            msg = f"{str(path)!r}: holds no identity token (a JWT: three parts with dots between)"
            raise InputError(msg)
        if fulcio and not rekor and not timestamps:
            msg = (
                "--fulcio-url: its certificates hold for minutes, and nothing would say when the"
                " signature was made; give --rekor-url or --timestamp-server-url"
            )
            raise InputError(msg)
        return cls(path, token, fulcio, rekor, timestamps)

    def sign(self, data: bytes, folder: Path) -> Signature:
        """Sign bytes by a key that lives as long as the call; `folder` is for files on the way.

        Raises InputError if the token or a service cannot be used, ToolError without cosign.
        """
        path, out, token = folder / "data", folder / "bundle", folder / "token"
        path.write_bytes(data)
        token.touch(0o600)
        token.write_text(self.token, encoding="ascii")  # cosign takes a line's end for a part of it
        words = ("--bundle", str(out), "--new-bundle-format", "--yes", str(path))
        done = call.cosign("sign-blob", "--identity-token", str(token), *self._words(), *words)
        if done.status is None:
            msg = f"cosign did not end within {call.SECONDS:.0f} seconds with an identity token"
            raise ToolError(msg)
        if done.status != 0:
            msg = f"the identity token {str(self.path)!r} cannot be used: {call.said(done)}"
            raise InputError(msg)
        made = parse_object(read_file(out, MAX_BUNDLE), "cosign's bundle", ToolError)
        material = _READ.mapping(made.get(_MATERIAL), "", _MATERIAL)
        message = _READ.mapping(made.get("messageSignature"), "", "messageSignature")
        value = b64decode(_READ.text(message.get("signature"), "", "signature"))
        # Strict readers ask for the list of log entries, also if it is empty.
        return Signature(value, identity={"tlogEntries": [], **material})

    def _words(self) -> Iterator[str]:
        if self.fulcio:
            yield from ("--fulcio-url", self.fulcio)
            if not os.environ.get(_CT_KEY):  # cosign knows the public log's key alone
                yield "--insecure-skip-verify"
        if self.rekor:
            yield from ("--rekor-url", self.rekor)
        elif self.timestamps:  # it says the time; nothing is sent to a log that all can read
            yield "--tlog-upload=false"
        if self.timestamps:
            yield from ("--timestamp-server-url", self.timestamps)


@dataclass(frozen=True, slots=True)
class TrustedIdentity:
    """Who must have signed, by whose word; `root` is a Sigstore trusted root, None for the public
    one, which cosign fetches. `demands` are cosign's words about what the root has, `digest` is the
    SHA-256 (base64) of its file.
    """

    name: str
    issuer: str
    root: Path | None
    demands: tuple[str, ...]
    digest: str = ""

    @classmethod
    def given(cls, name: str, issuer: str, root: Path | None) -> Self:
        """Return an identity. Raises ConfigError for a root that nothing can be verified by."""
        if root is None:
            return cls(name, issuer, None, ())
        data = read_file(root, MAX_BUNDLE)
        digest = b64encode(hashlib.sha256(data).digest()).decode()
        return cls(name, issuer, root, tuple(_demands(data, root)), digest)

    def verify(
        self,
        data: bytes,
        signature: Signature,
        folder: Path,
        ended: Callable[[], bool] | None = None,
    ) -> None:
        """Check a signature, its certificate and its time; `folder` is for files on the way.

        `ended` ends the check when it returns true. Raises VerificationError if it is not of these
        bytes and this identity, ToolError if the public root cannot be fetched, or at the end.
        """
        if signature.identity is None:
            msg = "a key signed it, not an identity; give --key"
            raise VerificationError(msg)
        path, bundle = folder / "data", folder / "bundle"
        path.write_bytes(data)
        bundle.write_text(json.dumps(_bundle(data, signature)), encoding="utf-8")
        root = () if self.root is None else ("--trusted-root", str(self.root))
        done = call.cosign(
            *("verify-blob", "--bundle", str(bundle), "--new-bundle-format"),
            *("--certificate-identity", self.name, "--certificate-oidc-issuer", self.issuer),
            *(*root, *self.demands, str(path)),
            ended=ended,
        )
        if done.status == 0:
            return
        said = call.said(done)
        if done.status is None or (self.root is None and "tuf" in said.lower()):
            msg = f"cosign cannot fetch the public root: {said}; give --trusted-root FILE"
            raise ToolError(msg)
        msg = f"the signature is not of {self.name}: {said}"
        raise VerificationError(msg)


def _bundle(data: bytes, signature: Signature) -> Mapping[str, object]:
    """Return a bundle about bytes, which `cosign verify-blob` reads."""
    digest = b64encode(hashlib.sha256(data).digest()).decode()
    return {
        "mediaType": _MEDIA_TYPE,
        _MATERIAL: signature.identity,
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": digest},
            "signature": b64encode(signature.value).decode(),
        },
    }


def _demands(data: bytes, root: Path) -> Iterator[str]:
    """Yield what cosign must not ask for, since a root does not have it. Raises ConfigError."""
    document: Mapping[str, Any] = parse_object(data, str(root), ConfigError)
    if not str(document.get("mediaType", "")).startswith(_ROOT_TYPE):
        msg = f"{root}: not a Sigstore trusted root ({_ROOT_TYPE})"
        raise ConfigError(msg)
    if not document.get("certificateAuthorities"):
        msg = f"{root}: has no certificate authority, so no identity can be verified by it"
        raise ConfigError(msg)
    if not document.get("ctlogs"):
        yield "--insecure-ignore-sct"
    if document.get("tlogs"):
        return
    if not document.get("timestampAuthorities"):
        msg = f"{root}: has neither a log nor a timestamp authority, so no time can be verified"
        raise ConfigError(msg)
    yield from ("--insecure-ignore-tlog", "--use-signed-timestamps")

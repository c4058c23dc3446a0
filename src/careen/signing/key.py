"""Signatures by a key: a file, `pkcs11:…`, or a key service's URI. Nothing is uploaded."""

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from careen.errors import InputError, ToolError, VerificationError
from careen.model.attestations.signature import Signature
from careen.signing import call
from careen.tools.process import Finished
from careen.tools.read_file import read_file

MAX_KEY = 1 << 20
_PIN = re.compile(r"(pin-value=)[^&;?\s]*")
_LACKS = ("unimplemented", "unrecognized scheme")
_WRONG = ("invalid signature", "failed to verify signature", "ecdsa: ")
_BLOCK = "-----BEGIN "
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key as cosign names it, and its public half in PEM."""

    name: str
    public: str

    @classmethod
    def named(cls, name: str) -> Self:
        """Return a key. Raises InputError if it cannot be used, ToolError without cosign."""
        return cls(name, public_key(name))

    def sign(self, data: bytes, folder: Path) -> Signature:
        """Sign bytes (ECDSA, RSA or Ed25519, as the key is); `folder` is for files on the way.

        Raises InputError if the key cannot be used, ToolError without cosign.
        """
        path = folder / "data"
        path.write_bytes(data)
        words = ("--key", self.name, "--tlog-upload=false", "--yes", str(path))
        done = call.cosign("sign-blob", *words)
        if done.status != 0:
            raise _refused(done, self.name)
        try:
            value = b64decode(done.stdout.strip(), validate=True)
        except Error as error:
            msg = f"cosign printed no signature: {done.complaint}"
            raise ToolError(msg) from error
        return Signature(value, hint_of(self.public))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as cosign names it; `hint` is "" for one that is not in a file.

    `file` is the SHA-256 (base64) of the file, "" without one: it may hold a form without a hint.
    """

    name: str
    hint: str
    file: str = ""

    @classmethod
    def named(cls, name: str) -> Self:
        """Return a key. Raises ConfigError for a file that cannot be read."""
        path = Path(name)
        if not path.is_file():
            return cls(name, "")
        data = read_file(path, MAX_KEY)
        return cls(name, hint_of(data.decode("utf-8", "replace")), _digest(data))

    def verify(
        self,
        data: bytes,
        signature: Signature,
        folder: Path,
        ended: Callable[[], bool] | None = None,
    ) -> None:
        """Check a signature; nothing outside this machine is asked for a file's key.

        `folder` is for files on the way; `ended` ends the check when it returns true. Of a key in a
        file every refusal is about the signature. Raises VerificationError if it is not of these
        bytes and this key, InputError for an unusable key, ToolError if the check was ended.
        """
        name = without_pin(self.name)
        if signature.identity is not None:
            msg = "an identity signed it, not a key; give --certificate-identity and its issuer"
            raise VerificationError(msg)
        if self.hint not in ("", signature.key_hint):
            msg = f"it names another key than {name}"
            raise VerificationError(msg)
        path, signed = folder / "data", folder / "signature"
        path.write_bytes(data)
        signed.write_bytes(b64encode(signature.value))
        words = ("--signature", str(signed), "--insecure-ignore-tlog")
        done = call.cosign("verify-blob", "--key", self.name, *words, str(path), ended=ended)
        if done.status == 0:
            return
        said = done.stderr.decode("utf-8", "replace")
        if done.status is not None and (self.hint or any(each in said for each in _WRONG)):
            msg = f"the signature is not of the key {name}"
            raise VerificationError(msg)
        raise _refused(done, self.name)


def public_key(key: str) -> str:
    """Return the public key of a private one, in PEM. Raises InputError or ToolError."""
    done = call.cosign("public-key", "--key", key)
    if done.status != 0:
        raise _refused(done, key)
    return done.text


def without_pin(key: str) -> str:
    """Return a key's name for people: a PKCS#11 URI may hold the PIN of the token."""
    return _PIN.sub(r"\1…", key)


def hint_of(pem: str) -> str:
    """Return the SHA-256 (base64) of the first public key in PEM, "" for a text without one."""
    lines = [line.strip() for line in pem.splitlines()]
    # cosign, too, takes the first block, whatever it is, and skips the text around it.
    begin = next((place for place, line in enumerate(lines) if line.startswith(_BLOCK)), -1)
    if begin < 0 or lines[begin] != _BEGIN or _END not in lines[begin:]:
        return ""
    end = lines.index(_END, begin)
    try:
        return _digest(b64decode("".join(lines[begin + 1 : end]), validate=True))
    except ValueError:  # also for a text that is not ASCII
        return ""


def _digest(data: bytes) -> str:
    return b64encode(hashlib.sha256(data).digest()).decode()


def _refused(done: Finished, key: str) -> InputError | ToolError:
    name = without_pin(key)
    if done.status is None:
        return ToolError(
            f"cosign did not end within {call.SECONDS:.0f} seconds with the key {name}"
        )
    said = without_pin(call.said(done))
    if any(word in said for word in _LACKS):
        return InputError(
            f"the key {name} cannot be used: {said}; this cosign was built without such keys: put"
            " another one first in PATH, or give a key in a file"
        )
    return InputError(
        f"the key {name} cannot be used: {said}; give a file of `cosign generate-key-pair` (its"
        f" password in {call.PASSWORD}), pkcs11:… or the URI of a key service"
    )

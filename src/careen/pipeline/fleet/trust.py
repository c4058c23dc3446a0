"""Who must have signed what is indexed: a key or an identity, checked by cosign."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError, ToolError, VerificationError
from careen.evidence.attest.attestation import (
    Attestation,
    may_be_attestation,
    read_attestation,
)
from careen.evidence.sbom.bounded_json import limit_values
from careen.model.attestations.signature import Signature
from careen.signing.call import COSIGN
from careen.signing.identity import TrustedIdentity
from careen.signing.key import PublicKey, without_pin

_URI = re.compile("[a-z][a-z0-9+.-]*:.")
# cosign's words for a certificate of somebody else.
_ANOTHER = ("expected SAN value", "expected issuer value", "expected identities")


class UnsignedError(VerificationError):
    """Nothing here is signed by the one who must have signed it."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The signer that `--key` or an identity names; `folder` is for files on the way.

    When `ended` returns true, the running check ends, and each later one fails.
    """

    by: PublicKey | TrustedIdentity
    folder: Path
    ended: Callable[[], bool] | None = None

    @property
    def name(self) -> str:
        """The signer in words."""
        if isinstance(self.by, TrustedIdentity):
            return f"{self.by.name} of {self.by.issuer}"
        return f"the key {without_pin(self.by.name)}"

    @property
    def signer(self) -> str:
        """The signer as the store names it."""
        return _named(self.by)

    @property
    def given(self) -> str | TrustedIdentity:
        """The signer as the user named it."""
        return self.by if isinstance(self.by, TrustedIdentity) else self.by.name

    @property
    def fingerprint(self) -> str:
        """What tells one signer from another, with the authorities that vouch for an identity."""
        by = self.by
        return self.signer if isinstance(by, TrustedIdentity) else by.hint or by.file or by.name

    def signed(self, attestation: Attestation, where: str) -> bool:
        """Return whether the signer signed it; False if others did, or nobody.

        Raises VerificationError if it names this signer and is not as it was signed, ToolError if
        the run was ended.
        """
        return any(self._is_of(each, attestation, where) for each in attestation.signatures)

    def _is_of(self, signature: Signature, attestation: Attestation, where: str) -> bool:
        by = self.by
        if isinstance(by, PublicKey):
            if signature.identity is not None:
                return False
            if signature.key_hint and by.hint and signature.key_hint != by.hint:
                return False
            known = Signature(signature.value, by.hint)
        elif signature.identity is None:
            return False
        else:
            known = signature
        if self.ended is not None and self.ended():
            msg = f"{where}: the run was ended"
            raise ToolError(msg)
        try:
            # Images are read side by side.
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                by.verify(attestation.to_sign, known, Path(folder), self.ended)
        except VerificationError as error:
            # An envelope alone names no key, and a key that is not in a file has no hint.
            hint = by.hint if isinstance(by, PublicKey) else ""
            named = signature.identity is not None or (hint != "" and hint == signature.key_hint)
            if not named or any(words in str(error) for words in _ANOTHER):
                return False
            msg = f"{where}: {error}"
            raise VerificationError(msg) from error
        return True


def trusted(signer: str | TrustedIdentity, folder: Path) -> Trust:
    """Return a signer, named by a key or an identity.

    Raises InputError for a key that is neither a file nor a URI, ConfigError for one that cannot
    be read, ToolError without cosign.
    """
    COSIGN.require()
    return Trust(_given(signer), folder)


def stored_signer(signer: str | TrustedIdentity) -> str:
    """Return how the store names a signer. Raises InputError and ConfigError as `trusted` does."""
    return _named(_given(signer))


def _given(signer: str | TrustedIdentity) -> PublicKey | TrustedIdentity:
    if isinstance(signer, TrustedIdentity):
        return signer
    # Without the check, a mistyped file would be a signer that signed nothing.
    if not Path(signer).is_file() and not _URI.match(signer):
        msg = (
            f"the key {without_pin(signer)!r} cannot be used: it is neither a file nor the URI of a"
            " key (pkcs11:…, awskms://…)"
        )
        raise InputError(msg)
    return PublicKey.named(signer)


def _named(by: PublicKey | TrustedIdentity) -> str:
    if isinstance(by, TrustedIdentity):
        identity = f"{by.name} of {by.issuer}"
        # Authorities of another root can give anybody a certificate of this name.
        return f"{identity} by the root SHA256:{by.digest}" if by.digest else identity
    # A key in a file is the same one wherever the file is.
    content = by.hint or by.file
    return f"key SHA256:{content}" if content else f"key {without_pin(by.name)}"


def content_of(data: bytes, where: str, trust: Trust | None) -> bytes:
    """Return what is indexed of a file: the statement of an attestation, else the file itself.

    Raises ConfigError for a damaged attestation, VerificationError with `trust` for what it does
    not sign.
    """
    read = None
    if may_be_attestation(data):
        limit_values(data, where)
        read = read_attestation(data, where)
    if trust is not None and (read is None or not trust.signed(read, where)):
        what = "not signed" if read is None or not read.signatures else "signed by others"
        msg = f"{where}: {what}, and not by {trust.name}"
        raise UnsignedError(msg)
    return data if read is None else read.payload

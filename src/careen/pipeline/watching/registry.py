"""Registry access of `careen watch`: digest, pull, push, with docker's credentials."""

import hashlib
import re

from careen.engines.client.client import DOCKER, LONG, SHORT
from careen.errors import ToolError
from careen.model.image import Platform
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.reference import full_name
from careen.tools.process import Program, run

SKOPEO = Program(("skopeo",), "skopeo")
_LOCAL = re.compile(r"(localhost|127(\.[0-9]{1,3}){3})(:[0-9]+)?/")
_MESSAGE = re.compile(r'msg="((?:[^"\\]|\\.)*)"')
_PUSHED = re.compile(r"digest: (sha256:[0-9a-f]{64})\b")


def digest_in_registry(name: str) -> str:
    """Return the current digest of a name's manifest or index in its registry.

    Raises ToolError (skopeo is missing, no answer, no such image).
    """
    full = full_name(name)
    # Like docker, accept a registry on this machine with or without TLS.
    trust = ("--tls-verify=false",) if _LOCAL.match(full) else ()
    doing = f"asking for the digest of {full}"
    done = run((SKOPEO.require(), "inspect", "--raw", *trust, f"docker://{full}"), timeout=SHORT)
    if done.status is None:
        msg = f"{doing}: the registry did not answer in {SHORT:g} s"
        raise ToolError(msg)
    if done.status != 0:
        msg = f"{doing}: {_said(done.complaint)}; credentials are docker's (`docker login`)"
        raise ToolError(msg)
    if not done.stdout or len(done.stdout) > MAX_DOCUMENT:
        msg = (
            f"{doing}: the registry answered with {len(done.stdout):,} bytes, which is no manifest"
        )
        raise ToolError(msg)
    return f"sha256:{hashlib.sha256(done.stdout).hexdigest()}"


def pull(name: str, platform: Platform | None) -> None:
    """Pull the image into docker's store under its own name. Raises ToolError."""
    words = ("--platform", str(platform)) if platform is not None else ()
    DOCKER.call("pull", "--quiet", *words, "--", name, doing=f"pulling {name}", timeout=LONG)


def push(tag: str) -> str:
    """Push a tag of docker's store and return its digest in the registry. Raises ToolError."""
    done = DOCKER.call("push", "--", tag, doing=f"pushing {tag}", timeout=LONG)
    found = _PUSHED.findall(done.text)
    if not found:
        msg = f"pushing {tag}: docker does not say which digest it has now: {done.complaint!r}"
        raise ToolError(msg)
    return str(found[-1])


def _said(line: str) -> str:
    """Return the message of a line of skopeo's log."""
    found = _MESSAGE.search(line)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else line

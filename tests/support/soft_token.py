"""A PKCS#11 token in a folder, by SoftHSM, and whether cosign was built to use one."""

import os
import subprocess
from pathlib import Path

PIN = "4711-secret"
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


def soft_token(folder: Path, key: Path) -> dict[str, str]:
    """Make the token `careen` with a private key as `signer`; return what lets cosign open it."""
    (folder / "tokens").mkdir(parents=True)
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    env = {"SOFTHSM2_CONF": str(config), "COSIGN_PKCS11_PIN": PIN}
    for words in (
        ("--init-token", "--free", "--label", "careen", "--so-pin", "a-test-of-it"),
        ("--import", str(key), "--token", "careen", "--label", "signer", "--id", "01"),
    ):
        subprocess.run(  # noqa: TID251
            ["softhsm2-util", *words, "--pin", PIN],
            env={**os.environ, **env},
            capture_output=True,
            timeout=60,
            check=True,
        )
    return env


def reads_tokens() -> bool:
    """Return whether this cosign has the commands for tokens that its tag `pkcs11key` adds."""
    done = subprocess.run(  # noqa: TID251
        ["cosign", "pkcs11-tool", "list-tokens", "--module-path", str(MODULE)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0

"""What Ubuntu's images name differently from Debian's."""

import re

from careen.catalog.debian.family import AptFamily

UBUNTU = AptFamily(
    title="Ubuntu",
    distribution="ubuntu",
    sources_path="/etc/apt/sources.list.d/ubuntu.sources",
    keyrings=("/usr/share/keyrings/ubuntu-archive-keyring.gpg",),
    own_keys=re.compile(r"/usr/share/keyrings/ubuntu-archive-keyring\.gpg"),
)

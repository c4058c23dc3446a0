"""Which extended attributes of a container's root belong to what it holds, and not to the machine
that it runs on.
"""

_PREFIXES = ("user.", "system.posix_acl_")


def is_kept(name: str) -> bool:
    """Tell whether a layer made of a container's root has the attribute: file capabilities, ACLs,
    the users' own; labels of SELinux, say, are the machine's.
    """
    return name == "security.capability" or name.startswith(_PREFIXES)

"""Extended attributes that belong to a container's files, not to the host."""

_PREFIXES = ("user.", "system.posix_acl_")


def is_stored_xattr(name: str) -> bool:
    """Return whether a layer stores the attribute: file capabilities, ACLs, user attributes."""
    # Others, such as SELinux labels, belong to the host.
    return name == "security.capability" or name.startswith(_PREFIXES)

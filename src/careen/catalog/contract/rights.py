"""Files that give a process other rights than its user's: setuid, setgid, and capabilities."""

import struct

from careen.model.entry import Entry

_XATTR = "security.capability"
_HEADER, _WORD, _PAIR = 4, 4, 8
# capabilities(7): with one of these a program becomes another user, or as good as root
_USER = frozenset(
    {
        *(0, 1, 3, 6, 7, 8),  # chown, dac_override, fowner, setgid, setuid, setpcap
        *(16, 17, 19, 21, 31),  # sys_module, sys_rawio, sys_ptrace, sys_admin, setfcap
    }
)


def has_rights(entry: Entry) -> bool:
    """Say whether a file is setuid or setgid, or has capabilities."""
    return entry.is_setid or (entry.is_file and _XATTR in entry.xattrs)


def changes_user(entry: Entry) -> bool:
    """Say whether a program of the file can become another user; also if nobody can tell."""
    if entry.is_setid:
        return True
    data = entry.xattrs.get(_XATTR)
    if data is None or not entry.is_file:
        return False
    permitted = _permitted(data)
    return permitted is None or any(permitted >> number & 1 for number in _USER)


def rights(entry: Entry) -> str:
    """Return the path of a file, with its capabilities as stored."""
    data = entry.xattrs.get(_XATTR)
    return entry.path if data is None else f"{entry.path} (capabilities {data.hex()})"


def _permitted(data: bytes) -> int | None:
    """Return the permitted and inheritable sets of a vfs_cap_data, None for other bytes."""
    # a header, then for 32 capabilities each a word of the permitted and one of the inheritable
    if len(data) < _HEADER + _PAIR or len(data) % _WORD:
        return None
    out = 0
    for number, offset in enumerate(range(_HEADER, min(len(data), 20), _PAIR)):
        one, two = struct.unpack_from("<II", data.ljust(20, b"\0"), offset)
        out |= (one | two) << (32 * number)
    return out

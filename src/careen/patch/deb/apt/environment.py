"""Environment variables for apt, dpkg and the programs that they call."""

from collections.abc import Mapping

QUIET: Mapping[str, str] = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "TERM": "dumb",
    "PAGER": "cat",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NONINTERACTIVE_SEEN": "true",
    "APT_LISTCHANGES_FRONTEND": "none",
    "APT_LISTBUGS_FRONTEND": "none",
    "NEEDRESTART_MODE": "l",
    "NEEDRESTART_SUSPEND": "1",
    "UCF_FORCE_CONFFOLD": "1",
    "SYSTEMD_OFFLINE": "1",
    "LD_PRELOAD": "",
    "LD_LIBRARY_PATH": "",
    "PYTHONHOME": "",
    "PYTHONPATH": "",
    "PERL5LIB": "",
}
"""Plain English, no questions, and no variables of the application that affect system programs."""

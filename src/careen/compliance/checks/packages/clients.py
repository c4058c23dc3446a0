"""Clients of protocols without encryption, and tools that only an attacker or a developer needs."""

from careen.compliance.checks.packages.present import absent

CHECKS = (
    absent(
        "no-nis-client",
        "No NIS client is installed",
        packages=("ypbind", "ypbind-mt", "yp-tools", "nis"),
        programs=("ypbind", "ypcat"),
    ),
    absent(
        "no-rsh-client",
        "No client for rsh is installed",
        packages=("rsh-client", "rsh-redone-client", "rsh"),
        programs=("rsh", "rlogin", "rcp", "netkit-rsh"),
    ),
    absent(
        "no-talk-client",
        "No talk client is installed",
        packages=("talk", "ntalk", "inetutils-talk"),
        programs=("talk", "ntalk"),
    ),
    absent(
        "no-telnet-client",
        "No telnet client is installed",
        packages=("telnet", "inetutils-telnet", "telnet-ssl"),
        programs=("telnet", "inetutils-telnet"),
    ),
    absent(
        "no-ldap-client",
        "No LDAP client is installed",
        packages=("ldap-utils", "openldap-clients"),
        programs=("ldapsearch", "ldapmodify"),
    ),
    absent(
        "no-ftp-client",
        "No FTP client is installed",
        packages=("ftp", "tnftp", "inetutils-ftp", "lftp", "tftp"),
        programs=("ftp", "tnftp", "lftp", "tftp"),
    ),
    absent(
        "no-network-tools",
        "No tools for free network connections are installed",
        packages=("netcat-openbsd", "netcat-traditional", "socat", "nmap", "tcpdump"),
        programs=("nc", "ncat", "netcat", "socat", "nmap", "tcpdump", "curl", "wget"),
        fix="Remove them in the last stage; fetch what is needed in an earlier one.",
    ),
)

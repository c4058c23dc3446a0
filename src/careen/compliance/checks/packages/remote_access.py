"""Servers for logins from outside, which a container does not need."""

from careen.compliance.checks.packages.present import absent

CHECKS = (
    absent(
        "no-ssh-server",
        "No SSH server is installed",
        packages=("openssh-server", "openssh-sftp-server", "dropbear", "dropbear-run", "tinysshd"),
        programs=("sshd", "dropbear", "tinysshd"),
        may_be_workload=False,
        fix="Remove the server; enter a container with docker exec or kubectl exec.",
    ),
    absent(
        "no-telnet-server",
        "No server for telnet, rsh, rlogin or rexec is installed",
        packages=(
            "telnetd",
            "inetutils-telnetd",
            "telnet-server",
            "rsh-server",
            "rsh-redone-server",
        ),
        programs=("telnetd", "in.telnetd", "rshd", "in.rshd", "rlogind", "in.rlogind", "rexecd"),
        may_be_workload=False,
        fix="Remove the server.",
    ),
)

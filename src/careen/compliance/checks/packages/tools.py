"""Programs that a finished image does not need: package managers, compilers, shells, and others."""

from careen.compliance.checks.packages.present import absent

CHECKS = (
    absent(
        "no-package-managers",
        "No package manager is installed",
        packages=("apt", "dnf", "microdnf", "yum", "apk-tools", "zypper"),
        programs=(
            *("apt", "apt-get", "dpkg", "apk", "dnf", "dnf5", "microdnf", "yum", "zypper", "rpm"),
            *("pip", "pip3", "uv", "conda", "mamba", "npm", "yarn", "pnpm", "gem"),
        ),
        fix="Build in one stage and copy the result into one without them; `careen harden` removes"
        " them where the workload does not use them.",
    ),
    absent(
        "no-development-tools",
        "No compilers, debuggers or build tools are installed",
        packages=("gcc", "g++", "clang", "make", "build-essential", "golang-go", "rustc", "gdb"),
        programs=(
            *("gcc", "cc", "g++", "c++", "clang", "tcc", "ld", "as", "make", "cmake", "go"),
            *("rustc", "cargo", "javac", "gdb", "strace", "ltrace", "perf", "git"),
        ),
        fix="Compile in an earlier stage, and copy only the result.",
    ),
    absent(
        "no-shells",
        "No shell is installed",
        packages=("bash", "dash", "zsh", "ksh", "fish"),
        programs=("sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox"),
        fix="Use the exec form of ENTRYPOINT and a base without a shell.",
    ),
    absent(
        "no-privilege-tools",
        "No program that runs others as root is installed",
        packages=("sudo", "sudo-rs", "doas", "opendoas", "policykit-1", "polkit", "pkexec"),
        programs=("sudo", "doas", "pkexec", "run0"),
        fix="Remove it: run the container as the user that it needs.",
    ),
    absent(
        "no-schedulers",
        "No cron or at daemon is installed",
        packages=("cron", "cronie", "at", "anacron", "systemd-cron"),
        programs=("cron", "crond", "atd", "anacron"),
        fix="Remove it; schedule containers by the platform.",
    ),
    absent(
        "no-prelink",
        "No prelink is installed",
        packages=("prelink",),
        programs=("prelink",),
    ),
    absent(
        "no-crash-reporters",
        "No crash reporter is installed",
        packages=("apport", "abrt", "whoopsie", "systemd-coredump"),
        programs=("apport", "abrtd", "whoopsie", "systemd-coredump"),
    ),
)

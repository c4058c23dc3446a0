"""Help of a command with many options, in sections ordered by need."""

from collections.abc import Iterator, Mapping

import click

_TESTS = ("prove", "tests", "execs", "held_tests", "held_execs", "ready", "observe", "names")
_LIMITS = ("ready_timeout", "test_timeout", "stop_timeout")
_DOCKER = ("env", "volumes", "ports", "user", "read_only", "network", "tmpfs", "gpus", "shm_size")
_UPGRADES = ("patch", "upgrade", "allow_major", "patch_only", "patch_exclude", "policy")
_SOURCES = ("sources", "source_keys", "index_url", "find_links", "no_index", "npm_registry")

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Input": (
        "rbom",
        "plan_file",
        "report",
        "merging",
        "container",
        "cgroup",
        "selector",
        *("pods_from", "node", "namespace", "pod_container", "every"),
        *("beside", "pod_uid", "watching"),
        "length",
        "carried",
        "name",
        "frameworks",
        "listed",
        *("stig_benchmark", "oscap"),
    ),
    "Result": (
        "tag",
        "push",
        "attach",
        "outputs",
        "output",
        "rbom_dir",
        "layers",
        "compression",
        "cyclonedx",
        "dry_run",
        "policy_dir",
        "audit",
        "plan_only",
        "split",
        "squash",
        "mode",
        "key",
        "again",
        "if_changed",
        "check",
    ),
    "Tests": (*_TESTS, *_LIMITS),
    "Container": (*_DOCKER, "entrypoint"),
    "Compose": ("compose_files", "services"),
    "Profile and exploration": ("sensor", "explore", "min_adequacy", "below_adequacy"),
    "Plan and repair": (
        *(
            "level",
            "keep",
            "keep_from",
            "with_events",
            "remove",
            "like",
            "keep_symbols",
            "rule_files",
        ),
        "repair_rounds",
    ),
    "Upgrades": (*_UPGRADES, "patch_ignore_unfixed", "noop"),
    "Where upgrades come from": (
        *(*_SOURCES, "maven", "patch_env", "ca", "allow_hosts", "tooling", "host_network"),
        "offline",
    ),
    "FIPS mode": ("fips", "fips_module", "fips_cert", "fips_certificates"),
    "Findings": (
        *("db", "vex", "ignore_file", "fail_on", "ignore_unfixed", "severity", "only"),
        *("everything", "details", "suppressed", "fedramp_service"),
    ),
    "Output": ("format_", "template", "report_dir", "log_dir", "quiet", "as_json"),
    "Machine": (
        *(
            "engine",
            "platform",
            "unrunnable",
            "pull",
            "tls_verify",
            "no_cache",
            "work_dir",
            "config_file",
        ),
        "help",
    ),
}
"""Title → names of parameters; a command shows the sections in which it has options."""


class SectionedCommand(click.Command):
    """Command whose help lists its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections; an option in no section is not shown, which a test checks."""
        for title, records in self._sections(ctx):
            with formatter.section(title):
                formatter.write_dl(records)

    def _sections(self, ctx: click.Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        there = {param.name: param for param in self.params}
        if (own := self.get_help_option(ctx)) is not None:
            there["help"] = own
        for title, names in SECTIONS.items():
            shown = (there[name].get_help_record(ctx) for name in names if name in there)
            if records := [record for record in shown if record is not None]:
                yield title, records

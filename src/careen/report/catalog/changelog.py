"""Changelog of one image of the catalog, as Markdown."""

from collections.abc import Iterator, Sequence

from careen.model.catalog.refresh import BUILT, BaseEvent, BaseState, OpenFinding
from careen.report.markdown_text import escaped
from careen.report.terminal_output.figures import counted, size

_FINDINGS = 100


def changelog_markdown(state: BaseState) -> bytes:
    """Return all builds and days with other findings, the newest first, UTF-8."""
    lines = [f"# {escaped(state.entry)}, {escaped(state.variant)}", ""]
    for event in reversed(state.events):
        lines += [*_lines(event), ""]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "replace")


def _lines(event: BaseEvent) -> Iterator[str]:
    what = event.tags[0] if event.kind == BUILT and event.tags else "advisories"
    yield f"## {escaped(event.date[:10])}: {escaped(what)}"
    yield ""
    if event.kind == BUILT:
        what = f"{size(event.size_bytes)}, {counted(event.packages, 'package')}"
        yield f"- digest `{escaped(event.digest)}`, {what}"
        yield f"- tags: {', '.join(escaped(each) for each in event.tags)}"
    if event.severities is None:
        yield "- findings: not known, there was no advisory database"
    else:
        total = sum(count for _, count in event.severities)
        yield f"- {counted(total, 'open finding')}, {event.fixable or 0} with a fix"
    for step in event.changed:
        yield f"- {_step(step.name, step.before, step.after)}"
    yield from _findings("closed", event.closed)
    yield from _findings("new", event.new)


def _step(name: str, before: str, after: str) -> str:
    if not before:
        return f"added {escaped(name)} {escaped(after)}"
    if not after:
        return f"removed {escaped(name)} {escaped(before)}"
    return f"{escaped(name)} {escaped(before)} → {escaped(after)}"


def _findings(word: str, findings: Sequence[OpenFinding]) -> Iterator[str]:
    for each in findings[:_FINDINGS]:
        since = f", open since {each.since}" if word == "closed" else ""
        yield (
            f"- {word}: {escaped(each.id)} in {escaped(each.name)} {escaped(each.version)}"
            f" ({escaped(each.severity)}{since})"
        )
    if len(findings) > _FINDINGS:
        yield f"- {word}: {len(findings) - _FINDINGS:,} more; the JSON has all"

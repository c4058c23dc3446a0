"""Names in programs."""


def complete(text, line, column, what="complete"):
    """What may stand here, what it is, where it is from."""
    import jedi

    script = jedi.Script(text)
    if what == "signatures":
        return [one.to_string() for one in script.get_signatures(line, column)]
    if what == "syntax":
        return [one.get_message() for one in script.get_syntax_errors()]
    found = getattr(script, what)(line, column)
    return sorted([one.name, one.type, (one.docstring(raw=True) or "").split("\n")[0][:60]] for one in found)[:8]


def rename(text, offset, name):
    """Another name for what is there."""
    import tempfile
    from pathlib import Path

    from rope.base.project import Project
    from rope.refactor.rename import Rename

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.py").write_text(text)
        project = Project(folder, ropefolder=None)
        changes = Rename(project, project.get_resource("a.py"), offset).get_changes(name)
        project.do(changes)
        project.close()
        return Path(folder, "a.py").read_text()

"""SQL in any dialect, and in a file."""


def run(text, dialect="ansi", what="lint"):
    """Lint, fix or run it."""
    if what == "run":
        import sqlite_utils

        return list(sqlite_utils.Database(memory=True).query(text))
    import sqlfluff

    if what == "fix":
        return sqlfluff.fix(text, dialect=dialect)
    return sorted({one["code"] for one in sqlfluff.lint(text, dialect=dialect)})

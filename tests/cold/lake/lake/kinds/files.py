"""Files by URL: file systems and compressions by name."""

from typing import Any


def work(url: str) -> str:
    import fsspec

    with fsspec.open(url, "rt", compression="infer") as file:
        return file.read()[:60]


def pack(path: str) -> str:
    import smart_open

    with smart_open.open(path, "w") as file:
        file.write("a cup")
    with smart_open.open(path) as file:
        return file.read()


def check(path: str, **more: Any) -> Any:
    from frictionless import validate

    report = validate(path, **more)
    return [report.valid, [error.type for task in report.tasks for error in task.errors] + [error.type for error in report.errors]]


def table(path: str, to: str = "html") -> str:
    import petl

    rows = petl.fromcsv(path).convert("id", int).select(lambda row: row.id > 1)
    getattr(petl, f"to{to}")(rows, f"/tmp/out.{to}")
    return open(f"/tmp/out.{to}", errors="replace").read()[-90:]


def history(path: str = "/tmp/history") -> str:
    from dulwich import porcelain

    where = porcelain.init(path)
    open(f"{path}/a.sql", "w").write("select 1")
    porcelain.add(where, [f"{path}/a.sql"])
    porcelain.commit(where, message=b"first", author=b"a <a@example.org>", committer=b"a <a@example.org>")
    out = __import__("io").StringIO()
    porcelain.log(where, outstream=out)
    return out.getvalue().splitlines()[-2].strip()


def thrift(text: str) -> Any:
    import thriftpy2
    from thriftpy2.utils import deserialize, serialize

    cups = thriftpy2.load("/etc/lake/cups.thrift", module_name="cups_thrift")
    return deserialize(cups.Cup(), serialize(cups.Cup(id=1, what=text))).what

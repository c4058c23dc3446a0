import mlflow

for uri in ("postgresql://nobody@127.0.0.1:1/x", "http://127.0.0.1:9", "nothing://x", "sqlite:////proc/none.db"):
    code = f"import mlflow; mlflow.set_tracking_uri({uri!r}); print(mlflow.search_experiments())"
    own = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "3", "MLFLOW_SQLALCHEMYSTORE_MAX_RETRIES": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200, env={**os.environ, **own})
    last = [line for line in done.stderr.strip().splitlines() if line and not line.startswith((" ", "("))]
    show("store", uri, done.returncode, last[-1][:70] if last else "-", done.stderr.count("Traceback") > 0)
from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry as registry

for scheme in sorted(name for name in registry._registry if name):
    try:
        made = type(mlflow.store.artifact.artifact_repository_registry.get_artifact_repository(f"{scheme}://bucket/path")).__name__
    except Exception as error:
        made = f"{type(error).__name__}: {str(error)[:60]}"
    show("artifacts", scheme, made)
mlflow.set_tracking_uri(f"sqlite:///{HERE}/plain.db")
with mlflow.start_run() as one:
    mlflow.log_text("kept", "kept.txt")
show("files", mlflow.artifacts.load_text(f"{one.info.artifact_uri}/kept.txt"))
from sqlalchemy import create_engine, inspect, text

made = []
for name in (
    "sqlite",
    "postgresql",
    "postgresql+asyncpg",
    "postgresql+pg8000",
    "mysql",
    "mysql+aiomysql",
    "oracle",
    "oracle+oracledb",
    "mssql",
    "mssql+pymssql",
    "snowflake",
):
    try:
        made.append((name, type(create_engine("sqlite://" if name == "sqlite" else f"{name}://a:b@h/x").dialect).__name__))
    except Exception as error:
        made.append((name, type(error).__name__))
show("dialects", made)
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql
from sqlalchemy.schema import CreateTable
from mlflow.store.tracking.dbmodels.models import SqlRun

show("compiled", [len(str(CreateTable(SqlRun.__table__).compile(dialect=one.dialect()))) > 500 for one in (mssql, mysql, oracle, postgresql)])
for kind in ("generic", "async", "pyproject", "multidb"):
    text_ = run(["alembic", "init", "-t", kind, f"made_{kind}"])
    show("alembic", kind, "Please" in text_ or "done" in text_, sorted(path.name for path in Path(f"made_{kind}").iterdir()))
Path("tables.py").write_text(
    "from sqlalchemy import Column, Integer, MetaData, String, Table\nmetadata = MetaData()\nTable('people', metadata, Column('id', Integer, primary_key=True), Column('name', String(20), nullable=False))\n"
)
ini = Path("alembic.ini")
run(["alembic", "init", "steps"]) if not Path("steps").exists() and not ini.exists() else None
ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", "sqlite:///people.db").replace("made_generic", "steps"))
run(["cp", "-r", "made_generic", "steps"]) if not Path("steps").exists() else None
env = Path("steps/env.py")
env.write_text(env.read_text().replace("target_metadata = None", "import sys\nsys.path.insert(0, '.')\nfrom tables import metadata as target_metadata"))
run(["alembic", "revision", "--autogenerate", "-m", "people"])
run(["alembic", "upgrade", "head"])
show("tables", sorted(inspect(create_engine("sqlite:///people.db")).get_table_names()))
show("sql", "CREATE TABLE people" in run(["alembic", "upgrade", "head", "--sql"]), "people" in run(["alembic", "history", "--verbose"]))
run(["alembic", "downgrade", "base"])
show("again", "FAILED" in run(["alembic", "upgrade", "nothing"], status=255))

# The database of a tracking server that is many versions old, and one that is new.
set -u
cd "$(mktemp -d)"
say() { printf '== %s\n' "$*"; }
export MLFLOW_TRACKING_URI=sqlite:////$PWD/own.db
mlflow experiments create -n nights 2>/dev/null | sed 's/id [0-9]*/id N/'
say upgrade; mlflow db upgrade sqlite:///$PWD/own.db 2>&1 | grep -cE 'Updating database tables|alembic'
python - <<'P' 2>&1 | tail -n 30
import logging, sqlalchemy as sa
from mlflow.store.db.utils import _get_alembic_config, _get_latest_schema_revision, _get_schema_version
from mlflow.store.tracking.dbmodels.initial_models import Base as Initial
from alembic import command
from alembic.script import ScriptDirectory
url = "sqlite:///old.db"
engine = sa.create_engine(url)
Initial.metadata.create_all(engine)
config = _get_alembic_config(url)
script = ScriptDirectory.from_config(config)
print("revisions", len(list(script.walk_revisions())) > 20)
print("before", _get_schema_version(engine))
import subprocess
done = subprocess.run(["mlflow", "db", "upgrade", url], capture_output=True, text=True)
print("upgrade", done.returncode)
print("after", _get_schema_version(engine) == _get_latest_schema_revision())
print(len(sa.inspect(engine).get_table_names()) > 15)
P

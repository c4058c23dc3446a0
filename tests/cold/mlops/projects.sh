# The command line of MLflow and its projects.
set -u
cd "$(mktemp -d)"
export MLFLOW_TRACKING_URI=sqlite:////$PWD/own.db
say() { printf '== %s\n' "$*"; }
mlflow --version | sed 's/[0-9.]*$/V/'
for word in '' models; do mlflow $word --help >help.txt 2>err.txt; say "help $word" $? "$(grep -ci usage: help.txt)"; done
say nothing; mlflow nothing 2>&1 | tail -n 1
say create; mlflow experiments create -n nights 2>/dev/null | sed 's/id [0-9]*/id N/'
mkdir project && cat >project/MLproject <<'P'
name: nights
entry_points:
  main:
    parameters:
      rows: {type: int, default: 3}
    command: "python main.py {rows}"
P
cat >project/main.py <<'P'
import sys
import mlflow
with mlflow.start_run():
    mlflow.log_metric("rows", int(sys.argv[1]))
    mlflow.log_text("x" * int(sys.argv[1]), "rows.txt")
    print("rows", sys.argv[1])
P
say run; mlflow run project --env-manager local --experiment-name nights -P rows=5 2>&1 | grep -E 'rows 5|succeeded' | sed 's/.*===/===/; s/ID .[0-9a-f]*./ID/'
run=$(python - <<'P' 2>/dev/null
import mlflow
print(mlflow.search_runs(experiment_names=["nights"])["run_id"][0])
P
)
say run id ${#run}
mlflow runs list --experiment-id 1 2>/dev/null | grep -c "$run"
mlflow artifacts list --run-id "$run" 2>/dev/null
mlflow artifacts download --run-id "$run" --artifact-path rows.txt --dst-path out 2>/dev/null >/dev/null; cat out/rows.txt; echo
mlflow experiments csv -x 1 2>/dev/null | head -n 1 | tr , '\n' | grep -c metrics.rows
say delete; mlflow runs delete --run-id "$run" 2>/dev/null | sed "s/$run/RUN/"
mlflow gc --backend-store-uri "$MLFLOW_TRACKING_URI" --run-ids "$run" 2>/dev/null | sed "s/$run/RUN/"
say wrong; mlflow runs describe --run-id abc 2>&1 | grep -o "Run with id=abc not found" | head -n 1
say doctor; mlflow doctor 2>/dev/null | grep -cE 'Python version|MLflow version|System information'

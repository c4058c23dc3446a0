# Data under version control: a pipeline, experiments, a remote, plots.
set -u
cd "$(mktemp -d)"
export GIT_AUTHOR_NAME=ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=ada@example.org
say() { printf '== %s\n' "$*"; }
dvc --version | sed 's/[0-9.]*$/V/'
git init -q -b main work && cd work
say init; dvc init -q; echo $? "$(ls .dvc | tr '\n' ' ')"
cp /srv/platform/data/customers.csv . && dvc add -q customers.csv; echo $? "$(grep -c md5 customers.csv.dvc)"
cat >params.yaml <<'P'
fit:
  depth: 2
P
cat >fit.py <<'P'
import json, sys
import pandas as pd, yaml
from sklearn.tree import DecisionTreeClassifier
depth = yaml.safe_load(open("params.yaml"))["fit"]["depth"]
table = pd.read_csv("customers.csv")
X, y = table[["age", "visits", "spent"]], table["left"]
model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)
json.dump({"accuracy": round(model.score(X, y), 4), "depth": depth}, open("metrics.json", "w"))
pd.DataFrame({"depth": range(1, depth + 1), "nodes": range(depth)}).to_csv("curve.csv", index=False)
print("fitted", depth)
P
cat >dvc.yaml <<'P'
stages:
  fit:
    cmd: python fit.py
    deps: [customers.csv, fit.py]
    params: [fit.depth]
    metrics: [metrics.json: {cache: false}]
    plots: [curve.csv: {x: depth, y: nodes}]
  report:
    foreach: [a, b]
    do:
      cmd: cp metrics.json ${item}.txt
      deps: [metrics.json]
      outs: ['${item}.txt']
P
say repro; dvc repro 2>&1 | grep -E 'fitted|Running stage|lock' | head -n 6
git add -A . && git commit -q -m first
dvc repro 2>&1 | grep -c "didn't change"
say dag; dvc dag --dot | grep -c -- '->'; dvc dag | grep -c fit
say metrics; dvc metrics show --md | tail -n 2 | head -n 1
dvc remote add -q -d kept ../remote && dvc push -q; echo push $?; find ../remote -type f | wc -l
rm -rf .dvc/cache customers.csv && dvc pull -q; echo pull $? "$(wc -l <customers.csv)"
dvc status; dvc status -c
say experiment; git add -A . && git commit -q -m remote; dvc exp run -q -n deeper -S fit.depth=4; echo $?
dvc exp show --csv --only-changed 2>/dev/null | cut -d , -f 1-2 | grep -cE 'deeper|main'
dvc params diff --md | grep -c depth; dvc metrics diff --md | grep -c depth
dvc exp run -q --queue -n queued -S fit.depth=3; dvc queue status 2>&1 | grep -c queued; dvc queue start >/dev/null 2>&1; for i in $(seq 40); do dvc queue status 2>/dev/null | grep -qE 'Success|Failed' && break; sleep 1; done; dvc queue status 2>/dev/null | grep -oE 'Success|Failed'
say plots; dvc plots show -o shown >/dev/null 2>&1; echo $? "$(grep -c vega shown/index.html | sed 's/[1-9][0-9]*/many/')"; dvc plots templates | tr '\n' ' '
say python; python - <<'P'
import dvc.api, tempfile
print(dvc.api.params_show()["fit"], dvc.api.read("customers.csv", repo=".")[:3])
from dvc.api import DVCFileSystem
print(sorted(path for path in DVCFileSystem(".").find("/", detail=False, dvc_only=True))[:2])
P
say list; dvc list . --dvc-only | tr '\n' ' '; dvc data status --granular 2>/dev/null | grep -ciE 'changes|no '
dvc get -q . a.txt -o got.txt && cat got.txt; echo
dvc gc -w -f -q; echo gc $?
say help; for word in repro import-url; do dvc $word --help >/dev/null 2>&1; printf '%s %s ' $word $?; done; echo
dvc completion -s bash | grep -c complete | sed 's/[1-9][0-9]*/many/'
dvc doctor 2>/dev/null | grep -oE '^(Platform|Subprojects|Supports|Cache types|Remotes)' | tr '\n' ' '; echo
say wrong; dvc repro nothing 2>&1 | grep ERROR; printf 'stages:\n  x:\n    cmdx: y\n' >dvc.yaml; dvc repro 2>&1 | grep -E 'invalid|cmdx' | head -n 3; dvc import-url nothing://x 2>&1 | grep -oE "ERROR: .*" | head -n 1
say studio; dvc config core.autostage true && dvc config -l | grep auto

#!/usr/bin/env bash
# Work a list of images off by an Indexed Job on a cluster for tests, and print pass, fail or skip for each step (docs/incidents.md).
#
#   check-fleet.sh CAREEN APP RESULT
#
#   CAREEN   careen's image, as the nodes name it
#   APP      an image with python3, in a registry that nodes and pods reach
#   RESULT   a repository of a registry that pods may push to, without a tag: it gets the tags careen-check-0 and careen-check-1
#
#   CHECK_AUTH   file with the credentials of the registries (as in ~/.docker/config.json); default: none
#   CHECK_LIMIT  seconds for one step; default 1200
#   CAREEN_DB    advisory database; default ~/.local/share/careen/advisories.db
#
# It needs careen and kubectl, uses kubectl's current context, and makes the namespace careen-fleet-check with a claim of the default storage class. It labels one node. All of it is removed at the end; what was pushed stays.
# shellcheck disable=SC2317  # functions that step and the trap call
set -euo pipefail

if [ $# -ne 3 ]; then
  echo "usage: $0 CAREEN APP RESULT" >&2
  exit 1
fi
careen=$1 app=$2 result=$3
[[ "${result##*/}" =~ [:@] || $result != */* ]] && { echo "check-fleet.sh: $result: name a repository without a tag, as registry.example/team/check" >&2; exit 1; }
LIMIT=${CHECK_LIMIT:-1200}
database=${CAREEN_DB:-$HOME/.local/share/careen/advisories.db}
space=careen-fleet-check label=careen.dev/sensor

failed=0
say() { printf '%-5s %s\n' "$1" "$2"; }
pass() { say pass "$1"; }
fail() { say fail "$1"; failed=1; }

# step NAME COMMAND…: what it prints is shown only if it fails
step() {
  local name=$1
  shift
  if out=$("$@" 2>&1); then pass "$name"; else
    fail "$name"
    printf '%s\n' "$out" | tail -n 15 | sed 's/^/      /'
    return 1
  fi
}

for program in kubectl careen; do
  command -v "$program" >/dev/null || { echo "check-fleet.sh: $program is not installed" >&2; exit 1; }
done
[ -f "$database" ] || { echo "check-fleet.sh: $database is not there: make it with careen db update" >&2; exit 1; }
if kubectl get namespace "$space" >/dev/null 2>&1; then
  echo "check-fleet.sh: the namespace $space is there already: use a cluster for tests, or remove it" >&2
  exit 1
fi

echo "context: $(kubectl config current-context)"
version=$(kubectl version -o json | sed -n '/serverVersion/,$ s/.*"gitVersion": *"v\([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
if [ "${version#1.}" -ge 33 ] 2>/dev/null; then pass "Kubernetes $version has retries for each index"; else
  fail "Kubernetes ${version:-unknown} is older than 1.33, the first where retries for each index are stable"
  exit 1
fi

# first_node WORDS…: the name of the first node that kubectl lists, "" without one
first_node() { kubectl get nodes "$@" -o jsonpath='{.items[*].metadata.name}' | cut -d ' ' -f 1; }

labelled=
work=$(mktemp -d)
clean() {
  kubectl delete --ignore-not-found --wait=false namespace "$space" >/dev/null 2>&1 || true
  [ -z "$labelled" ] || kubectl label node "$labelled" "$label-" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT
node=$(first_node -l "$label=true")
if [ -z "$node" ]; then
  node=$(first_node)
  [ -n "$node" ] || { fail "the cluster has no node"; exit 1; }
  labelled=$node
  step "node $node is labelled" kubectl label node "$node" "$label=true" || exit 1
fi

# ---- the list: two images that pass, and one whose threshold is crossed, which no other try changes ----

cat >"$work/images.toml" <<END
$(for i in 0 1; do printf '[[image]]\nsource = "docker://%s"\ntag = "%s:careen-check-%s"\nconfig = "good.toml"\npatch = false\n' "$app" "$result" "$i"; done)
[[image]]
source = "docker://$app"
tag = "$result:careen-check-2"
config = "strict.toml"
patch = false
END
cat >"$work/good.toml" <<'END'
explore = "off"
[workload.web]
args = ["python3", "-m", "http.server", "8000"]
ready = "log:Serving HTTP"
exec = ["python3 -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:8000/\").read()'"]
env = ["PYTHONUNBUFFERED=1"]
END
{ printf 'min_adequacy = 100\nbelow_adequacy = "refuse"\n'; cat "$work/good.toml"; } >"$work/strict.toml"

cat >"$work/loader.yaml" <<END
apiVersion: v1
kind: Namespace
metadata: {name: $space, labels: {pod-security.kubernetes.io/enforce: privileged}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: careen-fleet, namespace: $space}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 5Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: loader, namespace: $space}
spec:
  nodeSelector: {$label: "true"}
  automountServiceAccountToken: false
  containers:
    - name: loader
      image: $app
      command: [python3, -c, "import time; time.sleep(86400)"]
      securityContext: {runAsUser: 0}
      volumeMounts: [{name: fleet, mountPath: /fleet}]
  volumes: [{name: fleet, persistentVolumeClaim: {claimName: careen-fleet}}]
END
step "the claim and a pod that fills it are made" kubectl apply -f "$work/loader.yaml" || exit 1
if [ -n "${CHECK_AUTH:-}" ]; then
  step "the credentials are made" kubectl -n "$space" create secret generic careen-registry --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson="$CHECK_AUTH" || exit 1
fi
step "the pod runs" kubectl -n "$space" wait --for=condition=ready --timeout="${LIMIT}s" pod/loader || exit 1
put() { kubectl -n "$space" exec -i loader -- python3 -c 'import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, open(sys.argv[1], "wb"))' "/fleet/$2" <"$1"; }
for file in images.toml good.toml strict.toml; do step "$file is in the claim" put "$work/$file" "$file" || exit 1; done
step "the advisories are in the claim" put "$database" advisories.db || exit 1

# ---- the Job ----

render() { careen fleet render "$work/images.toml" --engine indexed-job --image "$careen" --namespace "$space" --name "$1" --attempts 3 --push >"$work/$1.yaml"; }
of() { kubectl -n "$space" get job "$1" -o jsonpath="{.status.$2}"; }
# tries INDEX: pods that the first Job made for an index
tries() { kubectl -n "$space" get pods -l "batch.kubernetes.io/job-name=first,batch.kubernetes.io/job-completion-index=$1" -o name | wc -l; }
step "careen writes the Job" render first || exit 1
step "the API server takes it" kubectl apply --dry-run=server --validate=strict -f "$work/first.yaml" || exit 1
step "the Job is made" kubectl apply -f "$work/first.yaml" || exit 1

# A task that is killed is tried again.
first="batch.kubernetes.io/job-name=first,batch.kubernetes.io/job-completion-index=0"
running() {
  local end=$((SECONDS + LIMIT))
  until [ "$(kubectl -n "$space" get pods -l "$first" -o jsonpath='{.items[*].status.phase}')" = Running ]; do
    [ "$SECONDS" -lt "$end" ] || { kubectl -n "$space" describe pods -l "$first"; return 1; }
    sleep 2
  done
}
if step "the first task runs" running; then
  step "it is killed" kubectl -n "$space" delete pod -l "$first" --grace-period=0 --force || true
fi
# The Job fails, as one of its images does.
step "the Job ends" kubectl -n "$space" wait --for=condition=failed --timeout="${LIMIT}s" job/first || true
good=$(of first completedIndexes) lost=$(of first failedIndexes)
if [ "${good/-/,}" = "0,1" ]; then pass "both images are done, also the one that was killed"; else fail "done are the images ${good:-none}, expected 0,1"; fi
if [ "$lost" = 2 ]; then pass "the image that crosses its threshold failed"; else fail "failed are the images ${lost:-none}, expected 2"; fi
number=$(tries 2)
if [ "$number" -eq 1 ]; then pass "it was not tried again"; else fail "it was tried $number times, expected 1"; fi
if [ "$failed" -ne 0 ]; then kubectl -n "$space" logs -l batch.kubernetes.io/job-name=first --tail=5 --prefix 2>&1 | sed 's/^/      /' || true; fi

# ---- again: nothing has changed, so nothing is run ----

sed -i '/^\[\[image\]\]$/{N;N;N;N;/check-2/d}' "$work/images.toml"
step "the list without that image is in the claim" put "$work/images.toml" images.toml || exit 1
step "careen writes the second Job" render second || exit 1
step "the second Job is made" kubectl apply -f "$work/second.yaml" || exit 1
step "the second Job ends" kubectl -n "$space" wait --for=condition=complete --timeout="${LIMIT}s" job/second || true
log=$(kubectl -n "$space" logs -l batch.kubernetes.io/job-name=second --tail=-1 2>&1 || true)
number=$(grep -c 'Nothing has changed' <<<"$log" || true)
if [ "$number" -eq 2 ]; then pass "nothing was run for what was done before"; else
  fail "nothing was run for $number of 2 images"
  printf '%s\n' "$log" | tail -n 10 | sed 's/^/      /'
fi
exit "$failed"

#!/usr/bin/env bash
# Try the manifests on a cluster for tests, and print pass, fail or skip for each step (docs/kubernetes.md).
#
#   check.sh CAREEN APP
#
#   CAREEN   careen's image, as the nodes name it
#   APP      an image with python3, in a registry that nodes and pods reach without a login
#
# Each is NAME:TAG or NAME@sha256:DIGEST.
# It uses kubectl's current context. It makes the namespaces careen and careen-check and the recorder's ClusterRole, and removes them at its end.
# Policies are sent to the API server as a dry run: what they let in is yours to try (docs/kubernetes.md#admission).
set -euo pipefail
cd "$(dirname "$0")"

if [ $# -ne 2 ]; then
  echo "usage: $0 CAREEN APP" >&2
  exit 1
fi
careen=$1 app=$2
for image in "$careen" "$app"; do
  [[ "${image##*/}" =~ ^[^:@]+(:[^:@]+|@sha256:[0-9a-f]{64})$ ]] ||
    { echo "check.sh: $image has no tag and no digest, or both: name it as NAME:TAG or NAME@sha256:DIGEST" >&2; exit 1; }
done
LIMIT=${CHECK_LIMIT:-600}    # seconds for one step

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

command -v kubectl >/dev/null || { echo "check.sh: kubectl is not installed" >&2; exit 1; }
for name in careen careen-check; do
  if kubectl get namespace "$name" >/dev/null 2>&1; then
    echo "check.sh: the namespace $name is there already: use a cluster for tests, or remove it" >&2
    exit 1
  fi
done
if kubectl get clusterrole careen-recorder >/dev/null 2>&1; then
  echo "check.sh: the ClusterRole careen-recorder is there already: use a cluster for tests, or remove it" >&2
  exit 1
fi

work=$(mktemp -d)
# shellcheck disable=SC2317  # called by the trap
clean() {
  kubectl delete --ignore-not-found --wait=false namespace careen careen-check >/dev/null 2>&1 || true
  kubectl delete --ignore-not-found clusterrole/careen-recorder clusterrolebinding/careen-recorder >/dev/null 2>&1 || true
  rm -rf "$work"
}

echo "context: $(kubectl config current-context)"
version=$(kubectl version -o json | sed -n '/serverVersion/,$ s/.*"gitVersion": *"v\([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
if [ "${version#1.}" -ge 29 ] 2>/dev/null; then pass "Kubernetes $version has sidecars"; else
  fail "Kubernetes ${version:-unknown} is older than 1.29, the first with sidecars"
  exit 1
fi
trap clean EXIT
echo "nodes:   $(kubectl get nodes -o jsonpath='{range .items[*]}{.status.nodeInfo.containerRuntimeVersion} {.status.nodeInfo.kernelVersion} {.status.nodeInfo.operatingSystem}{"\n"}{end}' | sort | uniq -c | tr -s ' ' | tr '\n' ';')"

# ---- the manifests, as the API server takes them ----

# named IMAGE: where it comes from, as kustomize says it
named() {
  case "$1" in
    *@*) printf 'newName: "%s", digest: "%s"' "${1%@*}" "${1#*@}" ;;
    *) printf 'newName: "%s", newTag: "%s"' "${1%:*}" "${1##*:}" ;;
  esac
}

# Overlays, as a user writes them
cp -r namespace profile recorder reader "$work"
overlay() {   # overlay BASE, and its patches on standard input
  mkdir "$work/my-$1"
  cat >"$work/my-$1/kustomization.yaml" <<END
resources: [../$1]
images:
  - {name: careen, $(named "$careen")}
  - {name: registry.example/app, $(named "$app")}
  - {name: registry.example/app-tests, $(named "$app")}
patches:
$(cat)
END
}
overlay profile <<END
  - patch: |
      apiVersion: batch/v1
      kind: Job
      metadata: {name: careen-profile}
      spec:
        template:
          spec:
            initContainers:
              - name: careen
                env: [{name: IMAGE, value: "$app"}]
              - name: app
                command: [python3, -m, http.server, "8000"]
            containers:
              - name: tests
                command: [python3, -c, "import urllib.request as u; [u.urlopen('http://127.0.0.1:8000/').read() for _ in range(20)]"]
END
overlay recorder <<END
  - target: {kind: DaemonSet}
    patch: |
      - {op: replace, path: /spec/template/spec/containers/0/args/3, value: --for=20s}
      - {op: replace, path: /spec/template/spec/containers/0/args/4, value: --every=30s}
      # Nothing stays on the nodes
      - {op: test, path: /spec/template/spec/volumes/3/name, value: rboms}
      - {op: replace, path: /spec/template/spec/volumes/3, value: {name: rboms, emptyDir: {}}}
END
overlay reader <<<"  []"
step "the namespace is made" kubectl apply -k namespace || exit 1
for base in profile recorder reader; do
  step "the API server takes $base" kubectl apply --dry-run=server --validate=strict -k "$work/my-$base" || true
done

# ---- the Job ----

if step "the Job is made" kubectl apply -k "$work/my-profile"; then
  if step "the Job ends" kubectl -n careen wait --for=condition=complete --timeout="${LIMIT}s" job/careen-profile; then
    log=$(kubectl -n careen logs job/careen-profile -c careen 2>&1 || true)
    if grep -q 'no event lost' <<<"$log"; then pass "careen saw the application from its first exec, and lost nothing"; else
      fail "careen did not record the application"
      printf '%s\n' "$log" | tail -n 5 | sed 's/^/      /'
    fi
    if step "the reader is made" kubectl apply -k "$work/my-reader" &&
      step "the reader runs" kubectl -n careen wait --for=condition=ready --timeout="${LIMIT}s" pod/careen-reader; then
      pod=$(kubectl -n careen get pods -l app.kubernetes.io/component=profile -o jsonpath='{.items[0].metadata.name}')
      if kubectl -n careen exec careen-reader -- careen profile --merge "/rboms/$pod.rbom.json" --json >"$work/rbom.json" 2>"$work/err" &&
        grep -q '"path": *"[^"]*python' "$work/rbom.json"; then pass "the RBOM names python"; else
        fail "the RBOM does not name python"
        tail -n 5 "$work/err" | sed 's/^/      /'
      fi
    fi
  else
    kubectl -n careen logs job/careen-profile -c careen --tail=5 2>&1 | sed 's/^/      /' || true
  fi
fi

# ---- the recorder ----

step "a pod to record is made" kubectl create namespace careen-check || true
if step "a pod to record starts" kubectl -n careen-check run web --image="$app" --labels=careen.io/record=true --command -- python3 -m http.server 8000 &&
  step "a pod to record runs" kubectl -n careen-check wait --for=condition=ready --timeout="${LIMIT}s" pod/web &&
  step "the recorder is made" kubectl apply -k "$work/my-recorder" &&
  step "the recorder runs on each node" kubectl -n careen rollout status --timeout="${LIMIT}s" daemonset/careen-recorder; then
  node=$(kubectl -n careen-check get pod web -o jsonpath='{.spec.nodeName}')
  pod=$(kubectl -n careen get pods -l app.kubernetes.io/component=recorder --field-selector "spec.nodeName=$node" -o jsonpath='{.items[0].metadata.name}')
  end=$((SECONDS + LIMIT))
  until log=$(kubectl -n careen logs "$pod" 2>&1) && grep -q 'canary profile: ' <<<"$log" || [ "$SECONDS" -ge "$end" ]; do sleep 5; done
  if grep -q '^careen-check/web/web .*no event lost' <<<"$log"; then pass "the recorder recorded the pod, and lost nothing"; else
    fail "the recorder did not record the pod"
    printf '%s\n' "$log" | tail -n 5 | sed 's/^/      /'
  fi
fi

# ---- admission ----

policy() {
  if ! kubectl get crd "$2" >/dev/null 2>&1; then say skip "$1: this cluster has no $2"; return; fi
  step "the API server takes $1" kubectl apply --dry-run=server --validate=strict -f "admission/$1" || true
}
policy kyverno/image-validating-policy.yaml imagevalidatingpolicies.policies.kyverno.io
policy kyverno/verify-images.yaml clusterpolicies.kyverno.io
policy policy-controller/cluster-image-policy.yaml clusterimagepolicies.policy.sigstore.dev

exit "$failed"

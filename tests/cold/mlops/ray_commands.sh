# A cluster that operators start by hand: the head, its dashboard, jobs, state, the end.
set -u
cd "$(mktemp -d)"
say() { printf '== %s\n' "$*"; }
ray --version | sed 's/[0-9.]*$/V/'
for word in '' start job; do ray $word --help >help.txt 2>&1; say "help $word" $? "$(grep -ci usage: help.txt)"; done
export RAY_ADDRESS=127.0.0.1:6399 PYTHONWARNINGS=ignore RAY_AUTH_MODE=disabled
say start; ray start --head --port 6399 --num-cpus 2 --object-store-memory 100000000 --dashboard-port 8269 --disable-usage-stats >start.txt 2>&1 || cat start.txt; grep -c 'Ray runtime started' start.txt
say health; ray health-check --address 127.0.0.1:6399; echo $?
ray status 2>/dev/null | grep -E 'CPU|^ 1 node|Active:' | sed 's/node_[0-9a-f]*/node/'
for path in / /api/version /api/cluster_status /nodes?view=summary /api/gcs_healthz /api/jobs/ /nothing; do printf '%s %s\n' "$path" "$(curl -s -o body -w '%{http_code} %{content_type}' "http://127.0.0.1:8269$path")"; done
curl -s http://127.0.0.1:8269/ >page; for asset in $(grep -oE '(src|href)="[^"]*"' page | cut -d '"' -f 2 | grep -E 'js|css|ico|json'); do curl -s -o body -w "$(basename "$asset" | sed -E 's/[.-][0-9a-zA-Z_]{8}[.]/.H./') %{http_code}\n" "http://127.0.0.1:8269/${asset#./}"; done
export RAY_API_SERVER_ADDRESS=http://127.0.0.1:8269
cat >job.py <<'P'
import ray
ray.init(log_to_driver=False)
@ray.remote
def double(x):
    return 2 * x
print("job says", sum(ray.get([double.remote(i) for i in range(4)])))
P
say job; RAY_ADDRESS=$RAY_API_SERVER_ADDRESS ray job submit --submission-id first --working-dir . -- python job.py 2>&1 | grep -E 'job says|succeeded' | sed 's/.*SUCC/SUCC/'
RAY_ADDRESS=$RAY_API_SERVER_ADDRESS ray job submit --submission-id second -- python -c 'raise SystemExit("wrong on purpose")' 2>&1 | grep -E -o "wrong on purpose|'second' failed" | sort -u
RAY_ADDRESS=$RAY_API_SERVER_ADDRESS ray job list 2>/dev/null | grep -o "submission_id='[a-z]*'" | sort
RAY_ADDRESS=$RAY_API_SERVER_ADDRESS ray job status first 2>&1 | grep -o 'succeeded' | sort -u
say state; for what in nodes actors tasks jobs workers objects placement-groups runtime-envs; do RAY_ADDRESS=$RAY_API_SERVER_ADDRESS ray list $what --limit 100 >out.txt 2>&1; echo "$what $? $(grep -c 'Stats:\|No resource' out.txt)"; done
RAY_ADDRESS=$RAY_API_SERVER_ADDRESS ray summary tasks 2>/dev/null | grep -oE 'double .*FINISHED: [0-9]+' | tr -s ' '
ray memory --stats-only 2>/dev/null | grep -c 'Object store'
curl -s http://127.0.0.1:8269/api/v0/tasks?limit=5 | python -c 'import json,sys; print(json.load(sys.stdin)["result"])'
ray timeline >/dev/null 2>&1; echo timeline $?
say stop; ray stop >stop.txt 2>&1; echo $? "$(grep -c 'Stopped all\|Stopped only' stop.txt)"
ray status 2>&1 | grep -oE 'Ray cluster is not found|Could not|ConnectionError' | head -n 1

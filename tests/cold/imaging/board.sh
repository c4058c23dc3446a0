# The board as a browser asks for it: the page, its layout, its scripts, a callback, what is not there.
set -u
ask() { curl -sS --noproxy '*' --max-time 60 -w ' %{http_code}\n' "$@"; }
ask "$BASE_URL/board/" | grep -oE '<title>Plates|_dash-component-suites/[a-z_/]*' | sort -u
ask "$BASE_URL/board/_dash-layout" | grep -oE '"namespace":"[a-z_]*","type":"[A-Za-z]*"|"type":"[A-Za-z0-9]*","namespace":"[a-z_]*"' | sort | uniq -c
ask "$BASE_URL/board/_dash-dependencies" | grep -oE 'figure.figure|kind' | sort -u
for kind in hist box violin ecdf nothing; do ask -H 'content-type: application/json' -d "{\"output\": \"figure.figure\", \"outputs\": {\"id\": \"figure\", \"property\": \"figure\"}, \"inputs\": [{\"id\": \"kind\", \"property\": \"value\", \"value\": \"$kind\"}], \"changedPropIds\": [\"kind.value\"]}" "$BASE_URL/board/_dash-update-component" | grep -oE '"type":"[a-z]+"| [0-9]{3}$' | sort -u | tr '\n' ' '; echo; done
for file in $(curl -sS --noproxy '*' "$BASE_URL/board/" | grep -oE '/board/_dash-component-suites/[^"]+\.js'); do curl -sS --noproxy '*' -o /dev/null -w '%{http_code} %{content_type}\n' "$BASE_URL$file"; done | sort | uniq -c
for file in dash/dcc/async-graph.js dash/dcc/async-markdown.js dash/dash_table/async-table.js dash/dcc/async-slider.js dash/dcc/async-dropdown.js dash/dcc/nothing.js plotly/package_data/plotly.min.js dash/dcc/dash_core_components.js.map; do curl -sS --noproxy '*' -o /dev/null -w '%{http_code} ' "$BASE_URL/board/_dash-component-suites/$file"; echo $file; done
ask -o /dev/null "$BASE_URL/board/_favicon.ico"; ask -o /dev/null "$BASE_URL/board/_reload-hash"; ask -o /dev/null "$BASE_URL/board/assets/nothing.css"

#!/bin/sh
# A report of what lies in a folder, by the programs that know: report.sh FOLDER [text|html]
set -eu
folder=${1:-/srv/papers/samples} form=${2:-text}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$folder"/*; do
  kind=$(file -b --mime-type "$file" | tr '/' ' ' | awk '{ print $2 }')
  printf '%s\t%s\n' "${file##*/}" "$kind"
done | sort -t "$(printf '\t')" -k2,2 -k1,1 > "$work/kinds.tsv"
cut -f2 "$work/kinds.tsv" | uniq -c | sort -rn -k1,1 | head -n 3 | sed 's/^ *//' > "$work/most"
pages=0
for file in "$folder"/tea.pdf "$folder"/table.pdf; do
  qpdf --check "$file" > /dev/null && pages=$((pages + $(qpdf --show-npages "$file")))
done
{ echo '# Papers'; echo; echo "Pages: $pages"; echo; sed 's/^/- /' "$work/most"; } > "$work/report.md"
case $form in
  html) pandoc -s --metadata title=Papers -t html5 "$work/report.md" | grep -c '<li>' ;;
  zip) (cd "$work" && tar -cf - report.md most | xz | base64 | head -c 8; echo; gzip -c report.md | zcat | head -n 1) ;;
  *) cat "$work/report.md"; paste -sd, "$work/most" | tr -s ' ' ;;
esac

# Other languages, places and encodings.
set -u
go() { docker exec "$@" 2> /dev/null; }
for place in Asia/Kathmandu America/St_Johns Europe/Oslo Nowhere/Atall; do go -e TZ=$place "$CONTAINER" python -c 'import datetime, time, zoneinfo, os
print(time.strftime("%z", time.localtime(0)), datetime.datetime.fromtimestamp(0).hour)
try:
    print(zoneinfo.ZoneInfo(os.environ["TZ"]).utcoffset(datetime.datetime(2024, 7, 1)))
except zoneinfo.ZoneInfoNotFoundError as error:
    print(type(error).__name__)'; done
for word in de_DE.UTF-8 ja_JP.UTF-8 C POSIX fr_FR.UTF-8; do go -e LC_ALL=$word -e LANG=$word "$CONTAINER" python -c 'import locale, time
try:
    print(locale.setlocale(locale.LC_ALL, ""), time.strftime("%A %B", time.gmtime(0)), locale.localeconv()["decimal_point"])
except locale.Error as error:
    print(error)'; done
go -e LC_ALL=de_DE.UTF-8 "$CONTAINER" date -u -d @0 +%A; go -e LC_ALL=de_DE.UTF-8 "$CONTAINER" sh -c 'echo "digraph { ä -> ß }" | dot -Tsvg | grep -c ß'
go -e LC_ALL=C -e PYTHONIOENCODING=latin-1 "$CONTAINER" plates work dicom names_in_characters
go -e LC_ALL=de_DE.UTF-8 "$CONTAINER" plates work meshes gltf trimesh_measures

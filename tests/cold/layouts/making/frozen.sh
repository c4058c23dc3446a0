#!/bin/sh
# Programs that bring their interpreter with them, or are no Python any more.
set -ex
mkdir -p /opt/frozen /opt/compiled /build/work && cd /build/work
/build/env/bin/pip install pyyaml python-dateutil cryptography arrow tabulate
freeze="/build/env/bin/pyinstaller --log-level WARN --distpath /opt/frozen"
$freeze --onedir --add-data /usr/src/frozen/notes.txt:. --hidden-import notes_extra --collect-data dateutil /usr/src/frozen/notes.py
$freeze --onefile /usr/src/frozen/seal.py
/build/env/bin/cxfreeze build_exe --script /usr/src/frozen/bench.py --build-exe /opt/frozen/bench --packages arrow,decimal --silent
cp -r /usr/src/engine/engine /opt/compiled/engine
/build/env/bin/cythonize -q -3 -i $(find /opt/compiled/engine -name '*.py')
find /opt/compiled/engine -name '*.py' -delete -o -name '*.c' -delete && rm -rf /opt/compiled/build
mkdir -p /opt/sealed && cp -r /usr/src/payroll/. /opt/sealed && cd /opt/sealed
python3 -m compileall -q -b . && find . -name '*.py' -delete && find . -name __pycache__ -prune -exec rm -r {} +
cd /build/work && /build/nuitka/bin/python -m nuitka --standalone --lto=no --assume-yes-for-downloads --quiet --no-progressbar --output-dir=/opt/frozen /usr/src/frozen/mint.py && rm -rf /opt/frozen/mint.build
rm -rf /build/work

#!/bin/sh
# Each program in another form; no source of any is left.
set -ex
src=/usr/src/programs out=/srv/press env=/build/env/bin
mkdir -p $out/bin $out/sealed /build/work && cd /build/work
python3 -m zipapp -c -p '/usr/bin/python3' -o $out/front.pyz $src/front
$env/pyinstaller --log-level WARN --distpath $out/frozen --onedir $src/label.py
$env/pyinstaller --log-level WARN --distpath $out/bin --onefile $src/stamp.py
$env/python -m nuitka --standalone --lto=no --assume-yes-for-downloads --quiet --no-progressbar --output-dir=$out/frozen $src/route.py && rm -rf $out/frozen/route.build
cp -r $src/ledger $out/sealed/ledger && cd $out/sealed && python3 -m compileall -q -b ledger && find ledger -name '*.py' -delete && cd /build/work
cp -r $src/press $out/sealed/press && $env/cythonize -q -3 -i $(find $out/sealed/press -name '*.py' ! -name __main__.py) && find $out/sealed/press -name '*.c' -delete
find $out/sealed/press -name '*.py' ! -name __main__.py -delete && rm -rf $out/sealed/build
python3 -m venv /build/post && /build/post/bin/pip install 'setuptools<80' wheel && /build/post/bin/pip install --no-build-isolation $src/post
$env/pex --venv-repository /build/post post -m post -o $out/bin/post --python-shebang /usr/bin/python3
$env/shiv -q -e parcel.main:main -p '/usr/bin/python3 -sE' -o $out/bin/parcel $src/parcel click
gcc -O2 -o /usr/local/bin/scale $src/scale.c
chmod -R a+rX $out && chmod a+x $out/front.pyz $out/bin/*

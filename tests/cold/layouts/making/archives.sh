#!/bin/sh
# Programs in one file, libraries in archives.
set -ex
mkdir -p /opt/bin /opt/wheels /opt/wheelhouse /build/quotes
cp -r /usr/src/quotes/. /build/quotes && /build/env/bin/pip install --target /build/quotes unidecode && rm -rf /build/quotes/bin
python3 -m zipapp -c -p '/usr/bin/env python3' -o /opt/bin/quotes.pyz /build/quotes
/build/env/bin/shiv -q -c cards -p '/usr/bin/python3 -sE' -o /opt/bin/cards.pyz /usr/src/cards
python3 -m venv /build/forms && /build/forms/bin/pip install /usr/src/forms
pex="/build/env/bin/pex --venv-repository /build/forms forms -c forms"
$pex -o /opt/bin/forms.pex
$pex --layout loose -o /opt/bin/forms-loose
$pex --venv prepend --sh-boot -o /opt/bin/forms-venv.pex
/build/env/bin/pip wheel --no-deps -w /opt/wheels /usr/src/rates
cp /run/wheels/tabulate-*.whl /opt/wheels && cp /run/wheels/humanize-*.whl /opt/wheelhouse
chmod -R a+rX /opt/bin && chmod a+x /opt/bin/*.pyz /opt/bin/*.pex

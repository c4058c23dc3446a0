#!/bin/sh
# Programs in environments of their own, each made by another tool.
set -ex
tools=/opt/tools
mkdir -p $tools /opt/uv/bin
environment() { name=$1; shift; python3 -m venv --without-pip "$@" $tools/$name; }
into() { name=$1; shift; /build/env/bin/pip --python $tools/$name/bin/python install "$@"; }
environment ledger && into ledger -e /usr/src/ledger
environment stock --copies && into stock -e /usr/src/stock
environment menu && into menu -e /usr/src/menu
environment gallery && into gallery /usr/src/gallery
environment train --symlinks && into train /usr/src/train
environment checks && into checks /usr/src/checks
environment ansible && into ansible ansible-core
environment waves && into waves twisted
environment names && into names /usr/src/acme/core
mkdir -p /opt/acme && cp -r /usr/src/acme/extra /usr/src/acme/local /opt/acme/
echo /opt/acme/local > $tools/names/lib/python3.13/site-packages/local.pth
environment overlay && cp -r /usr/src/overlay/. $tools/overlay/lib/python3.13/site-packages/
echo "import site; site.addsitedir('$tools/ledger/lib/python3.13/site-packages')" > $tools/overlay/lib/python3.13/site-packages/_base.pth
deep=/opt/environments/of/the/desk/which/has/a/long/name/because/it/was/made/in/a/directory/of/a/continuous/integration/server/that/has/many/folders/highlight
python3 -m venv $deep && $deep/bin/pip install pygments && ln -s $deep $tools/highlight
/build/env/bin/virtualenv --quiet --no-download --symlink-app-data --app-data /opt/virtualenv $tools/paper && $tools/paper/bin/pip install docutils
cp -r /usr/src/paper /opt/paper

mkdir -p /opt/site && cp -r /usr/src/site/. /opt/site && python3 -m venv /opt/site/env && /opt/site/env/bin/pip install django whitenoise
for file in $(find /opt/site/orders -name django.po); do msgfmt -o "${file%.po}.mo" "$file"; done
environment old && into old 'setuptools<80' cachetools
cd /usr/src/oldtimer && /build/env/bin/python setup.py --quiet bdist_egg && mv dist/oldtimer-0.7-py3.13.egg $tools/old/lib/python3.13/site-packages/
echo ./oldtimer-0.7-py3.13.egg > $tools/old/lib/python3.13/site-packages/easy-install.pth
cat > $tools/old/bin/oldtimer <<END
#!$tools/old/bin/python
# EASY-INSTALL-ENTRY-SCRIPT: 'oldtimer==0.7','console_scripts','oldtimer'
__requires__ = 'oldtimer==0.7'
import re
import sys
from pkg_resources import load_entry_point

if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?\$', '', sys.argv[0])
    sys.exit(load_entry_point('oldtimer==0.7', 'console_scripts', 'oldtimer')())
END
chmod +x $tools/old/bin/oldtimer
cp -r /usr/src/play /opt/play && cp -r /usr/src/waves /opt/waves

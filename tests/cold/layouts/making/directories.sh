#!/bin/sh
# Programs and libraries in directories that something puts on the path.
set -ex
pip="/usr/bin/python3 -m pip install"
cp -r /usr/src/billing /opt/app
$pip --target /opt/vendor/tax inflect phonenumbers
$pip --target /opt/plugins /usr/src/exporters
mkdir /opt/plugins-more && cp /usr/src/spoken/*.py /opt/plugins-more && printf '# more\n../plugins-more\nimport audit_trail; audit_trail.STARTED = "started"\n' > /opt/plugins/more.pth
$pip --prefix /opt/prefix qrcode
HOME=/home/desk $pip --user --no-warn-script-location /usr/src/greet python-slugify
PYTHONUSERBASE=/opt/userbase $pip --user --no-warn-script-location /usr/src/coloured
eggs=/opt/buildout/eggs
mkdir -p $eggs /opt/buildout/bin && cd $eggs
unzip() { python3 -m zipfile -e "$1" "$2"; }
unzip /opt/tools/old/lib/python3.13/site-packages/oldtimer-0.7-py3.13.egg oldtimer-0.7-py3.13.egg
$pip --target cachetools-py3.13.egg cachetools && $pip --target setuptools-py3.13.egg 'setuptools<80'
cat > /opt/buildout/bin/instance <<END
#!/usr/bin/python3

import sys
sys.path[0:0] = [
  '$eggs/oldtimer-0.7-py3.13.egg',
  '$eggs/cachetools-py3.13.egg',
  '$eggs/setuptools-py3.13.egg',
  ]

import oldtimer.cli

if __name__ == '__main__':
    sys.exit(oldtimer.cli.main())
END
store=/opt/store
for name in humanize arrow; do $pip --no-deps --target $store/0a1b2c-$name/lib/python3.13/site-packages $name; done
mkdir -p $store/bin $store/9z8y7x-store/bin
cat > $store/9z8y7x-store/bin/.store-wrapped <<END
#!/usr/bin/python3
import sys;import site;import functools;sys.argv[0] = '$store/9z8y7x-store/bin/store';functools.reduce(lambda k, p: site.addsitedir(p, k), ['$store/0a1b2c-humanize/lib/python3.13/site-packages','$store/0a1b2c-arrow/lib/python3.13/site-packages'], site._init_pathinfo());
import arrow
import humanize

humanize.i18n.activate(sys.argv[1])
print(humanize.naturaltime(60), arrow.get(0).format("dddd", locale=sys.argv[1][:2]))
END
printf '#! /bin/sh -e\nexport PYTHONNOUSERSITE=true\nexec "%s" "$@"\n' $store/9z8y7x-store/bin/.store-wrapped > $store/bin/store
mkdir -p /opt/private && cp -r /usr/src/tell /opt/private/tell && ln -s /opt/private/tell/bin/tell /usr/local/bin/tell
chmod +x /opt/buildout/bin/instance $store/bin/store $store/9z8y7x-store/bin/.store-wrapped /opt/private/tell/bin/tell

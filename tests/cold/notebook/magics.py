# %%
%lsmagic
# %%
%%bash
echo "in $BASH_VERSION" | cut -c1-4; seq 3 | sort -r | tr '\n' ' '; grep -c Tea sample.ipynb | sed 's/1/one/'; awk 'BEGIN { print 7 }'; date -u -d @0 +%Y
# %%
%%sh
ls | head -n 3; wc -l < sample.ipynb; basename /a/b.c .c; find . -maxdepth 1 -name '*.ipynb' | xargs -n1 dirname
# %%
%%perl
print "perl ", 6*7, "\n";
# %%
%%script python3 -
import sys; print("child", sys.version_info[:2])
# %%
%%python
print("another python")
# %%
%%ruby
puts 1
# %%
r = %timeit -n1 -r1 -o -q sum(range(10))
type(r).__name__
# %%
%%timeit -n1 -r1 -q x = 2
x ** 2
# %%
%%capture held
print("hidden")
# %%
held.show()
# %%
%%writefile /tmp/mod_cold.py
def f():
    "Documentation of f."
    return 1
# %%
import sys; sys.path.insert(0, "/tmp")
%load_ext autoreload
%autoreload 2
import mod_cold; mod_cold.f()
# %%
import os, pathlib, time
pathlib.Path("/tmp/mod_cold.py").write_text("def f():\n    return 22\n"); os.utime("/tmp/mod_cold.py", (time.time() + 5,) * 2)
# %%
mod_cold.f()
# %%
%aimport
# %%
%pip --version
# %%
%pip list --format=freeze
# %%
%conda list
# %%
%prun -q -l 3 -T /tmp/prun.txt sorted([3, 1])
# %%
print(open("/tmp/prun.txt").read().split("\n")[0][:9] != "")
# %%
%run -t -N1 /tmp/mod_cold.py
# %%
%run -d /tmp/nothing.py
# %%
%%html
<b>x</b>
# %%
%%latex
$x$
# %%
%%markdown
*m*
# %%
%%javascript
1
# %%
%%svg
<svg/>
# %%
!echo system $((1+1)); uname -s; whoami; id -u; sleep 0.1; env | grep -c HOME; cat /etc/hostname | wc -l
# %%
a = !printf 'x y\nz w\n'
a.fields(0), a.grep('z'), a.s
# %%
%sx echo captured
# %%
%env EXAMPLE=1
# %%
%set_env EXAMPLE 2
# %%
%cd /tmp
%pwd
%cd -
# %%
%pushd /
%popd
%dirs
# %%
%bookmark here
%bookmark -l
# %%
%alias shout echo very
shout loud
# %%
%store -r
saved = [1, 2]
%store saved
%store
%store -d saved
# %%
%who_ls str
# %%
%history -n -l 2
# %%
%save -f /tmp/saved.py 2
# %%
%load /tmp/saved.py
# %%
%macro twice 2
# %%
%psearch os.path.j*
# %%
%pdef os.path.join
%pdoc os.path.join
%pfile os.path.join
%psource mod_cold.f
# %%
import json
json.dumps?
# %%
json.JSONEncoder.default??
# %%
%pinfo2 json.load
# %%
%matplotlib --list
# %%
%matplotlib inline
import matplotlib.pyplot as plt
plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.show()
# %%
%config InlineBackend.figure_formats = ['svg', 'retina', 'jpeg', 'pdf']
plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.show()
# %%
%config InlineBackend
# %%
%pylab inline
# %%
%precision 3
3.14159
# %%
%doctest_mode
# %%
%doctest_mode
# %%
%xmode Verbose
# %%
%colors linux
# %%
%gui asyncio
# %%
import asyncio
await asyncio.sleep(0); (await (await asyncio.create_subprocess_exec("echo", "from a process", stdout=-1)).communicate())[0]
# %%
%autoawait trio
# %%
%load_ext cython
# %%
%%cython
def twice(int x): return 2 * x
# %%
twice(21)
# %%
%load_ext nothing_here
# %%
%notamagic
# %%
%logstart -o /tmp/log.py rotate
%logstop
# %%
%notebook /tmp/out.ipynb
# %%
%connect_info
# %%
%time sum([1])
# %%
%%debug
1
# %%
%pastebin nothing
# %%
%edit /tmp/saved.py
# %%
%man ls
# %%
%less sample.ipynb
# %%
%qtconsole
# %%
%reset -f
%who
# %%
input("name? ")
# %%
import getpass; getpass.getpass("word? ")
# %%
exit

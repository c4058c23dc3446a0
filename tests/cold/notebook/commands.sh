# What people type in a terminal of the service; sent to `sh` in its container.
made=$(mktemp -d); cp sample.ipynb "$made"; cd "$made" || exit
say() { printf '== %s\n' "$*"; "$@" 2>&1 | sed 's/[0-9]\{4\}-[0-9-]*[ T][0-9:.,Z]*//g; s#/tmp/tmp[.][^ /"]*#DIR#g'; }
short() { n=$1; shift; say "$@" | head -n "$n"; }
short 30 jupyter --paths
short 5 jupyter --paths --json
say jupyter --version
say jupyter --data-dir
say jupyter kernelspec list
short 12 jupyter kernelspec list --json
short 6 jupyter kernelspec provisioners
say jupyter labextension list
short 3 jupyter labextension check nothing
short 4 jupyter labextension --help
short 4 jupyter labextension disable @jupyterlab/git
say jupyter labextension enable @jupyterlab/git
say jupyter labextension lock @jupyterlab/git
short 20 jupyter server extension list
say jupyter server extension disable jupyterlab_git
short 3 jupyter server list
short 3 jupyter lab list
say jupyter lab path
say jupyter lab --version
short 4 jupyter lab --generate-config
short 4 jupyter lab workspaces export
short 4 jupyter lab build
short 3 jupyter lab clean
short 3 jupyter lab licenses --csv
short 8 jupyter lab --show-config
short 8 jupyter lab --nothing
say jupyter troubleshoot | grep -c .
say jupyter nothing
say jupyter trust sample.ipynb
short 3 jupyter migrate
short 3 jupyter execute --help
say jupyter execute sample.ipynb
say jupyter run --help | head -n 2
printf 'print(6*7)\n' > s.py; say jupyter run s.py
say jupyter nbconvert --to nbformat --help | head -n 2
for form in html markdown slides script python latex rst asciidoc notebook custom; do say jupyter nbconvert --log-level ERROR --to $form sample.ipynb; done
for template in classic basic lab reveal nothing; do say jupyter nbconvert --log-level ERROR --to html --template $template --output t-$template sample.ipynb | tail -n 1; done
say jupyter nbconvert --log-level ERROR --to html --HTMLExporter.theme=dark --embed-images --no-input --output dark sample.ipynb
say jupyter nbconvert --log-level ERROR --to html --HTMLExporter.theme=nothing --output dark sample.ipynb | tail -n 1
say jupyter nbconvert --to pdf sample.ipynb | tail -n 1
say jupyter nbconvert --to webpdf sample.ipynb | tail -n 1
say jupyter nbconvert --to qtpdf sample.ipynb | tail -n 1
say jupyter nbconvert --to html --execute --log-level ERROR --output ran sample.ipynb
say jupyter nbconvert --log-level ERROR --clear-output --inplace sample.ipynb
say jupyter nbconvert --log-level ERROR --to script --stdout sample.ipynb
say jupyter nbconvert --log-level ERROR --to notebook --nbformat 3 --output v3 sample.ipynb
say jupyter nbconvert nothing.ipynb | tail -n 1
ls | sort | tr '\n' ' '
say papermill sample.ipynb out.ipynb -p cups 5 --no-progress-bar --log-level ERROR
grep -c 'cups = 5' out.ipynb
say papermill --help-notebook sample.ipynb | tail -n 4
say papermill sample.ipynb - -p cups nothing --kernel nothing 2>&1 | tail -n 1
say papermill s3://nothing/x.ipynb y.ipynb | tail -n 1
say jupytext --to py:percent sample.ipynb --log-level ERROR
for form in md Rmd py:light py:sphinx py:hydrogen md:myst rst:x qmd; do say jupytext --to "$form" -o "x.${form%%:*}" sample.ipynb | tail -n 1; done
say jupytext --to ipynb sample.py --output back.ipynb
say jupytext --set-formats ipynb,py:percent sample.ipynb
say jupytext --sync sample.ipynb | tail -n 1
say jupytext --test --to md sample.ipynb | tail -n 1
say ipython -c 'print(1); %timeit -n1 -r1 -q 1'
printf 'x = 2\nx?\n%%lsmagic\nquit\n' | TERM=dumb ipython --simple-prompt --no-banner 2>&1 | head -n 20
say ipython profile create cold
say ipython profile list
say ipython locate
short 3 ipython --help-all
say ipython history trim
say ipython kernel install --user --name mine
say jupyter kernelspec list
say jupyter kernelspec remove -f mine
say jupyter kernelspec install ~/.ipython | tail -n 1
(timeout 8 jupyter kernel --kernel python3 2>&1 | head -n 1) 
short 3 pygmentize -V
say pygmentize -f html -l python s.py
say pygmentize -L lexers | grep -c .
say pygmentize -S monokai -f latex | head -n 2
say pygmentize -f svg s.py | head -n 2
say pygmentize -N x.rs
say jsonschema --version | head -n 1
say f2py | head -n 3
say cython --version
printf 'def f(int x): return x\n' > c.pyx; say cythonize -i c.pyx | tail -n 1; python -c 'import c; print(c.f(2))'
printf 'def g(): return 1\n' > d.pyx; python -c 'import pyximport; pyximport.install(build_dir="."); import d; print(d.g())' 2>&1 | tail -n 1
say numba -s | grep -E '^(CPU Name|Workqueue|OpenMP|TBB|Threading)' | head -n 5
printf '1+1\nquit\n' | say isympy -q -c python | tail -n 3
font=$(python -c 'import matplotlib; print(matplotlib.get_data_path())')/fonts/ttf/DejaVuSans.ttf
say pyftsubset "$font" --text=abc --output-file=sub.ttf; say pyftsubset "$font" --text=abc --flavor=woff2 --output-file=s.woff2 | tail -n 1
say ttx -q -t head -o - sub.ttf | head -n 2
say fonttools --help | head -n 1
say python -m fontTools.merge --help | head -n 1
say send2trash --help | head -n 1
say pybabel --version
say pybabel --list-locales | grep -c .
say wsdump --help | head -n 1
say httpx --help | head -n 1
say pyjson5 --help | head -n 1
say normalizer s.py | grep -c encoding
say debugpy --help | head -n 2
say debugpy-adapter --help | head -n 1
say jlpm --version | head -n 1
say nbdime --version | head -n 1
say nbdiff sample.ipynb out.ipynb | head -n 2
say nbmerge sample.ipynb sample.ipynb out.ipynb | wc -l
say nbshow sample.ipynb | head -n 2
say jupyter-trust --help | head -n 1
say python -m ipykernel --help | head -n 2
say python -m bash_kernel --version | head -n 1
say python -m plotly 2>&1 | tail -n 1
say python -m numpy.f2py -v
printf '      subroutine a(x)\n      real*8 x\nCf2py intent(in,out) x\n      x = x + 1\n      end\n' > a.f; say python -m numpy.f2py -c a.f -m fa | tail -n 1
say python -c 'import scipy, pandas, matplotlib; print(scipy.__config__.__name__, pandas.core.config_init.__name__)'
say python -m pandas 2>&1 | tail -n 1
say python -m tabulate s.py
say python -m bs4.diagnose 2>&1 | tail -n 1
say pip list --format=freeze
say pip check
say pip show -f bash_kernel | grep -E '^(Name|Requires|Required-by|  \.\.)'
say pip config list
say pip install --no-index nothing | tail -n 1
say pip download --no-index nothing | tail -n 1
say python -m venv own; say own/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)'; say own/bin/pip --version | cut -c1-3
say git -C ~/work log | head -n 1
say git init -q g; say git -C g status -s; say git config --global --list
say nbdime config-git --enable --global; say git config --global --list | sort | head -n 5
say which bash python jupyter git less vi nano curl wget gcc make pandoc
say tput colors
say locale -a
say pandoc --version | head -n 1
printf '# t\n\n$x$\n' | say pandoc -t html --mathml
printf '# t\n' | say pandoc -t docx -o x.docx; printf '# t\n' | say pandoc -t epub -o x.epub; printf '# t\n' | say pandoc -s -t revealjs | head -n 2; say pandoc x.docx -t gfm; say pandoc --list-output-formats | grep -c .

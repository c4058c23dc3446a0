# %%
def f(
# %%
1 +* 2
# %%
def deep(n): return n / 0 if n == 0 else deep(n - 1)
deep(3)
# %%
try: {}["k"]
except KeyError as e: raise ValueError("bad") from e
# %%
raise ExceptionGroup("many", [ValueError(1), TypeError("x"), ExceptionGroup("in", [OSError(2, "no such thing")])])
# %%
import sys; sys.setrecursionlimit(300)
def r(): return r()
try: r()
except RecursionError as e: print("recursion", type(e).__name__)
sys.setrecursionlimit(3000)
# %%
%xmode Verbose
# %%
import pandas; pandas.DataFrame({"a": [1]})["b"]
# %%
%xmode Plain
# %%
import pandas; pandas.read_csv("/nothing.csv")
# %%
%xmode Minimal
# %%
import numpy; numpy.linalg.inv(numpy.zeros((2, 2)))
# %%
%xmode Docs
# %%
import json; json.loads("{")
# %%
%xmode Context
# %%
import json; json.loads("{")
# %%
b"\xff".decode()
# %%
import nothing_at_all
# %%
e = ValueError("with a note"); e.add_note("here"); raise e
# %%
%tb
# %%
%%python
raise SystemExit(3)
# %%
import warnings; warnings.warn("look")
# %%
assert 1 == 2, "arithmetic"
# %%
raise SystemExit(2)
# %%
await 3
# %%
from IPython.core.ultratb import VerboseTB, FormattedTB, ListTB
import sys
try: 1 / 0
except ZeroDivisionError: print(len(VerboseTB().text(*sys.exc_info())) > 20)
# %%
import traceback, faulthandler, cgitb
try: int("x")
except ValueError: print(traceback.format_exc().splitlines()[-1]); print("ValueError" in cgitb.html(sys.exc_info()), "ValueError" in cgitb.text(sys.exc_info()))
# %%
import logging; logging.basicConfig(force=True, stream=sys.stdout); logging.getLogger("x").exception("boom", exc_info=ValueError(1))
# %%
class Bad:
    def __repr__(self): raise RuntimeError("no repr")
Bad()
# %%
class Pretty:
    def _repr_html_(self): raise RuntimeError("no html")
    def _repr_mimebundle_(self, **k): return {"application/json": {}, "text/plain": "bundle"}
Pretty()
# %%
from IPython.display import *
display(HTML("<i>h</i>"), Markdown("m"), Latex("x"), SVG("<svg xmlns='http://www.w3.org/2000/svg'/>"), JSON({"a": 1}), Code("x = 1", language="python"), Math("x"), GeoJSON({"type": "Point", "coordinates": [0, 0]}), FileLink("sample.ipynb"), IFrame("about:blank", 1, 1), YouTubeVideo("a"), ProgressBar(3), Audio([0.0, 0.1], rate=8000), Pretty("p"))
# %%
Image("/nothing.png")
# %%
from IPython.lib import backgroundjobs, pretty, demo, latextools, deepreload, guisupport, clipboard, lexers
print(latextools.latex_to_png("x", wrap=True) is not None, latextools.latex_to_html("$x$")[:20])
# %%
h = display("first", display_id=True); h.update("second"); clear_output(wait=True); print("done")

# %%
import ipywidgets as w
from IPython.display import display
w.IntSlider(value=3)
# %%
@w.interact(x=(0, 5), y=["a", "b"], z=True, s="t")
def f(x, y, z, s): print(x, y, z, s)
# %%
made = [kind() for kind in (w.Text, w.Textarea, w.Password, w.Combobox, w.Dropdown, w.FloatSlider, w.FloatLogSlider, w.IntRangeSlider, w.BoundedFloatText, w.Button, w.ToggleButtons, w.RadioButtons, w.Select, w.SelectMultiple, w.SelectionSlider, w.DatePicker, w.TimePicker, w.DatetimePicker, w.NaiveDatetimePicker, w.ColorPicker, w.FileUpload, w.HTML, w.HTMLMath, w.Image, w.Video, w.Audio, w.Play, w.Valid, w.Accordion, w.Tab, w.Stack, w.GridBox, w.AppLayout, w.TwoByTwoLayout, w.Output, w.TagsInput, w.Controller, w.Checkbox, w.FloatProgress) if kind is not w.SelectionSlider] + [w.SelectionSlider(options=[1, 2])]
len(made)
# %%
w.GridspecLayout(2, 2)
# %%
out = w.Output()
with out: print("into the box")
out.outputs
# %%
a, b = w.IntSlider(), w.IntText(); w.jslink((a, "value"), (b, "value")); w.link((a, "value"), (b, "value")); a.value = 4; b.value
# %%
from ipywidgets.embed import embed_minimal_html, embed_data, dependency_state
embed_minimal_html("/tmp/w.html", views=[a], title="t"); len(open("/tmp/w.html").read()) > 500
# %%
w.Image.from_file("/nothing.png")
# %%
w.IntSlider(value="x")
# %%
w.interactive_output(f, {"x": a})
# %%
import sys; [m for m in ("anywidget", "ipympl", "ipykernel") if m in sys.modules]
# %%
import plotly.graph_objects as go
go.Figure(go.Scatter(y=[1, 2]))
# %%
go.Figure().show(renderer="iframe")
# %%
import sympy; sympy.init_printing(); sympy.Symbol("x") ** 2
# %%
import pandas as pd; pd.DataFrame({"a": [1]})
# %%
pd.DataFrame({"a": [1]}).style.highlight_max()
# %%
import numba
@numba.njit(cache=True)
def g(x): return x + 1
g(1)
# %%
g("x" if False else None)
# %%
import pyarrow as pa; pa.table({"a": [1]})
# %%
import multiprocessing as mp
with mp.get_context("fork").Pool(2) as p: print(p.map(abs, [-1, 2]))
# %%
import seaborn as sns, matplotlib.pyplot as plt
sns.set_theme(); sns.histplot([1, 2, 2]); plt.show()
# %%
%matplotlib widget
# %%
%matplotlib notebook
# %%
%matplotlib tk
# %%
from tqdm.auto import tqdm
for i in tqdm(range(2)): pass
# %%
from ipykernel.comm import Comm
Comm(target_name="nowhere").send({"method": "hello"})
# %%
import subprocess; print(subprocess.run(["git", "--version"], capture_output=True, text=True).stdout[:11])
# %%
import tkinter; tkinter.Tk()
# %%
import webbrowser; webbrowser.open("http://127.0.0.1")
# %%
import requests; requests.get("http://127.0.0.1:9")
# %%
import requests; requests.get("https://127.0.0.1:8888", timeout=3)
# %%
import sqlite3; sqlite3.connect(":memory:").execute("select sqlite_version() > '3'").fetchone()
# %%
import locale, calendar; locale.setlocale(locale.LC_ALL, "de_DE.UTF-8"), calendar.day_name[0], locale.format_string("%.2f", 1234.5, grouping=True)
# %%
locale.setlocale(locale.LC_ALL, "ja_JP.UTF-8")
# %%
import zoneinfo, dateutil.tz, datetime
datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Asia/Tokyo")).tzname(), dateutil.tz.gettz("Europe/Berlin").tzname(datetime.datetime(2026, 7, 1))
# %%
zoneinfo.ZoneInfo("Nowhere/X")
# %%
import time, os; os.environ["TZ"] = "America/New_York"; time.tzset(); time.tzname
# %%
import pdb; pdb.run("1")

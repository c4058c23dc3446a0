"""What a locale and a time zone change."""

import calendar
import locale
import os
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import matplotlib
import numpy as np
import pandas as pd

locale.setlocale(locale.LC_ALL, "")
matplotlib.use("agg")
import matplotlib.pyplot as plt

print("==", locale.getlocale(), time.tzname, sys.getfilesystemencoding(), locale.getpreferredencoding(False))
print(
    "==",
    datetime(2024, 3, 5).strftime("%A %B"),
    calendar.month_name[5],
    locale.format_string("%.2f", 1234.5, grouping=True),
    sorted(["z", "ä", "a"], key=locale.strxfrm),
)
print(
    "==",
    pd.Timestamp("2024-07-01 12:00", tz="UTC").tz_convert(os.environ["TZ"]),
    pd.Timestamp("2024-03-05").day_name(),
    pd.Timestamp("2024-03-05").month_name(locale=os.environ.get("LC_TIME") or None),
)
print("==", datetime.fromtimestamp(0, ZoneInfo("Pacific/Apia")).isoformat(), len(__import__("zoneinfo").available_timezones()) > 400)
plt.rcParams["axes.formatter.use_locale"] = True
figure, axes = plt.subplots()
axes.plot([0.5, 1000.5])
figure.canvas.draw()
print("==", [text.get_text() for text in axes.get_yticklabels()][1:3])
import astropy.time
import holidays
import pint
import xarray as xr
from rdkit import Chem
from rdkit.Chem import Draw

print(
    "==",
    holidays.country_holidays("DE", years=2024, language="en_US").get("2024-12-25"),
    pint.UnitRegistry()("1.5 km").to("m"),
    astropy.time.Time("2024-01-01").to_datetime(timezone=ZoneInfo(os.environ["TZ"])),
)
os.chdir("/tmp")
Draw.MolToFile(Chem.MolFromSmiles("CCO"), "Äthanol.svg")
xr.Dataset({"größe": ("t", np.arange(3.0))}).to_netcdf("Größe.nc")
print("==", sorted(name for name in os.listdir(".") if name.endswith((".svg", ".nc"))), list(xr.open_dataset("Größe.nc")))
import geopandas as gpd

gpd.GeoDataFrame({"ort": ["Ä"]}, geometry=gpd.points_from_xy([1.5], [2.5]), crs=4326).to_file("Plätze.shp", encoding="cp1252")
print("==", gpd.read_file("Plätze.shp").iloc[0, 0], gpd.read_file("Plätze.shp").geometry[0])
print(
    "==",
    pd.read_csv(__import__("io").BytesIO("n;x\nü;1,5\n".encode("cp1252")), sep=";", decimal=",", encoding="cp1252").to_dict("list"),
    "日本".encode("shift_jis").decode("shift_jis"),
    "Ω".encode("cp1253"),
)

"""Arrays in files, with every compressor that is asked for by name."""

import numpy as np
import pandas as pd


def _weather():
    import xarray as xr

    when = pd.date_range("2024-01-01", periods=24, freq="D")
    random = np.random.default_rng(3)
    return xr.Dataset(
        {
            "warm": (("time", "lat", "lon"), random.normal(10, 3, (24, 4, 5)).astype("f4"), {"units": "degC"}),
            "name": (("lat",), np.array(["a", "bb", "c", "d"])),
        },
        coords={"time": when, "lat": np.linspace(50, 53, 4), "lon": np.linspace(8, 12, 5)},
        attrs={"title": "weather"},
    )


def engines():
    import xarray as xr

    told = [sorted(xr.backends.list_engines())]
    data = _weather()
    for engine, form, kept in (
        ("netcdf4", "NETCDF4", True),
        ("netcdf4", "NETCDF3_64BIT", False),
        ("h5netcdf", "NETCDF4", True),
        ("scipy", "NETCDF3_CLASSIC", False),
    ):
        path = f"{engine}-{form}.nc"
        (data if kept else data.drop_vars("name")).to_netcdf(path, engine=engine, format=form)
        with xr.open_dataset(path, engine=engine) as back:
            told.append(f"{engine} {form} {float(back.warm.mean()):.2f} {back.time.dtype}")
    return told


def filters_of_netcdf():
    import netCDF4
    import xarray as xr

    told = []
    data = _weather()[["warm"]]
    for name in ("zlib", "zstd", "bzip2", "blosc_lz4", "blosc_zstd", "szip"):
        try:
            data.to_netcdf(f"{name}.nc", engine="netcdf4", encoding={"warm": {"compression": name, "complevel": 4, "shuffle": True}})
            with netCDF4.Dataset(f"{name}.nc") as file:
                told.append(f"{name} {float(file['warm'][:].mean()):.2f} {sorted(key for key, value in file['warm'].filters().items() if value)[:2]};")
        except Exception as error:
            told.append(f"{name} {type(error).__name__};")
    with xr.open_dataset("zlib.nc", engine="h5netcdf") as back:
        told.append(back.warm.shape)
    return told


def netcdf_by_hand():
    import netCDF4

    with netCDF4.Dataset("hand.nc", "w") as file:
        group = file.createGroup("deep/er")
        group.createDimension("n", None)
        kind = group.createCompoundType(np.dtype([("x", "f8"), ("n", "i4")]), "pair")
        group.createEnumType(np.uint8, "weather", {"sun": 0, "rain": 1})
        group.createVLType(np.int32, "row")
        variable = group.createVariable("pairs", kind, ("n",))
        variable[:] = np.array([(1.5, 2)], dtype=kind.dtype)
        when = group.createVariable("time", "f8", ("n",))
        when.units, when.calendar = "days since 2000-01-01", "noleap"
        when[:] = netCDF4.date2num(netCDF4.num2date([365.0], when.units, when.calendar), when.units, when.calendar)
    with netCDF4.Dataset("hand.nc") as file:
        group = file["deep/er"]
        return [
            group["pairs"][0]["x"],
            str(netCDF4.num2date(group["time"][0], "days since 2000-01-01", "noleap")),
            netCDF4.__has_nc_inq_path__,
            file.data_model,
        ]


def calendars():
    import xarray as xr

    when = xr.date_range("2000-02-27", periods=5, calendar="360_day", use_cftime=True)
    data = xr.DataArray(np.arange(5.0), coords={"time": when}, dims="time")
    return [
        str(data.time.values[-1]),
        data.convert_calendar("standard", align_on="date").sizes["time"],
        data.resample(time="MS").mean().values.tolist(),
        data.groupby("time.month").sum().values.tolist(),
    ]


def reckoned():
    data = _weather()
    chunked = data.chunk({"time": 6})
    return [
        round(float(chunked.warm.rolling(time=3).mean().max().compute()), 2),
        data.warm.interp(lat=51.5, method="linear").shape,
        data.warm.coarsen(lat=2).mean().shape,
        round(float(data.warm.weighted(np.cos(np.deg2rad(data.lat))).mean()), 2),
        data.warm.to_dataframe().shape,
        len(data.warm.polyfit("time", 1).data_vars),
        data.warm.curvefit("time", lambda t, a: a + 0 * t).curvefit_coefficients.shape,
        "xr-wrap" in data._repr_html_(),
        type(data.warm.isel(time=0).plot()).__name__,
    ]


def a_tree():
    import xarray as xr

    tree = xr.DataTree.from_dict({"/": _weather(), "/coarse": _weather().isel(lat=[0, 2]).rename(lat="south")})
    tree.to_netcdf("tree.nc")
    back = xr.open_datatree("tree.nc")
    tree.to_zarr("tree.zarr")
    return [sorted(back.children), xr.open_datatree("tree.zarr", engine="zarr")["coarse"].ds.sizes["south"]]


def zarr_codecs():
    import numcodecs
    import zarr

    values = np.arange(2000, dtype="i4")
    told = [zarr.__version__.split(".")[0]]
    for name in ("blosc", "zstd", "lz4", "zlib", "gzip", "bz2", "lzma"):
        array = zarr.create_array(
            f"{name}.zarr",
            shape=values.shape,
            chunks=(500,),
            dtype="i4",
            zarr_format=2,
            compressors=numcodecs.get_codec({"id": name}),
            filters=[numcodecs.Delta(dtype="i4")],
            overwrite=True,
        )
        array[:] = values
        told.append(f"{name} {int(zarr.open_array(f'{name}.zarr', mode='r')[:].sum())}")
    return told


def zarr_codecs_of_three():
    import zarr
    from zarr.codecs import BloscCodec, Crc32cCodec, GzipCodec, ZstdCodec

    values = np.linspace(0, 1, 4096).reshape(64, 64)
    told = []
    for number, codecs in enumerate(([BloscCodec(cname="lz4hc", shuffle="bitshuffle")], [GzipCodec(level=3)], [ZstdCodec(level=3), Crc32cCodec()])):
        zarr.create_array(f"three{number}.zarr", data=values, chunks=(16, 16), shards=(32, 32), compressors=codecs)
        told.append(round(float(zarr.open_array(f"three{number}.zarr", mode="r")[:].sum())))
    from zarr.registry import get_codec_class

    told.append([get_codec_class(name).__name__ for name in ("numcodecs.delta", "numcodecs.lzma", "numcodecs.fixedscaleoffset")])
    return told


def zarr_stores():
    import zarr
    from zarr.storage import LocalStore, MemoryStore, ZipStore

    told = []
    for store in (MemoryStore(), LocalStore("local.zarr"), ZipStore("zip.zarr.zip", mode="w")):
        group = zarr.create_group(store=store)
        group.create_array("a/b", shape=(10,), chunks=(5,), dtype="f4")[:] = 1
        group.create_array("s", shape=(3,), dtype="U4")[:] = np.array(["x", "yy", "z"])
        told.append([sorted(group), float(group["a/b"][:].sum())])
    zarr.consolidate_metadata(LocalStore("local.zarr"))
    return [told, "a" in str(zarr.open_group("local.zarr").tree()) if _has("rich") else "no tree"]


def _has(name):
    import importlib.util

    return importlib.util.find_spec(name) is not None


def codecs_alone():
    import numcodecs

    texts = np.array(["a", "bb", "ä"], dtype=object)
    told = []
    for codec in (numcodecs.VLenUTF8(), numcodecs.JSON(), numcodecs.MsgPack(), numcodecs.Categorize(labels=["a", "bb", "ä"], dtype=object)):
        told.append(f"{codec.codec_id} {list(codec.decode(codec.encode(texts)))[-1]}")
    numbers = np.linspace(0, 10, 100)
    for codec in (
        numcodecs.FixedScaleOffset(0, 10, "f8", "i4"),
        numcodecs.Quantize(3, "f8"),
        numcodecs.BitRound(10),
        numcodecs.Shuffle(8),
        numcodecs.CRC32(),
        numcodecs.Adler32(),
        numcodecs.Fletcher32(),
        numcodecs.JenkinsLookup3(),
        numcodecs.AsType("f4", "f8"),
        numcodecs.PackBits(),
    ):
        given = numbers > 5 if codec.codec_id == "packbits" else numbers.astype("f4") if codec.codec_id == "bitround" else numbers
        back = codec.decode(codec.encode(given))
        told.append(f"{codec.codec_id} {abs(float(np.frombuffer(np.ascontiguousarray(back), dtype=given.dtype).sum()) - float(given.sum())) < 2}")
    return told


def through_dask_and_xarray():
    import xarray as xr

    _weather().chunk({"time": 8}).to_zarr("weather.zarr", consolidated=True)
    with xr.open_mfdataset([_part(0), _part(1)], combine="by_coords", parallel=False) as many:
        sizes = dict(many.sizes)
    back = xr.open_zarr("weather.zarr")
    return [sizes["time"], round(float(back.warm.mean().compute()), 2), back.chunks["time"], str(back.name.values[1])]


def _part(number):
    path = f"part{number}.nc"
    _weather().isel(time=slice(12 * number, 12 * number + 12)).to_netcdf(path)
    return path

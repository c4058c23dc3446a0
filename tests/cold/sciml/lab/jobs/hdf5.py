"""HDF5 with every compressor that a plugin brings; a process of its own, for netCDF4 has another copy of the library."""

import os

import numpy as np


def filters_of_hdf5():
    import h5py
    import hdf5plugin

    values = np.arange(4096, dtype="i4").reshape(64, 64) // 7
    filters = {
        "bitshuffle": hdf5plugin.Bitshuffle(),
        "blosc": hdf5plugin.Blosc(cname="zstd"),
        "blosc2": hdf5plugin.Blosc2(cname="lz4"),
        "bzip2": hdf5plugin.BZip2(),
        "lz4": hdf5plugin.LZ4(),
        "zstd": hdf5plugin.Zstd(),
        "fcidecomp": hdf5plugin.FciDecomp(),
        "zfp": hdf5plugin.Zfp(reversible=True),
        "sz": hdf5plugin.SZ(absolute=0.1),
        "sz3": hdf5plugin.SZ3(absolute=0.1),
        "gzip": {"compression": "gzip"},
        "lzf": {"compression": "lzf"},
        "szip": {"compression": "szip"},
    }
    told = []
    for name, options in filters.items():
        given = values.astype("f4") if name in ("sz", "sz3") else values.astype("u2") if name == "fcidecomp" else values
        with h5py.File(f"{name}.h5", "w") as file:
            file.create_dataset("x", data=given, chunks=(32, 32), **options)
        with h5py.File(f"{name}.h5") as file:
            told.append(f"{name} {abs(float(file['x'][:].sum()) - float(values.sum())) < 500};")
    return told


def a_plugin_for_a_stranger():
    """A program that knows nothing of hdf5plugin reads its files by HDF5_PLUGIN_PATH."""
    import subprocess
    import sys

    import h5py
    import hdf5plugin

    with h5py.File("strange.h5", "w") as file:
        file.create_dataset("x", data=np.arange(5000.0), **hdf5plugin.Blosc())
    script = "import h5py; print(h5py.File('strange.h5')['x'][:].sum())"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "HDF5_PLUGIN_PATH": hdf5plugin.PLUGIN_PATH}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def the_rest_of_hdf5():
    import h5py

    with h5py.File("rest.h5", "w", libver="latest", track_order=True) as file:
        file["text"] = ["ä", "b"]
        file["kind"] = np.array([(1, 2.0)], dtype=[("a", "i2"), ("b", "f8")])
        file["ref"] = file["text"].ref
        file["link"] = h5py.SoftLink("/text")
        file.create_dataset("enum", data=[0, 1], dtype=h5py.enum_dtype({"no": 0, "yes": 1}))
        layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
        file.create_dataset("long", (2,), dtype=h5py.vlen_dtype("i4"))
        file.create_virtual_dataset("virtual", layout, fillvalue=7)
    with h5py.File("core.h5", "w", driver="core", backing_store=False) as file:
        file["x"] = 1
    with h5py.File("split.h5", "w", driver="split") as file:
        file["x"] = 2
    with h5py.File("rest.h5", swmr=False) as file:
        return [sorted(file), file["virtual"][:].sum(), file[file["ref"][()]][0].decode(), h5py.check_enum_dtype(file["enum"].dtype)]

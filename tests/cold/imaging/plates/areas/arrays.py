"""Arrays: Zarr's stores and codecs, dask-image, TIFF of every compression, imagecodecs by name."""

import numpy as np


def zarr_stores() -> object:
    import zarr

    out = []
    for name, store in (
        ("memory", zarr.storage.MemoryStore()),
        ("local", zarr.storage.LocalStore("a.zarr")),
        ("zip", zarr.storage.ZipStore("a.zip", mode="w")),
    ):
        made = zarr.create_array(store, name="x", shape=(20, 20), chunks=(5, 5), dtype="f4", overwrite=False)
        made[:] = 3
        out.append((name, float(made[:].sum())))
    group = zarr.open_group("g.zarr", mode="w", zarr_format=2)
    group.create_array("b", shape=(4,), dtype="i4", chunks=(2,))[:] = 1
    zarr.consolidate_metadata(group.store)
    return out, int(zarr.open_consolidated("g.zarr", zarr_format=2)["b"][:].sum()), len(str(group.tree())) if _there("rich") else "no rich"


def _there(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def zarr_codecs() -> object:
    import zarr
    from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

    out = []
    for codec in (BloscCodec(cname="lz4"), BloscCodec(cname="zstd"), GzipCodec(), ZstdCodec(), Crc32cCodec()):
        made = zarr.create_array(zarr.storage.MemoryStore(), shape=(30,), chunks=(10,), shards=(30,), dtype="i4", compressors=[codec])
        made[:] = np.arange(30)
        out.append((type(codec).__name__, int(made[:].sum())))
    import numcodecs

    for name in (
        "zlib",
        "bz2",
        "lzma",
        "lz4",
        "zstd",
        "blosc",
        "delta",
        "quantize",
        "packbits",
        "shuffle",
        "json2",
        "msgpack2",
        "vlen-utf8",
        "pickle",
        "crc32",
        "jenkins_lookup3",
        "zfpy",
        "pcodec",
    ):
        try:
            codec = numcodecs.get_codec({"id": name, **({"dtype": "i4"} if name == "delta" else {"digits": 3, "dtype": "f4"} if name == "quantize" else {})})
            out.append((name, type(codec).__name__))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out, TransposeCodec(order=(0,)).order, BytesCodec().endian.value


def pictures_in_parts() -> object:
    import dask
    import dask.array as da
    import dask_image.imread
    import dask_image.ndfilters as filters
    import dask_image.ndmeasure as measure
    import dask_image.ndmorph as morph
    import tifffile

    tifffile.imwrite("a.tif", np.arange(3 * 256, dtype="u2").reshape(3, 16, 16))
    stack = dask_image.imread.imread("a.tif")
    out = []
    for scheduler in ("threads", "synchronous", "processes"):
        with dask.config.set(scheduler=scheduler):
            out.append(float(filters.gaussian(da.ones((16, 16), chunks=8), 1).sum().compute()) > 0)
    labels, count = measure.label(da.from_array(np.kron(np.eye(4), np.ones((4, 4))), chunks=8))
    return (
        stack.shape,
        out,
        int(count.compute()),
        int(morph.binary_dilation(da.from_array(np.eye(8) > 0, chunks=4)).sum().compute()),
        float(filters.threshold_local(da.ones((16, 16), chunks=8), 3).mean().compute()) > 0,
        labels.shape,
    )


def tiff() -> object:
    import subprocess

    import tifffile

    picture = np.arange(64 * 64, dtype="u1").reshape(64, 64)
    out = []
    for name in ("zlib", "lzw", "packbits", "lzma", "zstd", "jpeg", "jpeg2000", "webp", "png", "jpegxl", "lerc", "jpegxr", "deflate", "pixarlog"):
        try:
            tifffile.imwrite(f"{name}.tif", picture if name != "webp" else np.stack([picture] * 3, -1), compression=name, tile=(32, 32))
            out.append((name, tifffile.imread(f"{name}.tif").shape))
        except Exception as error:
            out.append((name, type(error).__name__))
    tifffile.imwrite("a.ome.tif", np.zeros((2, 3, 16, 16), "u1"), metadata={"axes": "CZYX"}, ome=True)
    tifffile.imwrite("a.ij.tif", np.zeros((2, 16, 16), "u1"), imagej=True)
    with tifffile.TiffFile("a.ome.tif") as file:
        out.append((file.is_ome, file.series[0].axes, len(file.ome_metadata or "") > 100))
    out.append(tifffile.imread("a.ij.tif", aszarr=True).__class__.__name__)
    for words in (
        ["tiffcomment", "a.ome.tif"],
        ["python", "-m", "tifffile", "--help"],
        ["tiff2fsspec", "--help"],
        ["lsm2bin", "--help"],
        ["tifffile", "--version"],
    ):
        out.append((words[0], subprocess.run(words, capture_output=True, check=False).returncode))
    return out


def codecs() -> object:
    import imagecodecs

    picture = np.tile(np.arange(64, dtype="u1"), (64, 1))
    colours = np.stack([picture] * 3, -1)
    out = []
    for name in (
        "png",
        "jpeg8",
        "jpeg2k",
        "jpegls",
        "jpegxl",
        "jpegxr",
        "webp",
        "avif",
        "heif",
        "lerc",
        "qoi",
        "ultrahdr",
        "htj2k",
        "jpegsof3",
        "mozjpeg",
        "gif",
        "bmp",
        "spng",
        "apng",
        "tiff",
        "jetraw",
        "rgbe",
        "pixarlog",
        "sperr",
        "pcodec",
        "sz3",
        "zfp",
        "dds",
        "eer",
        "exr",
        "wic",
        "meshopt",
    ):
        data = {
            "webp": colours,
            "avif": colours,
            "heif": colours,
            "qoi": colours,
            "rgbe": colours.astype("f4"),
            "zfp": picture.astype("f4"),
            "sperr": picture.astype("f4"),
            "sz3": picture.astype("f4"),
        }.get(name, picture)
        try:
            coded = getattr(imagecodecs, name + "_encode")(data)
            out.append((name, np.asarray(getattr(imagecodecs, name + "_decode")(coded)).ndim))
        except Exception as error:
            out.append((name, type(error).__name__))
    for name in (
        "zlib",
        "zlibng",
        "deflate",
        "zstd",
        "lz4",
        "lz4f",
        "lz4h5",
        "lzf",
        "lzw",
        "lzma",
        "lzo",
        "lzham",
        "lzfse",
        "brotli",
        "brunsli",
        "snappy",
        "blosc",
        "blosc2",
        "bz2",
        "aec",
        "packbits",
        "bitshuffle",
        "delta",
        "xor",
        "szip",
        "zopfli",
        "gzip",
        "b2nd",
        "cms",
        "rcomp",
        "quantize",
        "float24",
        "bitorder",
        "byteshuffle",
        "packints",
        "h5checksum",
    ):
        try:
            coded = getattr(imagecodecs, name + "_encode")(bytes(range(256)) * 4)
            out.append((name, len(coded) > 0))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def codecs_at_work() -> object:
    import subprocess
    import sys

    import imagecodecs
    from imagecodecs import numcodecs as more

    imagecodecs.imwrite("a.jxl", np.zeros((8, 8), "u1"))
    more.register_codecs(verbose=False)
    done = subprocess.run([sys.executable, "-m", "imagecodecs", "--help"], capture_output=True, check=False)
    return (
        imagecodecs.imread("a.jxl").shape,
        len(imagecodecs.version(dict)) > 20,
        done.returncode,
        type(more.Jpegls()).__name__,
        len([name for name in dir(imagecodecs) if name.endswith("_encode")]) > 40,
    )


def hdf() -> object:
    import h5py

    out = []
    with h5py.File("a.h5", "w", libver="latest") as file:
        for name in ("gzip", "lzf", "szip"):
            try:
                file.create_dataset(name, data=np.arange(100), chunks=True, compression=name, shuffle=name == "gzip", fletcher32=name == "gzip")
                out.append((name, int(file[name][:].sum())))
            except ValueError as error:
                out.append((name, type(error).__name__))
        file["text"] = ["ä", "b"]
        file.create_virtual_dataset("v", h5py.VirtualLayout((2,), "i8"))
    with h5py.File("a.h5") as file:
        out.append(sorted(file))
    for driver in ("core", "stdio", "split"):
        with h5py.File(f"{driver}.h5", "w", driver=driver) as file:
            file["a"] = 1
            out.append(file.driver)
    return out


def measured() -> object:
    import skimage
    from skimage import data, exposure, feature, filters, io, measure, morphology, restoration, segmentation, transform

    coins = data.coins() if hasattr(data, "coins") else np.zeros((64, 64), "u1")
    small = transform.resize(coins, (64, 64))
    mask = small > filters.threshold_otsu(small)
    io.imsave("a.png", (mask * 255).astype("u1"), check_contrast=False)
    out = [
        measure.label(mask).max(),
        feature.canny(small).sum() > 0,
        exposure.equalize_adapthist(small).shape,
        morphology.skeletonize(mask).sum() > 0,
        io.imread("a.png").shape,
    ]
    out += [
        segmentation.slic(small, 6, channel_axis=None).max() > 1,
        restoration.denoise_tv_chambolle(small).shape,
        feature.hog(small).size,
        len(measure.find_contours(small, 0.5)) > 1,
        measure.marching_cubes(np.pad(np.ones((4, 4, 4)), 2), 0.5)[0].shape[1],
    ]
    out += [
        data.camera().shape,
        data.astronaut().shape,
        skimage.util.random_noise(small, rng=1).shape,
        transform.radon(small, [0.0, 90.0]).shape,
        feature.ORB(n_keypoints=5).detect_and_extract(coins.astype("f8") / 255) is None,
    ]
    try:
        data.brain()
    except Exception as error:
        out.append(type(error).__name__)
    return out

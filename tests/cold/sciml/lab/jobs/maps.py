"""Projections, pictures and tables of places: three copies of GDAL and PROJ, each with its own data."""

import io
import os
import zipfile

import numpy as np


def projections():
    import pyproj
    from pyproj import CRS, Geod, Proj, Transformer

    east, north = Transformer.from_crs(4326, 25832, always_xy=True).transform(11.5, 48.1)
    swiss = Transformer.from_crs("EPSG:4326", "EPSG:2056").transform(46.95, 7.44)
    azimuth, _, metres = Geod(ellps="WGS84").inv(13.4, 52.5, 2.35, 48.85)
    area, _ = Geod(ellps="GRS80").polygon_area_perimeter([0, 1, 1, 0], [0, 0, 1, 1])
    return [
        round(east),
        round(north),
        [round(item) for item in swiss],
        round(azimuth),
        round(metres / 1000),
        round(area / 1e6),
        Proj("+proj=robin +lon_0=10")(20, 30)[0] > 0,
        CRS.from_user_input("ESRI:54030").name,
        CRS.from_wkt(CRS.from_epsg(3857).to_wkt("WKT1_ESRI")).to_epsg(min_confidence=20),
        CRS.from_epsg(31468).to_cf()["grid_mapping_name"],
        pyproj.database.query_utm_crs_info("WGS 84", pyproj.aoi.AreaOfInterest(10, 50, 11, 51))[0].code,
        len(pyproj.database.get_authorities()) > 5,
        len(pyproj.get_ellps_map()) > 30,
        len(pyproj.database.query_crs_info(auth_name="EPSG", pj_types=[pyproj.enums.PJType.VERTICAL_CRS])) > 100,
    ]


def grids_that_are_not_there():
    from pyproj.transformer import TransformerGroup

    group = TransformerGroup(4267, 4269, always_xy=True)
    return [group.best_available, len(group.unavailable_operations) > 0, [round(value, 2) for value in group.transformers[0].transform(-100.0, 40.0)]]


def projections_of_others():
    import fiona.transform
    import geopandas as gpd
    import pandas as pd
    import rasterio.warp

    one = rasterio.warp.transform("EPSG:4326", "EPSG:3035", [10], [52])
    two = fiona.transform.transform("EPSG:4326", "EPSG:27700", [-1], [52])
    places = gpd.GeoDataFrame({"n": ["a"]}, geometry=gpd.points_from_xy([10], [50]), crs=4326).to_crs("EPSG:32632")
    from rasterio.crs import CRS

    return [
        [round(item[0]) for item in one],
        [round(item[0]) for item in two],
        round(places.geometry.x[0]),
        CRS.from_epsg(2154).to_string(),
        CRS.from_string("+proj=laea +lat_0=52").is_projected,
        places.estimate_utm_crs().to_epsg(),
        isinstance(pd.DataFrame(places), pd.DataFrame),
    ]


def _picture(path, driver="GTiff", kind="uint8", bands=1, **options):
    import rasterio
    from rasterio.transform import from_origin

    values = (np.indices((64, 64)).sum(axis=0) * 2 % 256).astype(kind)
    with rasterio.open(
        path, "w", driver=driver, width=64, height=64, count=bands, dtype=kind, crs="EPSG:32632", transform=from_origin(500000, 5600000, 100, 100), **options
    ) as file:
        for band in range(1, bands + 1):
            file.write(values, band)
    return path


def compressors_of_tiff():
    import rasterio

    told = []
    for name in ("LZW", "DEFLATE", "PACKBITS", "ZSTD", "LZMA", "LERC", "LERC_ZSTD", "JPEG", "WEBP", "CCITTFAX4", "JXL"):
        bands = 3 if name == "WEBP" else 1
        options = {"nbits": 1} if name == "CCITTFAX4" else {}
        try:
            _picture(f"{name}.tif", compress=name, bands=bands, tiled=True, blockxsize=32, blockysize=32, **options)
            with rasterio.open(f"{name}.tif") as file:
                told.append(f"{name} {file.read(1).shape} {file.compression.value if file.compression else None};")
        except Exception as error:
            told.append(f"{name} {type(error).__name__};")
    return told


def drivers_of_pictures():
    import rasterio
    from rasterio.shutil import copy

    _picture("first.tif")
    told = []
    for driver, ending in (
        ("PNG", "png"),
        ("JPEG", "jpg"),
        ("GIF", "gif"),
        ("COG", "cog.tif"),
        ("AAIGrid", "asc"),
        ("GPKG", "gpkg"),
        ("VRT", "vrt"),
        ("ENVI", "img"),
        ("HFA", "hfa.img"),
        ("EHdr", "bil"),
        ("BMP", "bmp"),
        ("WEBP", "webp"),
        ("XYZ", "xyz"),
        ("netCDF", "nc"),
        ("JP2OpenJPEG", "jp2"),
        ("PDF", "pdf"),
        ("KMLSUPEROVERLAY", "kmz"),
        ("MBTiles", "mbtiles"),
        ("Zarr", "zarr"),
        ("FITS", "fits"),
        ("HDF5", "h5"),
    ):
        try:
            copy("first.tif", f"copy.{ending}", driver=driver)
            with rasterio.open(f"copy.{ending}") as file:
                told.append(f"{driver} {file.count} {file.width}")
        except Exception as error:
            told.append(f"{driver} {type(error).__name__}")
    return told


def warped():
    import rasterio
    from rasterio import features, fill, mask, merge, plot, sample, vrt, warp
    from rasterio.enums import Resampling
    from rasterio.io import MemoryFile

    _picture("first.tif")
    with rasterio.open("first.tif", "r+") as file:
        file.build_overviews([2, 4], Resampling.average)
        file.update_tags(ns="lab", made="here")
        file.write_colormap(1, {0: (0, 0, 0, 255), 1: (255, 0, 0, 255)})
    told = []
    with rasterio.open("first.tif") as file:
        transform, width, height = warp.calculate_default_transform(file.crs, "EPSG:4326", file.width, file.height, *file.bounds)
        target = np.zeros((height, width), "uint8")
        for kind in (Resampling.nearest, Resampling.bilinear, Resampling.cubic, Resampling.lanczos, Resampling.mode):
            warp.reproject(rasterio.band(file, 1), target, dst_transform=transform, dst_crs="EPSG:4326", resampling=kind)
            told.append(int(target.astype("int64").sum() > 1000))
        with vrt.WarpedVRT(file, crs="EPSG:3857") as seen:
            told.append(seen.read(1).shape[0] > 50)
        shape = {"type": "Polygon", "coordinates": [[(500500, 5599000), (502000, 5599000), (502000, 5597000), (500500, 5599000)]]}
        cut, _ = mask.mask(file, [shape], crop=True)
        told += [cut.shape, file.overviews(1), file.tags(ns="lab"), [int(value[0]) for value in sample.sample_gen(file, [(500150, 5599850)])]]
        told.append(len(list(features.shapes(file.read(1) // 64))) > 3)
        told.append(features.rasterize([shape], out_shape=(64, 64), transform=file.transform).sum() > 10)
        told.append(fill.fillnodata(file.read(1).astype("f4"), (file.read(1) > 3)).shape)
        told.append(merge.merge([file])[0].shape)
        import matplotlib

        matplotlib.use("agg")
        told.append(type(plot.show(file)).__name__)
    with MemoryFile(open("first.tif", "rb").read()) as held, held.open() as file:
        told.append(file.profile["driver"])
    with zipfile.ZipFile("first.zip", "w") as file:
        file.write("first.tif")
    with rasterio.open(f"zip://{os.getcwd()}/first.zip!/first.tif") as file:
        told.append(file.lnglat()[0] > 8)
    return told


def no_picture():
    import rasterio

    open("none.tif", "w").write("no picture")
    told = []
    for path in ("none.tif", "nowhere.tif", "/vsicurl/http://127.0.0.1:9/x.tif"):
        try:
            rasterio.open(path)
        except rasterio.errors.RasterioIOError as error:
            told.append(str(error).split(";")[0][:60])
    try:
        rasterio.crs.CRS.from_epsg(99999)
    except rasterio.errors.CRSError as error:
        told.append(str(error)[:60])
    return told


def _places():
    import geopandas as gpd
    from shapely import Point

    return gpd.GeoDataFrame(
        {"name": ["Köln", "Bonn", "Aachen"], "people": [1080000, 330000, 250000]},
        geometry=[Point(6.96, 50.94), Point(7.1, 50.73), Point(6.08, 50.78)],
        crs=4326,
    )


def tables_of_places():
    import geopandas as gpd
    import pyogrio

    places = _places()
    told = []
    for engine in ("pyogrio", "fiona"):
        for driver, ending in (
            ("ESRI Shapefile", "shp"),
            ("GPKG", "gpkg"),
            ("GeoJSON", "geojson"),
            ("FlatGeobuf", "fgb"),
            ("CSV", "csv"),
            ("GeoJSONSeq", "geojsonl"),
            ("DXF", "dxf"),
            ("GPX", "gpx"),
            ("GML", "gml"),
            ("KML", "kml"),
            ("LIBKML", "kmz"),
            ("MapInfo File", "tab"),
            ("DGN", "dgn"),
            ("SQLite", "sqlite"),
            ("OpenFileGDB", "gdb"),
            ("ODS", "ods"),
            ("XLSX", "xlsx"),
            ("Parquet", "parquet"),
            ("PDF", "pdf"),
            ("MVT", "mvt"),
            ("PMTiles", "pmtiles"),
            ("JML", "jml"),
            ("VDV", "x10"),
            ("Selafin", "slf"),
            ("WAsP", "map"),
            ("S57", "000"),
            ("PGDUMP", "sql"),
            ("GMT", "gmt"),
            ("TopoJSON", "topojson"),
            ("MapML", "mapml"),
        ):
            path = f"{engine}.{ending}"
            table = places[["geometry"]] if driver in ("DXF", "GPX", "DGN") else places
            try:
                if driver in ("GPX",):
                    table = table.assign(name=places.name)
                table.to_file(path, driver=driver, engine=engine)
                told.append(f"{engine} {driver} {len(gpd.read_file(path, engine=engine))}")
            except Exception as error:
                told.append(f"{engine} {driver} {type(error).__name__}")
    told.append([name for name in ("GPKG", "S57", "OSM") if name in pyogrio.list_drivers()])
    return "; ".join(str(item) for item in told)


def maps_of_openstreetmap():
    import pyogrio

    with open("small.osm", "w") as file:
        file.write(
            '<?xml version="1.0"?><osm version="0.6"><node id="1" lat="50" lon="7" version="1"><tag k="name" v="well"/><tag k="amenity" v="fountain"/></node><node id="2" lat="50.1" lon="7.1" version="1"/><way id="3" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
        )
    return [list(pyogrio.read_dataframe("small.osm", layer="points").name), list(pyogrio.read_dataframe("small.osm", layer="lines").highway)]


def ways_of_reading():
    import geopandas as gpd
    import pyogrio

    places = _places()
    places.to_file("places.gpkg", layer="towns")
    places.to_file("places.shp", encoding="cp1252")
    with zipfile.ZipFile("places.zip", "w") as file:
        for name in sorted(os.listdir()):
            if name.startswith("places.") and not name.endswith(("zip", "gpkg")):
                file.write(name)
    places.to_parquet("places.parquet")
    places.to_feather("places.feather")
    held = io.BytesIO()
    places.to_file(held, driver="GeoJSON")
    held.seek(0)
    return [
        len(gpd.read_file("zip://places.zip")),
        gpd.read_file("places.shp").name[0],
        len(gpd.read_file("places.gpkg", bbox=(6.9, 50.7, 7.2, 51))),
        len(gpd.read_file("places.gpkg", where="people > 300000", use_arrow=True)),
        pyogrio.read_dataframe("places.gpkg", sql="select name, ST_AsText(geom) as w from towns order by name", sql_dialect="SQLITE").iloc[0].tolist()[0],
        pyogrio.read_info("places.gpkg")["crs"],
        pyogrio.list_layers("places.gpkg").tolist(),
        gpd.read_parquet("places.parquet").crs.to_epsg(),
        len(gpd.read_feather("places.feather")),
        len(gpd.read_file(held)),
        gpd.list_layers("places.gpkg").shape,
    ]


def fiona_by_hand():
    import fiona
    from fiona.transform import transform_geom

    scheme = {"geometry": "Point", "properties": {"name": "str:20", "when": "date"}}
    with fiona.open("hand.gpkg", "w", driver="GPKG", crs="EPSG:4326", schema=scheme, layer="points") as file:
        file.write({"type": "Feature", "geometry": {"type": "Point", "coordinates": (7, 50)}, "properties": {"name": "ä", "when": "2024-02-29"}})
    with fiona.open("hand.gpkg") as file:
        row = next(iter(file))
        return [
            row["properties"]["name"],
            row["properties"]["when"],
            [round(item) for item in transform_geom("EPSG:4326", "EPSG:3857", row["geometry"])["coordinates"]],
            file.crs.to_epsg(),
            fiona.listlayers("hand.gpkg"),
            len(fiona.supported_drivers) > 10,
        ]


def put_together():
    import geopandas as gpd
    import matplotlib
    import shapely

    matplotlib.use("agg")
    places = _places().to_crs(3035)
    rings = places.assign(geometry=places.buffer(30000))
    joined = gpd.sjoin(places, rings)
    cut = gpd.overlay(rings, rings.iloc[:1], how="intersection")
    figure = rings.plot(column="people", scheme=None, legend=True, cmap="OrRd").figure
    figure.savefig("rings.svg")
    try:
        rings.explore()
        seen = "explored"
    except ImportError as error:
        seen = str(error)[:40]
    return [
        len(joined),
        len(cut),
        len(rings.dissolve()),
        round(rings.dissolve().area.iloc[0] / 1e9, 2),
        gpd.sjoin_nearest(places, places.iloc[1:], distance_col="far").far.max() > 1000,
        seen,
        shapely.voronoi_polygons(places.union_all()).geom_type,
        shapely.make_valid(shapely.from_wkt("POLYGON((0 0,1 1,1 0,0 1,0 0))")).geom_type,
        len(shapely.STRtree(list(rings.geometry)).query(places.geometry[0])),
        shapely.to_geojson(shapely.Point(1, 2)),
        shapely.concave_hull(places.union_all(), ratio=0.5).geom_type,
        shapely.geos_version >= (3, 11, 0),
        len(places.hilbert_distance()),
    ]

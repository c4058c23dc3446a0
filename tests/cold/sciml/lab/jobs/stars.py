"""Units, times, tables and pictures of the sky, without a network."""

import io

import numpy as np


def _calm():
    from astropy.utils import iers

    iers.conf.auto_download = False
    iers.conf.iers_degraded_accuracy = "warn"


def units():
    import astropy.units as u
    from astropy import constants
    from astropy.constants import codata2014
    from astropy.units import cds, imperial

    imperial.enable()
    flux = 3 * u.erg / u.s / u.cm**2 / u.AA
    told = [
        flux.unit.to_string(form)
        for form in ("generic", "fits", "vounit", "ogip", "cds", "latex", "latex_inline", "unicode", "console")
        if form not in ("ogip", "fits")
    ]
    told += [
        u.Unit(text, format=form).to_string() for text, form in (("erg.s-1.cm-2", "cds"), ("10**3 erg s**-1", "fits"), ("m**2/s", "ogip"), ("km/s", "vounit"))
    ]
    told += [
        round((500 * u.nm).to(u.THz, equivalencies=u.spectral()).value, 1),
        round(flux.to(u.Jy, equivalencies=u.spectral_density(5000 * u.AA)).value),
        round((3 * imperial.mile).to_value("km"), 3),
        f"{codata2014.h.value:.4e}",
        str(constants.G.unit),
        cds.solMass.to_string(),
        (20 * u.deg_C).to(u.K, equivalencies=u.temperature()).value,
    ]
    try:
        u.Unit("metre")
    except ValueError as error:
        told.append("Did you mean" in str(error))
    return told


def times():
    _calm()
    from astropy.time import Time, TimeDelta

    when = Time("2017-01-01T00:00:00", scale="utc")
    return [
        (when - Time("2016-12-31T00:00:00", scale="utc")).sec,
        [getattr(when, scale).iso for scale in ("tai", "tt", "tdb", "tcb", "ut1")],
        [
            str(when.to_value(form))[:14]
            for form in ("jd", "mjd", "unix", "gps", "byear_str", "jyear_str", "decimalyear", "fits", "yday", "cxcsec", "plot_date", "datetime64", "ymdhms")
        ],
        round(when.sidereal_time("mean", "greenwich").hour, 3),
        (when + TimeDelta(3, format="jd")).isot,
        Time.strptime("2020 Feb 03", "%Y %b %d").iso,
    ]


def places_in_the_sky():
    _calm()
    import astropy.units as u
    from astropy.coordinates import AltAz, Angle, EarthLocation, SkyCoord, get_body, get_constellation, get_sun, solar_system_ephemeris
    from astropy.time import Time

    when = Time("2020-06-01T22:00:00")
    here = EarthLocation(lat=52 * u.deg, lon=13 * u.deg, height=50 * u.m)
    vega = SkyCoord(
        "18h36m56s +38d47m01s", frame="icrs", pm_ra_cosdec=200 * u.mas / u.yr, pm_dec=286 * u.mas / u.yr, distance=7.7 * u.pc, radial_velocity=-14 * u.km / u.s
    )
    seen = vega.transform_to(AltAz(obstime=when, location=here))
    told = [
        round(seen.alt.deg, 1),
        round(vega.galactic.l.deg, 1),
        get_constellation(vega),
        get_constellation(vega, short_name=True),
        [round(get_body(name, when, here).ra.deg) for name in ("moon", "mars", "jupiter")],
        round(get_sun(when).dec.deg, 1),
    ]
    with solar_system_ephemeris.set("builtin"):
        told.append(round(get_body("saturn", when).dec.deg))
    for frame in ("fk5", "fk4", "galactocentric", "barycentrictrueecliptic", "supergalactic", "cirs", "itrs", "teme", "lsr"):
        given = vega.transform_to(frame) if frame not in ("cirs", "itrs", "teme") else SkyCoord(10 * u.deg, 20 * u.deg, obstime=when).transform_to(frame)
        told.append(f"{frame} {given.represent_as('spherical').lon.deg:.1f}")
    told += [
        Angle("12°30'5\"").to_string(unit=u.deg),
        Angle("3h20m").deg,
        round(vega.apply_space_motion(dt=50 * u.yr).ra.deg, 2),
        round(here.geodetic.lat.deg),
        SkyCoord([1, 2] * u.deg, [1, 2] * u.deg).match_to_catalog_sky(SkyCoord([2.1] * u.deg, [2.1] * u.deg))[0].tolist(),
    ]
    return told


def sites_and_names_that_are_elsewhere():
    _calm()
    from astropy.coordinates import EarthLocation, SkyCoord
    from astropy.utils.data import conf

    conf.allow_internet = False
    told = []
    for call in (lambda: EarthLocation.of_site("nowhere at all"), lambda: SkyCoord.from_name("M31"), lambda: EarthLocation.of_address("Berlin")):
        try:
            call()
            told.append("found")
        except Exception as error:
            told.append(type(error).__name__)
    return told


def pictures_in_fits():
    from astropy.io import fits

    values = np.arange(10000, dtype="i2").reshape(100, 100)
    told = []
    for kind in ("RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1", "NOCOMPRESS"):
        fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(values % 500, compression_type=kind, name=kind)]).writeto(f"{kind}.fits", checksum=True)
        with fits.open(f"{kind}.fits", checksum=True) as file:
            told.append(f"{kind} {int(file[1].data.astype('i8').sum())}")
    for ending in ("gz", "bz2"):
        fits.PrimaryHDU(values).writeto(f"plain.fits.{ending}")
        told.append(fits.getdata(f"plain.fits.{ending}").shape)
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("n", "J", array=[1, 2]),
            fits.Column("t", "5A", array=["a", "b"]),
            fits.Column("v", "PJ()", array=np.array([np.array([1]), np.array([1, 2])], dtype=object)),
        ]
    )
    table.header["LONGWORDS"] = ("x" * 90, "a card that is continued")
    table.header.add_history("made here")
    table.writeto("table.fits")
    fits.append("table.fits", values)
    with fits.open("table.fits", mode="update") as file:
        file[1].header["NEW"] = 3
        told.append([type(hdu).__name__ for hdu in file])
    return [told, fits.FITSDiff("table.fits", "plain.fits.gz").identical, len(fits.HDUList.fromstring(open("table.fits", "rb").read()))]


def tables():
    import astropy.units as u
    from astropy.table import QTable, Table, join, vstack

    table = QTable({"name": ["a", "b"], "far": [1.0, 2.5] * u.pc, "n": [3, 4]})
    told = []
    for form, ending in (
        ("ascii.ecsv", "ecsv"),
        ("ascii.csv", "csv"),
        ("ascii.cds", "cds"),
        ("ascii.mrt", "mrt"),
        ("ascii.fixed_width_two_line", "txt"),
        ("ascii.ipac", "ipac"),
        ("ascii.latex", "tex"),
        ("ascii.aastex", "aas"),
        ("ascii.html", "html"),
        ("ascii.rst", "rst"),
        ("ascii.daophot", "dao"),
        ("ascii.sextractor", "cat"),
        ("votable", "vot"),
        ("fits", "fits"),
        ("hdf5", "h5"),
        ("parquet", "parquet"),
        ("pandas.csv", "pcsv"),
        ("jsviewer", "js.html"),
        ("asdf", "asdf"),
    ):
        try:
            Table(table).write(f"t.{ending}", format=form, **({"path": "x", "serialize_meta": True} if form == "hdf5" else {}))
            told.append(f"{form} {len(Table.read(f't.{ending}', format=form))}")
        except Exception as error:
            told.append(f"{form} {type(error).__name__}")
    told.append(
        [
            len(join(table, table, keys="name")),
            len(vstack([table, table])),
            len(table.group_by("name").groups),
            table["far"].unit.to_string(),
            len(Table.read("t.csv", format="ascii")),
            type(table.to_pandas()).__name__,
            "<table" in table._repr_html_(),
        ]
    )
    return told


def a_virtual_observatory():
    from astropy.io.votable import from_table, parse, validate
    from astropy.table import Table

    votable = from_table(Table({"n": [1, 2], "t": ["a", "b"]}))
    votable.to_xml("some.vot", tabledata_format="binary2")
    told = io.StringIO()
    good = validate("some.vot", output=told, xmllint=False)
    from astropy.io.votable import ucd

    return [
        len(parse("some.vot").get_first_table().array),
        good,
        "VOTABLE" in open("some.vot").read(),
        ucd.parse_ucd("phot.mag;em.opt.V", check_controlled_vocabulary=True)[0],
    ]


def maps_of_the_sky():
    import matplotlib
    from astropy import visualization
    from astropy.wcs import WCS

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    wcs = WCS(naxis=2)
    wcs.wcs.crpix, wcs.wcs.cdelt, wcs.wcs.crval, wcs.wcs.ctype = [50, 50], [-0.01, 0.01], [83.6, 22.0], ["RA---TAN", "DEC--TAN"]
    figure = plt.figure()
    axes = figure.add_subplot(projection=wcs)
    axes.imshow(np.arange(10000).reshape(100, 100), norm=visualization.simple_norm(np.arange(10000), "asinh"))
    axes.coords.grid(True)
    figure.savefig("sky.png", dpi=50)
    with plt.style.context(visualization.astropy_mpl_style):
        visualization.hist(np.random.default_rng(1).normal(size=50), bins="knuth")
    with visualization.quantity_support():
        pass
    rgb = visualization.make_lupton_rgb(*[np.ones((4, 4)) * item for item in (1, 2, 3)])
    return [
        wcs.pixel_to_world(10, 20).to_string("hmsdms")[:20],
        len(wcs.to_header()) > 5,
        rgb.shape,
        wcs.footprint_contains(wcs.pixel_to_world(5, 5)) if wcs.array_shape else "no shape",
    ]


def the_world_and_models():
    from astropy import convolution, cosmology, modeling, stats, timeseries
    from astropy import units as u
    from astropy.nddata import CCDData, Cutout2D

    told = [
        round(getattr(cosmology, name).luminosity_distance(1).value)
        for name in ("Planck18", "Planck15", "Planck13", "WMAP9", "WMAP7", "WMAP5", "WMAP3", "WMAP1")
    ]
    cosmology.Planck18.write("cosmology.ecsv", format="ascii.ecsv")
    told.append(cosmology.Cosmology.read("cosmology.ecsv", format="ascii.ecsv").name)
    told.append(round(float(cosmology.z_at_value(cosmology.Planck18.age, 2 * u.Gyr)), 2))
    x = np.linspace(-3, 3, 50)
    fitted = modeling.fitting.LevMarLSQFitter()(modeling.models.Gaussian1D(1, 0.2, 0.8), x, np.exp(-(x**2) / 2))
    told.append(round(float(fitted.stddev.value), 2))
    told.append(convolution.convolve(np.ones((5, 5)), convolution.Gaussian2DKernel(1)).shape)
    told.append(round(float(stats.sigma_clipped_stats(np.arange(100.0))[1])))
    frequency, power = timeseries.LombScargle(np.arange(50.0), np.sin(np.arange(50.0))).autopower()
    told.append(round(float(frequency[np.argmax(power)]), 1))
    told.append(Cutout2D(CCDData(np.ones((9, 9)), unit="adu"), (4, 4), 3).shape)
    told.append(len(timeseries.BoxLeastSquares(np.arange(50.0), np.ones(50)).autopower(2.0).power) > 3)
    return told


def an_asdf_file():
    import asdf

    asdf.AsdfFile({"x": np.arange(5), "name": "ä", "nested": {"t": [1, 2.5]}}).write_to("some.asdf", all_array_compression="zlib")
    with asdf.open("some.asdf") as file:
        told = [int(file["x"].sum()), file["name"]]
    try:
        asdf.AsdfFile({"x": 1}, version="9.9.9")
    except ValueError:
        told.append("no such version")
    return [*told, len(file.info.__doc__) > 10]

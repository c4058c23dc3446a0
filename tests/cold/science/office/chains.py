"""Each chain is a list of steps: a command line, and the file that it makes in the folder ("" for what it prints)."""

CHAINS = {
    "upper": [(["sed", "s/.*/\\U&/", "{input}"], "")],
    "r": [(["Rscript", "--vanilla", "{input}"], "")],
    "r-plot": [(["Rscript", "--vanilla", "{input}"], "plot.pdf"), (["pdftotext", "{input}", "-"], "")],
    "octave": [(["octave-cli", "--quiet", "--no-init-file", "{input}"], "")],
    "gnuplot": [(["gnuplot", "-e", "set output '{output}'", "{input}"], "plot.png")],
    "tex": [
        (["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-output-directory={folder}", "{input}"], "input.pdf"),
        (["pdftotext", "-layout", "{input}", "-"], ""),
    ],
    "reproject": [
        (["ogr2ogr", "-t_srs", "EPSG:3857", "-f", "GeoJSON", "{output}", "{input}"], "out.json"),
        (["jq", "-c", ".features[0].geometry", "{input}"], ""),
    ],
    "raster": [
        (["gdal_create", "-of", "GTiff", "-outsize", "20", "10", "-burn", "7", "-a_srs", "EPSG:4326", "-a_ullr", "0", "10", "20", "0", "{output}"], "a.tif"),
        (["gdalwarp", "-q", "-t_srs", "EPSG:32632", "{input}", "{output}"], "b.tif"),
        (["gdal_translate", "-q", "-of", "PNG", "{input}", "{output}"], "c.png"),
    ],
    "tone": [
        (["sox", "-n", "{output}", "synth", "0.5", "sine", "440"], "a.wav"),
        (["sox", "{input}", "{output}", "reverb"], "a.ogg"),
        (["mediainfo", "--Output=Audio;%Format% %SamplingRate%", "{input}"], ""),
    ],
    "tone-mp3": [
        (["sox", "-n", "{output}", "synth", "0.5", "sine", "440"], "a.wav"),
        (["ffmpeg", "-v", "error", "-i", "{input}", "-c:a", "libmp3lame", "{output}"], "a.mp3"),
        (["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", "{input}"], ""),
    ],
    "film": [
        (["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=64x48:r=5", "-c:v", "libvpx-vp9", "{output}"], "a.webm"),
        (["ffmpeg", "-v", "error", "-i", "{input}", "-frames:v", "1", "{output}"], "a.png"),
    ],
    "maxima": [(["maxima", "--very-quiet", "--batch={input}"], "")],
    "units": [(["units", "--terse", "3 miles", "m"], "")],
    "jq": [(["jq", "-r", ".a | map(. * 2) | @csv", "{input}"], "")],
    "miller": [(["mlr", "--icsv", "--ojson", "stats1", "-a", "mean", "-f", "x", "{input}"], "")],
    "xml": [(["xmlstarlet", "sel", "-t", "-v", "//b", "{input}"], "")],
    "awk": [(["gawk", "-f", "{input}"], "")],
    "perl": [(["perl", "{input}"], "")],
    "lua": [(["lua5.4", "{input}"], "")],
    "tcl": [(["tclsh", "{input}"], "")],
    "guile": [(["guile", "--no-auto-compile", "-s", "{input}"], "")],
    "sql": [(["sqlite3", "-init", "/dev/null", "-json", ":memory:", ".read {input}"], "")],
}

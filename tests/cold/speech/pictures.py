"""scikit-image, imageio and Pillow beyond the profile: lazy stubs, plugins by format."""
import io
import os
import warnings

os.environ.setdefault("MPLCONFIGDIR", "/tmp/mpl")
warnings.simplefilter("ignore")
import numpy as np


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:90])


from PIL import Image, ImageCms, ImageDraw, ImageFilter, ImageFont, ImageMath, ImageMorph, ImageOps, ImageSequence, features

image = Image.fromarray((np.indices((48, 64)).sum(0) * 2).astype("u1")).convert("RGB")
Image.init()
print(sorted(Image.SAVE), len(Image.OPEN), sorted({*features.get_supported()} - {"tkinter"}))
for name in sorted(Image.SAVE):
    out = io.BytesIO()
    try:
        image.save(out, name)
        out.seek(0)
        again = Image.open(out)
        again.load()
        print(name, again.size, again.format)
    except Exception as error:
        print(name, type(error).__name__, str(error)[:40])


def heif():
    import pillow_heif

    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, "HEIF", quality=60)
    return Image.open(out).size


attempt("heif", heif)
attempt("font", lambda: ImageDraw.Draw(image).text((1, 1), "tea", font=ImageFont.truetype("DejaVuSans.ttf", 9)))
attempt("default font", lambda: ImageFont.load_default(12).getbbox("tea")[2] > 5)
attempt("profile", lambda: ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB").mode)
attempt("filters", lambda: image.filter(ImageFilter.GaussianBlur(2)).filter(ImageFilter.UnsharpMask()).size)
attempt("morph", lambda: ImageMorph.LutBuilder(op_name="dilation4").build_lut()[:2])
attempt("math", lambda: ImageMath.lambda_eval(lambda args: args["a"] + 1, a=image.convert("L")).size)
def animation():
    out = io.BytesIO()
    image.save(out, "GIF", save_all=True, append_images=[ImageOps.invert(image), image], duration=20)
    return out.getvalue()


attempt("gif", lambda: [frame.size for frame in ImageSequence.Iterator(Image.open(io.BytesIO(animation())))])


attempt("animated webp", lambda: image.save(io.BytesIO(), "WEBP", save_all=True, append_images=[ImageOps.invert(image)]))
for kind in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits", "zstd", "lzma", "webp"):
    attempt(kind, lambda: image.save(io.BytesIO(), "TIFF", compression=kind))
attempt("show", lambda: ImageOps.exif_transpose(image).getexif().get_ifd(0x8769))
import imageio.v3 as iio
import skimage

print(sorted(name for name in skimage.__all__ if getattr(skimage, name, None) is None))
for name in ("color", "data", "draw", "exposure", "feature", "filters", "future", "graph", "io", "measure", "metrics", "morphology", "registration", "restoration", "segmentation", "transform", "util"):
    attempt(name, lambda: [len([getattr(getattr(skimage, name), item) for item in getattr(getattr(skimage, name), "__all__", [])]) > 0])
from skimage import data, feature, filters, graph, measure, registration, restoration, segmentation, transform

grey = np.asarray(image.convert("L"), "float64") / 255
attempt("hog", lambda: feature.hog(grey).shape)
attempt("orb", lambda: feature.ORB(n_keypoints=4).detect(grey))
attempt("slic", lambda: segmentation.slic(np.asarray(image), n_segments=6).shape)
attempt("watershed", lambda: segmentation.watershed(grey).shape)
attempt("contours", lambda: len(measure.find_contours(grey, 0.3)) > 0)
attempt("regions", lambda: len(measure.regionprops(measure.label(grey > 0.4))) > 0)
attempt("thresholds", lambda: [round(float(getattr(filters, f"threshold_{name}")(grey)), 2) for name in ("otsu", "li", "yen", "isodata", "triangle")])
attempt("rank", lambda: filters.rank.median((grey * 255).astype("u1"), np.ones((3, 3))).shape)
attempt("tv", lambda: restoration.denoise_tv_chambolle(grey).shape)
attempt("wavelet", lambda: restoration.denoise_wavelet(grey).shape)
attempt("warp", lambda: transform.rotate(grey, 15).shape)
attempt("phase", lambda: registration.phase_cross_correlation(grey, grey)[0].tolist())
attempt("path", lambda: len(graph.route_through_array(grey, (0, 0), (5, 5))[0]) > 1)
attempt("rag", lambda: graph.rag_mean_color(np.asarray(image), segmentation.slic(np.asarray(image), n_segments=4)).number_of_nodes() > 0)
attempt("camera", lambda: data.camera().shape)
attempt("coins", lambda: data.coins().shape)
attempt("download", lambda: data.brain().shape)
attempt("skimage.io", lambda: (skimage.io.imsave("/tmp/a.png", (grey * 255).astype("u1")), skimage.io.imread("/tmp/a.png").shape))
attempt("tif", lambda: (skimage.io.imsave("/tmp/a.tif", grey.astype("float32")), skimage.io.imread("/tmp/a.tif").shape))
attempt("imageio", lambda: [(kind, iio.imread(iio.imwrite("<bytes>", np.asarray(image), extension=f".{kind}"), extension=f".{kind}").shape) for kind in ("png", "jpg", "webp", "bmp", "gif", "tiff")])
attempt("imageio by pyav", lambda: (iio.imwrite("/tmp/a.mp4", np.zeros((4, 64, 64, 3), "u1"), plugin="pyav", codec="libx264", fps=5), iio.imread("/tmp/a.mp4", plugin="pyav").shape))
attempt("imageio, ffmpeg", lambda: iio.imread("/tmp/a.mp4", plugin="FFMPEG").shape)
attempt("imageio, fits", lambda: iio.imread("/tmp/a.fits").shape)

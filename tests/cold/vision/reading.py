"""Words and codes by the libraries themselves: other settings, other outputs, each format of codes written and read."""

import io
import os
import warnings

warnings.simplefilter("ignore")
import numpy as np
from PIL import Image


def attempt(name, action):
    try:
        print(name, action(), flush=True)
    except BaseException as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:100], flush=True)


os.chdir("/tmp/w")
from rapidocr_onnxruntime import RapidOCR, VisRes
from rapidocr_onnxruntime.main import init_args

reader = RapidOCR(text_score=0.3, det_limit_side_len=480, intra_op_num_threads=1)
for source in (
    "words.png",
    Image.open("words.png").convert("L"),
    np.asarray(Image.open("words.png").convert("RGBA")),
    open("words.png", "rb").read(),
    "turned.webp",
    "white.png",
    "small.png",
):
    attempt(f"words {type(source).__name__}", lambda: [item[1] for item in reader(source)[0] or []])
attempt("no file", lambda: reader("/nothing.png"))
attempt("boxes only", lambda: len(reader("words.png", use_cls=False, use_rec=False)[0]))
attempt("words only", lambda: reader("line.png", use_det=False, use_cls=False)[0][0][0])
attempt("boxes of words", lambda: len(reader("words.png", return_word_box=True)[0][0]) > 3)
attempt("drawn", lambda: VisRes()(np.asarray(Image.open("words.png").convert("RGB")), [item[0] for item in reader("words.png")[0]]).shape)
attempt(
    "drawn with text",
    lambda: (
        VisRes()(
            np.asarray(Image.open("words.png").convert("RGB")),
            *[list(each) for each in zip(*reader("words.png")[0])],
            font_path="/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        ).shape
    ),
)
attempt("options", lambda: len(vars(init_args().parse_args(["-img", "a.png"]))) > 15)
attempt("no model", lambda: RapidOCR(det_model_path="/nothing.onnx"))
import pypdfium2 as pdf

attempt(
    "document",
    lambda: (lambda kept: (len(kept), kept[0].get_size(), kept.get_metadata_dict().get("Producer", "")[:3], kept[0].render(scale=1).to_numpy().ndim))(
        pdf.PdfDocument("words.pdf")
    ),
)
attempt("text of a document", lambda: pdf.PdfDocument("words.pdf")[0].get_textpage().get_text_range())
attempt(
    "new document", lambda: (lambda made: (made.new_page(99, 99), made.save("/tmp/w/n.pdf"), os.path.getsize("/tmp/w/n.pdf") > 99)[2])(pdf.PdfDocument.new())
)
import qrcode
import qrcode.image.svg
import zxingcpp
from pyzbar import pyzbar
from qrcode.image.pure import PyPNGImage
from qrcode.image.styledpil import StyledPilImage
from qrcode.image.styles import colormasks
from qrcode.image.styles.moduledrawers import pil as drawers

for name in (
    "QRCode",
    "MicroQRCode",
    "RMQRCode",
    "DataMatrix",
    "Aztec",
    "PDF417",
    "Code128",
    "Code39",
    "EAN13",
    "EAN8",
    "UPCA",
    "ITF",
    "Codabar",
    "MaxiCode",
    "DataBar",
):
    path = f"{name}.png"
    if os.path.exists(path):
        picture = Image.open(path).convert("L")
        attempt(
            name,
            lambda: (
                [(str(code.format), code.text, code.orientation) for code in zxingcpp.read_barcodes(np.asarray(picture))],
                sorted((code.type, code.data) for code in pyzbar.decode(picture)),
            ),
        )
attempt("code as svg", lambda: zxingcpp.create_barcode("tea", zxingcpp.BarcodeFormat.QRCode).to_svg()[:5])
attempt(
    "turned code",
    lambda: [code.text for code in zxingcpp.read_barcodes(np.asarray(Image.open("QRCode.png").convert("L").rotate(30, fillcolor=255, expand=True)))],
)
attempt("code symbols", lambda: [code.data for code in pyzbar.decode(Image.open("EAN13.png"), symbols=[pyzbar.ZBarSymbol.EAN13])])
for drawer in ("SquareModuleDrawer", "GappedSquareModuleDrawer", "CircleModuleDrawer", "RoundedModuleDrawer", "VerticalBarsDrawer"):

    def styled():
        made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_H)
        made.add_data("tea")
        out = io.BytesIO()
        made.make_image(image_factory=StyledPilImage, module_drawer=getattr(drawers, drawer)(), color_mask=colormasks.RadialGradiantColorMask()).save(out)
        return [code.text for code in zxingcpp.read_barcodes(np.asarray(Image.open(out).convert("L")))]

    attempt(drawer, styled)
for factory in ("SvgImage", "SvgPathImage", "SvgFragmentImage"):
    attempt(factory, lambda: b"svg" in qrcode.make("tea", image_factory=getattr(qrcode.image.svg, factory)).to_string())
attempt("plain png", lambda: type(qrcode.make("tea", image_factory=PyPNGImage)).__name__)


def printed():
    made, out = qrcode.QRCode(), io.StringIO()
    made.add_data("12345")
    made.print_ascii(out=out)
    return out.getvalue().count("\n"), made.version


attempt("printed", printed)
attempt("too long", lambda: qrcode.make("x" * 4000))
import cv2

attempt(
    "opencv's codes",
    lambda: (
        cv2.QRCodeDetector().detectAndDecodeMulti(cv2.imread("qr.png"))[1],
        cv2.QRCodeDetectorAruco().detectAndDecode(cv2.imread("qr.png"))[0],
        cv2.barcode.BarcodeDetector().detectAndDecode(cv2.imread("EAN13.png"))[0],
    ),
)
attempt(
    "marks",
    lambda: (
        cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50))
        .detectMarkers(np.pad(cv2.aruco.generateImageMarker(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), 7, 80), 20, constant_values=255))[1]
        .tolist()
    ),
)
import imagehash

for name in ("average_hash", "phash", "phash_simple", "dhash", "dhash_vertical", "whash", "colorhash", "crop_resistant_hash"):
    attempt(name, lambda: str(getattr(imagehash, name)(Image.open("a.jpg"))))
attempt("wavelet", lambda: str(imagehash.whash(Image.open("a.jpg"), mode="db4")))
os._exit(0)

"""Codes in a picture, by one of three readers."""

import numpy as np

from vision.opening import opened


def run(data: bytes, how: dict):
    image = opened(data).convert("L")
    return {"codes": globals()[f"_{how.get('by', 'zxing')}"](image)}


def _zxing(image):
    import zxingcpp

    return sorted([str(code.format), code.text] for code in zxingcpp.read_barcodes(np.asarray(image)))


def _zbar(image):
    from pyzbar import pyzbar

    return sorted([code.type, code.data.decode("utf-8", "replace")] for code in pyzbar.decode(image))


def _opencv(image):
    import cv2

    text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.asarray(image))
    bars = cv2.barcode.BarcodeDetector().detectAndDecode(np.asarray(image)) if hasattr(cv2, "barcode") else ("",)
    return sorted(item for item in (text, str(bars[0])) if item)

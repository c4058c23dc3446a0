"""Pictures, films and sounds that the profile never saw."""
import io, os, tempfile

import cv2
import numpy as np
import soundfile

pixels = np.random.default_rng(1).integers(0, 255, (24, 32, 3), np.uint8)
for form in (".png", ".jpg", ".bmp", ".tiff", ".webp", ".ppm", ".jp2", ".gif", ".hdr", ".pfm", ".exr", ".sr", ".avif"):
    try:
        done, data = cv2.imencode(form, pixels.astype("float32") / 255 if form in (".hdr", ".pfm", ".exr") else pixels)
        print(form, done, cv2.imdecode(data, cv2.IMREAD_UNCHANGED).shape)
    except cv2.error as error:
        print(form, str(error).splitlines()[0][-80:])
place = tempfile.mkdtemp()
for name, four in (("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("b.mkv", "XVID")):
    film = cv2.VideoWriter(f"{place}/{name}", cv2.VideoWriter_fourcc(*four), 5, (32, 24))
    for _ in range(5):
        film.write(pixels)
    film.release()
    reader = cv2.VideoCapture(f"{place}/{name}")
    print(name, reader.isOpened(), reader.read()[0], reader.getBackendName() if reader.isOpened() else "")
grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
print(cv2.ORB_create().detectAndCompute(grey, None)[0] is not None, cv2.SIFT_create().detect(cv2.resize(grey, None, fx=8, fy=8))[:0], cv2.Canny(grey, 50, 100).shape, cv2.dnn.blobFromImage(pixels).shape, cv2.kmeans(np.float32([[1], [2], [9]]), 2, None, (3, 10, 1.0), 1, 0)[0] >= 0)
net = cv2.dnn.readNetFromONNX("/srv/nlp/models/scorer.onnx")
net.setInput(np.ones((1, 3), np.float32))
print(net.forward().round(3).tolist())
print(cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml").empty(), cv2.QRCodeDetector().detectAndDecode(pixels)[0] == "", len(cv2.getBuildInformation()) > 1000)
try:
    cv2.resize(None, (2, 2))
except cv2.error as error:
    print(str(error).splitlines()[0][-60:])
try:
    cv2.imshow("a", pixels)
except cv2.error:
    print("no window")
tone = np.sin(np.arange(4000) / 5)
for form in sorted(soundfile.available_formats()):
    try:
        buffer = io.BytesIO()
        soundfile.write(buffer, tone, 8000, format=form)
        buffer.seek(0)
        print(form, soundfile.read(buffer)[1] if form != "RAW" else "raw")
    except Exception as error:
        print(form, type(error).__name__)
print(soundfile.available_subtypes("WAV")["PCM_16"], soundfile.__libsndfile_version__)

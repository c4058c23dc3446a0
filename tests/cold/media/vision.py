"""OpenCV: codecs, filters, features, drawing, tracking, cascades."""
import os

import cv2
import numpy as np

picture = (np.indices((64, 64)).sum(0) % 256).astype("uint8")
picture = cv2.merge([picture, picture.T, 255 - picture])
for kind in (".png", ".jpg", ".webp", ".tiff", ".bmp", ".jp2", ".ppm", ".pgm", ".hdr", ".exr", ".avif", ".gif"):
    try:
        done, data = cv2.imencode(kind, picture.astype("float32") if kind in (".hdr", ".exr") else picture)
        print(kind, done, cv2.imdecode(data, cv2.IMREAD_UNCHANGED) is not None)
    except cv2.error as error:
        print(kind, error.err[:80])
gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
print(cv2.GaussianBlur(gray, (5, 5), 0).shape, cv2.resize(gray, (20, 20), interpolation=cv2.INTER_LANCZOS4).shape, len(cv2.SIFT_create().detect(gray)) >= 0, cv2.ORB_create().detectAndCompute(gray, None)[1] is None)
print(cv2.dct(gray.astype("float32")).shape, cv2.connectedComponents(gray)[0] > 0, cv2.HOGDescriptor().getDescriptorSize(), cv2.QRCodeDetector().detect(gray)[0])
print(cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, "haarcascade_frontalface_default.xml")).empty())
cv2.putText(picture, "text", (2, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0))
writer = cv2.VideoWriter("/tmp/x.avi", cv2.VideoWriter_fourcc(*"MJPG"), 5, (64, 64))
for _ in range(3):
    writer.write(picture)
writer.release()
capture = cv2.VideoCapture("/tmp/x.avi")
print(capture.read()[0], "FFMPEG" in cv2.getBuildInformation())
writer = cv2.VideoWriter("/tmp/x.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 5, (64, 64))
writer.write(picture)
writer.release()
print(cv2.VideoCapture("/tmp/x.mp4").read()[0])

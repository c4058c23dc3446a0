"""OpenCV, PyAV and torchvision beyond the profile."""
import io
import os
import warnings

warnings.simplefilter("ignore")
import av
import cv2
import numpy as np
import torch


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:90])


os.makedirs("/tmp/v", exist_ok=True)
picture = (np.indices((64, 64)).sum(0)[..., None] * np.array([1, 2, 1])).astype("u1")


def written(name, code):
    sink = cv2.VideoWriter(f"/tmp/v/{name}", cv2.VideoWriter_fourcc(*code), 5, (64, 64))
    for _ in range(4):
        sink.write(picture)
    sink.release()
    source, count = cv2.VideoCapture(f"/tmp/v/{name}"), 0
    while source.read()[0]:
        count += 1
    return count


for name, code in (("a.avi", "MJPG"), ("b.mp4", "mp4v"), ("c.avi", "XVID"), ("d.webm", "VP80"), ("e.mkv", "FFV1"), ("f.avi", "HFYU")):
    attempt(name, lambda: written(name, code))
for end in (".jpg", ".png", ".webp", ".tiff", ".bmp", ".jp2", ".exr", ".hdr", ".ppm", ".pfm", ".avif", ".ras", ".gif"):
    attempt(end, lambda: cv2.imdecode(cv2.imencode(end, picture.astype("float32") if end in (".exr", ".hdr", ".pfm") else picture)[1], cv2.IMREAD_UNCHANGED).shape)
grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
attempt("dnn", lambda: (lambda net: (net.setInput(grey[None, None].astype("float32")), net.forward().shape)[1])(cv2.dnn.readNetFromONNX("/models/edges.onnx")))
attempt("sift", lambda: len(cv2.SIFT_create().detect(grey)) >= 0)
attempt("orb", lambda: len(cv2.ORB_create().detect(grey)) >= 0)
attempt("flann", lambda: len(cv2.FlannBasedMatcher({"algorithm": 1, "trees": 2}, {}).match(np.eye(8, dtype="float32"), np.eye(8, dtype="float32"))))
attempt("qr", lambda: cv2.QRCodeDetector().detectAndDecode(cv2.resize(cv2.QRCodeEncoder_create().encode("tea"), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST))[0])
attempt("cascade", lambda: cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, "haarcascade_frontalface_default.xml")).empty())
attempt("hog", lambda: len(cv2.HOGDescriptor_getDefaultPeopleDetector()))
attempt("flow", lambda: cv2.calcOpticalFlowFarneback(grey, grey, None, 0.5, 1, 5, 1, 5, 1.1, 0).shape)
attempt("aruco", lambda: cv2.aruco.generateImageMarker(cv2.aruco.getPredefinedDictionary(0), 1, 32).shape)
attempt("stitch", lambda: cv2.Stitcher_create().stitch([picture, picture])[0] >= 0)
attempt("ml", lambda: cv2.ml.KNearest_create().train(np.eye(4, dtype="float32"), cv2.ml.ROW_SAMPLE, np.arange(4)))
attempt("calibrate", lambda: cv2.Rodrigues(np.ones(3))[0].shape)
attempt("inpaint", lambda: cv2.inpaint(picture, (grey > 100).astype("u1"), 3, cv2.INPAINT_TELEA).shape)
attempt("gapi", lambda: cv2.GComputation(cv2.GMat(), cv2.GMat()) is not None if hasattr(cv2, "GComputation") else None)
attempt("storage", lambda: cv2.FileStorage("/tmp/v/a.yml", cv2.FILE_STORAGE_WRITE).isOpened())
attempt("no window", lambda: cv2.imshow("a", picture))
attempt("registry", lambda: [cv2.videoio_registry.getBackendName(item) for item in cv2.videoio_registry.getBackends()])


def encoded(form, codec, pixels="yuv420p", **options):
    out = io.BytesIO()
    with av.open(out, "w", format=form) as sink:
        stream = sink.add_stream(codec, rate=5, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
        for _ in range(4):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")):
                sink.mux(packet)
        for packet in stream.encode():
            sink.mux(packet)
    out.seek(0)
    with av.open(out) as source:
        return sum(1 for _ in source.decode(video=0)), source.format.name


def heard(form, codec, rate=48000):
    out = io.BytesIO()
    with av.open(out, "w", format=form) as sink:
        stream = sink.add_stream(codec, rate=rate)
        stream.layout = "mono"
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray((np.sin(np.arange(rate)[None] / 9) * 9000).astype("i2"), "s16", "mono")
        frame.sample_rate = rate
        for part in [*resampler.resample(frame), None]:
            for packet in stream.encode(part):
                sink.mux(packet)
    out.seek(0)
    with av.open(out) as source:
        return sum(frame.samples for frame in source.decode(audio=0)) > rate // 2


for form, codec in (("mp4", "libx264"), ("mp4", "mpeg4"), ("webm", "libvpx-vp9"), ("webm", "libvpx"), ("matroska", "libx265"), ("avi", "mjpeg"), ("mpegts", "mpeg2video"), ("webm", "libsvtav1"), ("matroska", "ffv1")):
    attempt(f"{form} {codec}", lambda: encoded(form, codec, "yuvj420p" if codec == "mjpeg" else "yuv420p"))
for form, codec in (("mp3", "libmp3lame"), ("ogg", "libopus"), ("ogg", "libvorbis"), ("flac", "flac"), ("adts", "aac"), ("wav", "pcm_s16le"), ("matroska", "libopus"), ("ac3", "ac3")):
    attempt(f"{form} {codec}", lambda: heard(form, codec))


def filtered():
    graph = av.filter.Graph()
    source = graph.add_buffer(width=64, height=64, format="rgb24", time_base=1)
    scale, sink = graph.add("scale", "32:32"), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(sink)
    graph.configure()
    graph.push(av.VideoFrame.from_ndarray(picture, "rgb24"))
    return graph.pull().width


attempt("graph", filtered)
attempt("filters", lambda: len(av.filter.filters_available) > 100)
attempt("codecs", lambda: len(av.codecs_available) > 100)
attempt("frame", lambda: av.VideoFrame.from_ndarray(picture, "rgb24").to_image().size)
attempt("no file", lambda: av.open("/nothing"))
attempt("rubbish", lambda: av.open(io.BytesIO(b"a" * 999)))
import torchvision
from torchvision import io as tio
from torchvision import models, ops, tv_tensors, utils
from torchvision.transforms import v2

tensor = torch.from_numpy(picture.copy()).permute(2, 0, 1)
torch.manual_seed(1)
every = v2.Compose([v2.RandomResizedCrop(32), v2.RandomHorizontalFlip(1.0), v2.ColorJitter(0.2), v2.RandAugment(), v2.AugMix(), v2.ElasticTransform(), v2.GaussianBlur(3), v2.RandomPerspective(p=1.0), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.5] * 3)])
attempt("v2", lambda: every(tensor).shape)
attempt("boxes", lambda: v2.RandomRotation(20)(tv_tensors.Image(tensor), tv_tensors.BoundingBoxes([[1, 1, 9, 9]], format="XYXY", canvas_size=(64, 64)))[1].shape)
attempt("jpeg", lambda: v2.JPEG(50)(tensor).shape)
attempt("mixup", lambda: v2.MixUp(num_classes=3)(torch.rand(2, 3, 8, 8), torch.tensor([0, 1]))[1].shape)
attempt("nms", lambda: ops.nms(torch.tensor([[0, 0, 9, 9.0], [0, 0, 8, 9.0]]), torch.tensor([0.5, 0.9]), 0.5).tolist())
attempt("roi", lambda: ops.roi_align(torch.rand(1, 1, 8, 8), torch.tensor([[0, 0, 0, 4, 4.0]]), 2).shape)
attempt("deform", lambda: ops.deform_conv2d(torch.rand(1, 1, 4, 4), torch.zeros(1, 18, 2, 2), torch.rand(1, 1, 3, 3)).shape)
attempt("io", lambda: (tio.decode_image(tio.encode_png(tensor)).shape, tio.decode_image(tio.encode_jpeg(tensor)).shape))
attempt("grid", lambda: (utils.make_grid([tensor, tensor]).shape, utils.draw_bounding_boxes(tensor, torch.tensor([[1, 1, 9, 9]]), ["tea"]).shape))
for name in ("resnet18", "mobilenet_v3_small", "efficientnet_b0", "vit_b_32", "swin_t", "regnet_y_400mf", "shufflenet_v2_x0_5", "squeezenet1_0"):
    attempt(name, lambda: models.get_model(name, weights=None).eval()(torch.rand(1, 3, 224, 224)).shape)
attempt("models", lambda: len(models.list_models()) > 80)
attempt("detector", lambda: len(models.get_model("ssdlite320_mobilenet_v3_large", weights=None, weights_backbone=None).eval()(torch.rand(1, 3, 64, 64))))
attempt("segment", lambda: models.get_model("lraspp_mobilenet_v3_large", weights=None, weights_backbone=None).eval()(torch.rand(1, 3, 64, 64))["out"].shape)
attempt("quantised", lambda: models.get_model("quantized_mobilenet_v2", weights=None, quantize=False).eval()(torch.rand(1, 3, 64, 64)).shape)
attempt("features", lambda: list(__import__("torchvision.models.feature_extraction", fromlist=["a"]).create_feature_extractor(models.resnet18(), ["layer1"])(torch.rand(1, 3, 64, 64))))
attempt("weights", lambda: models.get_model("resnet18", weights="DEFAULT"))
attempt("datasets", lambda: len(torchvision.datasets.FakeData(4, (3, 8, 8), transform=v2.PILToTensor())[0][0].shape))
attempt("video", lambda: torchvision.datasets.FakeData and hasattr(tio, "read_video"))
import timm

attempt("timm", lambda: len(timm.list_models("*vit*")) > 50)
for name in ("test_resnet", "test_convnext", "test_efficientnet", "test_byobnet", "test_nfnet", "mobilenetv4_conv_small", "levit_128s"):
    attempt(name, lambda: timm.create_model(name, pretrained=False).eval()(torch.rand(1, 3, 224, 224)).shape)
import timm.optim
import timm.scheduler

attempt("timm parts", lambda: (timm.create_model("test_vit", features_only=True)(torch.rand(1, 3, 160, 160))[0].shape, type(timm.optim.create_optimizer_v2(torch.nn.Linear(2, 2), "lion")).__name__, type(timm.scheduler.create_scheduler_v2(torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), 0.1))[0]).__name__))
attempt("timm augment", lambda: timm.data.create_transform(32, is_training=True, auto_augment="rand-m9-mstd0.5", re_prob=0.5)(__import__("PIL.Image").Image.fromarray(picture)).shape)
attempt("timm export", lambda: timm.create_model("test_vit", exportable=True, scriptable=True) is not None)
attempt("timm hub", lambda: timm.create_model("resnet18", pretrained=True))
os._exit(0)

"""torchvision, timm, scikit-image, Pillow and fingerprints beyond the profile."""

import io
import os
import warnings

warnings.simplefilter("ignore")
os.environ.setdefault("MPLCONFIGDIR", "/tmp/mpl")
import numpy as np
import torch
import torchvision
from PIL import Image, ImageCms, ImageFilter, ImageFont, ImageMath, ImageMorph, features
from torchvision import io as tio
from torchvision import models, ops, tv_tensors, utils
from torchvision.transforms import v2

from vision import shapes

image, _ = shapes.drawn(2000)
picture = np.asarray(image).copy()
tensor = torch.from_numpy(picture).permute(2, 0, 1)


def attempt(name, action):
    torch.manual_seed(1)
    try:
        print(name, action(), flush=True)
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:90], flush=True)


for name in (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_v2_s",
    "googlenet",
    "mnasnet0_5",
    "maxvit_t",
    "mobilenet_v2",
    "resnext50_32x4d",
    "swin_v2_t",
    "vgg11_bn",
    "vit_b_16",
    "inception_v3",
):
    attempt(
        name,
        lambda: tuple(
            models.get_model(name, weights=None, **({"init_weights": False} if name in ("googlenet", "inception_v3") else {}))
            .eval()(torch.rand(1, 3, 224 if "inc" not in name else 299, 224 if "inc" not in name else 299))
            .shape
        ),
    )
for name in (
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "maskrcnn_resnet50_fpn",
    "keypointrcnn_resnet50_fpn",
    "retinanet_resnet50_fpn",
    "fcos_resnet50_fpn",
    "ssd300_vgg16",
):
    attempt(name, lambda: sorted(models.get_model(name, weights=None, weights_backbone=None).eval()(torch.rand(1, 3, 64, 64))[0]))
for name in ("deeplabv3_mobilenet_v3_large", "fcn_resnet50", "lraspp_mobilenet_v3_large"):
    attempt(name, lambda: tuple(models.get_model(name, weights=None, weights_backbone=None).eval()(torch.rand(1, 3, 64, 64))["out"].shape))
for name in ("r3d_18", "mvit_v1_b", "s3d"):
    attempt(name, lambda: callable(models.get_model_builder(name)))
attempt(
    "flow",
    lambda: tuple(models.optical_flow.raft_small(weights=None).eval()(torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128), num_flow_updates=1)[0].shape),
)
attempt("weights", lambda: [models.get_weight("ResNet50_Weights.DEFAULT").transforms().crop_size, len(models.ResNet50_Weights.DEFAULT.meta["categories"])])
attempt("no weights", lambda: models.resnet18(weights="DEFAULT"))
attempt(
    "trained detector",
    lambda: sorted(
        models.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=3).train()(
            [torch.rand(3, 64, 64)] * 2, [{"boxes": torch.tensor([[1.0, 1, 30, 30]]), "labels": torch.tensor([1])}] * 2
        )
    ),
)
every = v2.Compose([v2.RandomZoomOut(), v2.RandomPhotometricDistort(), v2.RandomIoUCrop(), v2.SanitizeBoundingBoxes()])
attempt(
    "v2",
    lambda: sorted(
        every(
            {
                "image": tv_tensors.Image(tensor),
                "boxes": tv_tensors.BoundingBoxes([[1, 1, 60, 60]], format="XYXY", canvas_size=(96, 96)),
                "labels": torch.tensor([1]),
                "mask": tv_tensors.Mask(tensor[:1]),
            }
        )
    ),
)
attempt(
    "old",
    lambda: (
        torchvision.transforms.Compose(
            [
                torchvision.transforms.FiveCrop(20),
                torchvision.transforms.Lambda(lambda crops: torch.stack([torchvision.transforms.ToTensor()(crop) for crop in crops])),
            ]
        )(image).shape
    ),
)
attempt("by policy", lambda: tuple(v2.Compose([v2.TrivialAugmentWide(), v2.AutoAugment(), v2.RandAugment()])(tensor).shape))
attempt("codecs", lambda: [tuple(tio.decode_image(tio.encode_jpeg(tensor)).shape), tuple(tio.decode_png(tio.encode_png(tensor)).shape)])


def coded(kind):
    out = io.BytesIO()
    image.save(out, kind)
    return tuple(tio.decode_image(torch.frombuffer(bytearray(out.getvalue()), dtype=torch.uint8)).shape)


for kind in ("GIF", "WEBP", "AVIF", "BMP"):
    attempt(f"decoded {kind}", lambda: coded(kind))
attempt(
    "operators",
    lambda: [
        ops.nms(torch.tensor([[0, 0, 9, 9.0], [0, 0, 8, 9.0]]), torch.tensor([0.5, 0.9]), 0.5).tolist(),
        ops.box_iou(torch.eye(4)[:1], torch.ones(1, 4)).shape,
        ops.masks_to_boxes(torch.ones(1, 4, 4)).tolist(),
        float(ops.sigmoid_focal_loss(torch.ones(2), torch.ones(2)).sum()) > 0,
    ],
)
attempt(
    "more operators",
    lambda: [
        tuple(ops.roi_pool(torch.rand(1, 1, 8, 8), torch.tensor([[0, 0, 0, 4, 4.0]]), 2).shape),
        tuple(ops.ps_roi_align(torch.rand(1, 4, 8, 8), torch.tensor([[0, 0, 0, 4, 4.0]]), 2).shape),
        tuple(ops.FeaturePyramidNetwork([4], 4)({"a": torch.rand(1, 4, 8, 8)})["a"].shape),
    ],
)
attempt(
    "drawn",
    lambda: [
        tuple(utils.draw_segmentation_masks(tensor, tensor[0] > 90).shape),
        tuple(utils.draw_keypoints(tensor, torch.ones(1, 2, 2)).shape),
        tuple(utils.flow_to_image(torch.rand(2, 8, 8)).shape),
    ],
)
attempt("kept", lambda: (utils.save_image(tensor / 255, "/tmp/kept.png"), os.path.getsize("/tmp/kept.png") > 900)[1])
attempt("data", lambda: [len(torchvision.datasets.FakeData(3)), type(torchvision.datasets.wrap_dataset_for_transforms_v2).__name__])
attempt("no data", lambda: torchvision.datasets.CIFAR10("/tmp/none"))
attempt("download", lambda: torchvision.datasets.MNIST("/tmp/none", download=True))
attempt("script", lambda: tuple(torch.jit.script(models.resnet18(weights=None).eval())(torch.rand(1, 3, 64, 64)).shape))
import timm
import timm.loss
import timm.optim

for name in (
    "mobilenetv3_small_050",
    "efficientvit_b0",
    "convnextv2_atto",
    "deit_tiny_patch16_224",
    "ghostnet_050",
    "tinynet_e",
    "repvit_m0_9",
    "fastvit_t8",
    "edgenext_xx_small",
    "mixer_s32_224",
    "swinv2_cr_tiny_ns_224",
    "eva02_tiny_patch14_224",
    "regnetx_002",
    "hardcorenas_a",
):
    attempt(name, lambda: tuple(timm.create_model(name, pretrained=False).eval()(torch.rand(1, 3, 224, 224)).shape))
attempt("registry", lambda: [len(timm.list_models()) > 900, len(timm.list_modules()) > 60, timm.is_model("resnet50"), timm.list_pretrained("resnet18*")[0]])
attempt("no model", lambda: timm.create_model("nothing"))
attempt("no network", lambda: timm.create_model("resnet18", pretrained=True))
attempt(
    "losses",
    lambda: [
        type(getattr(timm.loss, name)()).__name__
        for name in ("LabelSmoothingCrossEntropy", "SoftTargetCrossEntropy", "BinaryCrossEntropy", "AsymmetricLossMultiLabel")
    ],
)
attempt("mixed", lambda: tuple(timm.data.Mixup(0.8, num_classes=3)(torch.rand(2, 3, 8, 8), torch.tensor([0, 1]))[0].shape))
attempt("read", lambda: len(timm.data.create_dataset("torch/fake_data", "/tmp") if False else timm.data.create_dataset("", "/tmp/none")))
attempt("names", lambda: timm.data.ImageNetInfo().index_to_description(5))
attempt("optimisers", lambda: len(timm.optim.list_optimizers()) > 30)
attempt("averaged", lambda: type(timm.utils.ModelEmaV3(torch.nn.Linear(2, 2))).__name__)
import skimage
from skimage import color, draw, exposure, feature, filters, graph, measure, morphology, registration, restoration, segmentation, transform, util

grey = color.rgb2gray(picture)
attempt("names of skimage", lambda: sorted(name for name in skimage.__all__ if getattr(skimage, name, None) is None))
for name in ("astronaut", "coins", "text", "page", "checkerboard", "horse", "lbp_frontal_face_cascade_filename"):
    attempt(f"data {name}", lambda: getattr(getattr(skimage.data, name)(), "shape", True))
attempt("contours", lambda: len(measure.find_contours(grey, 0.5)) > 0)
attempt("regions", lambda: sorted(measure.regionprops_table(measure.label(grey > 0.5), properties=("area", "eccentricity")))[0])
attempt("cells", lambda: len(np.unique(segmentation.slic(picture, 8, start_label=1))) > 1)
attempt("watershed", lambda: segmentation.watershed(filters.sobel(grey), 4).max())
attempt("chan", lambda: segmentation.chan_vese(grey, max_num_iter=3).shape)
attempt("thresholds", lambda: [0 < getattr(filters, f"threshold_{name}")(grey) < 1 for name in ("otsu", "li", "yen", "isodata", "triangle", "mean")])
attempt("warped", lambda: transform.warp(grey, transform.SimilarityTransform(rotation=0.1)).shape)
attempt("radon", lambda: transform.iradon(transform.radon(grey[:40, :40], circle=False), circle=False).shape)
attempt("lines", lambda: transform.probabilistic_hough_line(grey > 0.5, rng=1) is not None)
attempt("denoised", lambda: restoration.denoise_nl_means(grey).shape)
attempt("skeleton", lambda: morphology.skeletonize(grey > 0.5).any())
attempt("features", lambda: feature.local_binary_pattern((grey * 255).astype("u1"), 8, 1).shape)
attempt("cascade", lambda: feature.Cascade(skimage.data.lbp_frontal_face_cascade_filename()).detect_multi_scale((picture), 1.2, 1, (24, 24), (60, 60)))
attempt("flow", lambda: registration.optical_flow_tvl1(grey, grey, num_iter=2).shape)
attempt("path", lambda: len(graph.route_through_array(grey, (0, 0), (9, 9))[0]))
attempt("equal", lambda: exposure.equalize_adapthist(grey).shape)
attempt("drawn by skimage", lambda: draw.polygon([1, 1, 9], [1, 9, 5])[0].shape)
attempt("mosaic", lambda: util.montage([grey] * 4).shape)
attempt("read by skimage", lambda: skimage.io.imread("/tmp/kept.png").shape)
Image.init()
print(sorted(Image.SAVE), len(Image.OPEN), sorted(features.get_supported()))
for name in sorted(Image.SAVE):
    out = io.BytesIO()
    try:
        image.save(out, name)
        again = Image.open(io.BytesIO(out.getvalue()))
        again.load()
        print(name, again.size)
    except Exception as error:
        print(name, type(error).__name__, str(error)[:40])
attempt("font", lambda: ImageFont.truetype("DejaVuSans.ttf", 12).getbbox("tea")[2] > 5)
attempt("default font", lambda: ImageFont.load_default(14).getbbox("tea")[2] > 5)
attempt("profiles", lambda: ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB").mode)
attempt("filters", lambda: image.filter(ImageFilter.MedianFilter()).filter(ImageFilter.DETAIL).size)
attempt("morph", lambda: len(ImageMorph.LutBuilder(op_name="edge").build_lut()))
attempt("math", lambda: ImageMath.lambda_eval(lambda args: args["a"] * 2, a=image.convert("L")).size)
attempt("shown", lambda: image.show() is None)
attempt("report", lambda: features.pilinfo(io.StringIO(), False))
import pillow_heif

attempt("heif", lambda: pillow_heif.from_pillow(image).save("/tmp/a.heic", quality=50) or pillow_heif.read_heif("/tmp/a.heic").size)
attempt("heif's libraries", lambda: sorted(pillow_heif.libheif_info()))
os._exit(0)

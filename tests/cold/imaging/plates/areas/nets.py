"""MONAI: readers, transforms, networks, losses, measures, bundles by configuration."""

import json
import subprocess
import sys

import numpy as np


def _file() -> str:
    import nibabel as nib

    x, y, z = np.mgrid[:24, :24, :24]
    nib.save(nib.Nifti1Image((((x - 12) ** 2 + (y - 12) ** 2 + (z - 12) ** 2) < 60).astype("f4"), np.eye(4)), "a.nii.gz")
    return "a.nii.gz"


def loading() -> object:
    from monai.data import ITKReader, NibabelReader, NumpyReader, PILReader, PydicomReader
    from monai.transforms import LoadImage, SaveImage
    from PIL import Image

    _file()
    np.save("a.npy", np.ones((4, 4)))
    Image.new("L", (6, 5), 3).save("a.png")
    out = []
    for reader, file in (
        ("NibabelReader", "a.nii.gz"),
        ("NumpyReader", "a.npy"),
        ("PILReader", "a.png"),
        (None, "a.nii.gz"),
        (None, "a.png"),
        ("ITKReader", "a.nii.gz"),
        ("PydicomReader", "a.nii.gz"),
        ("NrrdReader", "a.nii.gz"),
    ):
        try:
            out.append((reader or "any", tuple(LoadImage(image_only=True, reader=reader)(file).shape)))
        except Exception as error:
            out.append((reader or "any", type(error).__name__))
    saver = SaveImage(output_dir="out", output_ext=".nii.gz", print_log=False)
    saver(LoadImage(image_only=True, ensure_channel_first=True)("a.nii.gz"))
    for end, writer in ((".png", "PILWriter"), (".nii", "NibabelWriter")):
        SaveImage(output_dir="out", output_ext=end, writer=writer, print_log=False, separate_folder=False)(
            np.ones((1, 8, 8) if end == ".png" else (1, 8, 8, 8), "f4")
        )
    import os

    return out, sorted(os.listdir("out")), [item.__name__ for item in (ITKReader, NibabelReader, NumpyReader, PILReader, PydicomReader)]


def transforms() -> object:
    import monai.transforms as mt
    from monai.utils import set_determinism

    set_determinism(3)
    file = _file()
    chain = mt.Compose(
        [
            mt.LoadImaged("i"),
            mt.EnsureChannelFirstd("i"),
            mt.Orientationd("i", axcodes="PLI"),
            mt.Spacingd("i", pixdim=(1.5, 1.5, 1.5)),
            mt.ScaleIntensityRanged("i", 0, 1, 0, 255),
            mt.RandAffined("i", prob=1, rotate_range=(0.2, 0.2, 0.2)),
            mt.RandGaussianNoised("i", prob=1),
            mt.RandBiasFieldd("i", prob=1),
            mt.CropForegroundd("i", source_key="i"),
            mt.ResizeWithPadOrCropd("i", (16, 16, 16)),
            mt.RandElasticd("i") if hasattr(mt, "RandElasticd") else mt.Rand3DElasticd("i", (1, 2), (1, 2), prob=1),
            mt.EnsureTyped("i"),
        ]
    )
    made = chain({"i": file})["i"]
    more = []
    image = np.asarray(made)
    for one in (
        mt.GibbsNoise(),
        mt.KSpaceSpikeNoise(loc=(0, 8, 8, 8)),
        mt.MedianSmooth(1),
        mt.GaussianSharpen(),
        mt.HistogramNormalize(),
        mt.AdjustContrast(2),
        mt.ForegroundMask(threshold="otsu"),
        mt.SobelGradients(),
        mt.LabelToContour(),
        mt.FillHoles(),
        mt.KeepLargestConnectedComponent(),
        mt.DistanceTransformEDT(),
        mt.RandHistogramShift(prob=1),
        mt.GridDistortion(num_cells=3, distort_steps=[(1.1,) * 4] * 3),
        mt.RegularizedDisc() if hasattr(mt, "RegularizedDisc") else mt.Identity(),
    ):
        try:
            more.append((type(one).__name__, len(np.asarray(one(made)).shape)))
        except Exception as error:
            more.append((type(one).__name__, type(error).__name__))
    back = chain.inverse({"i": made}) if False else None
    return tuple(made.shape), image.dtype.name, more, back, len(mt.get_transform_backends()) > 100


def networks() -> object:
    import monai.networks.nets as nets
    import torch

    torch.manual_seed(0)
    cube = torch.ones(1, 1, 32, 32, 32)
    out = []
    for name, more in (
        ("UNet", {"spatial_dims": 3, "in_channels": 1, "out_channels": 2, "channels": (4, 8), "strides": (2,)}),
        ("BasicUNet", {"spatial_dims": 3, "features": (4, 4, 8, 8, 8, 4)}),
        ("SegResNet", {"init_filters": 8}),
        ("VNet", {}),
        ("AttentionUnet", {"spatial_dims": 3, "in_channels": 1, "out_channels": 2, "channels": (4, 8), "strides": (2,)}),
        (
            "DynUNet",
            {
                "spatial_dims": 3,
                "in_channels": 1,
                "out_channels": 2,
                "kernel_size": [3, 3, 3],
                "strides": [1, 2, 2],
                "upsample_kernel_size": [2, 2],
                "filters": [4, 8, 16],
            },
        ),
        ("UNETR", {"in_channels": 1, "out_channels": 2, "img_size": (32, 32, 32), "hidden_size": 24, "mlp_dim": 32, "num_heads": 4, "feature_size": 4}),
        ("SwinUNETR", {"in_channels": 1, "out_channels": 2, "feature_size": 12}),
        ("DenseNet121", {"spatial_dims": 3, "in_channels": 1, "out_channels": 2, "init_features": 4, "growth_rate": 2}),
        ("resnet10", {"spatial_dims": 3, "n_input_channels": 1, "num_classes": 2, "widen_factor": 0.1}),
        ("ViT", {"in_channels": 1, "img_size": (32, 32, 32), "patch_size": (16, 16, 16), "hidden_size": 24, "mlp_dim": 32, "num_heads": 4, "num_layers": 2}),
        ("AutoEncoder", {"spatial_dims": 3, "in_channels": 1, "out_channels": 1, "channels": (2, 4), "strides": (2, 2)}),
        ("HighResNet", {"spatial_dims": 3}),
        ("EfficientNetBN", {"model_name": "efficientnet-b0", "pretrained": False, "spatial_dims": 3, "in_channels": 1}),
        ("FlexibleUNet", {"in_channels": 3, "out_channels": 2, "backbone": "efficientnet-b0"}),
    ):
        try:
            net = getattr(nets, name)(**more).eval()
            with torch.no_grad():
                said = net(cube if name != "FlexibleUNet" else torch.ones(1, 3, 32, 32))
            said = said[0] if isinstance(said, tuple | list) else said
            out.append((name, "x".join(map(str, said.shape))))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def training() -> object:
    import torch
    from monai.data import CacheDataset, DataLoader, PersistentDataset, decollate_batch
    from monai.inferers import SlidingWindowInferer
    from monai.losses import DiceCELoss, DiceLoss, FocalLoss, GeneralizedDiceLoss, SSIMLoss, TverskyLoss
    from monai.metrics import ConfusionMatrixMetric, DiceMetric, HausdorffDistanceMetric, ROCAUCMetric, SurfaceDistanceMetric
    from monai.networks.nets import UNet
    from monai.transforms import AsDiscrete, Compose, EnsureChannelFirstd, LoadImaged
    from monai.utils import set_determinism

    set_determinism(1)
    file = _file()
    chain = Compose([LoadImaged("i"), EnsureChannelFirstd("i")])
    rows = DataLoader(CacheDataset([{"i": file}] * 4, chain, progress=False, num_workers=0), batch_size=2, num_workers=2)
    net = UNet(spatial_dims=3, in_channels=1, out_channels=2, channels=(4, 8), strides=(2,))
    optimiser = torch.optim.Adam(net.parameters(), 1e-2)
    for batch in rows:
        loss = DiceCELoss(to_onehot_y=True, softmax=True)(net(batch["i"]), batch["i"])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    made = SlidingWindowInferer((16, 16, 16), 2, overlap=0.25, mode="gaussian")(batch["i"].as_tensor(), net)
    hard = [AsDiscrete(argmax=True, to_onehot=2)(item) for item in decollate_batch(made)]
    truth = [AsDiscrete(to_onehot=2)(item) for item in decollate_batch(batch["i"].as_tensor())]
    kept = [type(PersistentDataset([{"i": file}], chain, "cache")[0]["i"]).__name__]
    out = []
    for measure in (DiceMetric(), HausdorffDistanceMetric(), SurfaceDistanceMetric(), ConfusionMatrixMetric(metric_name="f1 score")):
        measure(hard, truth)
        measure.aggregate()
        out.append(type(measure).__name__)
    losses = [
        float(item(made, truth[0][None].expand_as(made))) < 100
        for item in (DiceLoss(sigmoid=True), FocalLoss(), TverskyLoss(sigmoid=True), GeneralizedDiceLoss(sigmoid=True))
    ]
    return out, losses, kept, callable(SSIMLoss), callable(ROCAUCMetric), next(net.parameters()).shape


def a_bundle() -> object:
    import yaml

    settings = {
        "imports": ["$import numpy as np"],
        "size": 4,
        "net": {"_target_": "UNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2]},
        "loss": {"_target_": "monai.losses.DiceLoss", "sigmoid": True},
        "chain": {
            "_target_": "Compose",
            "transforms": [{"_target_": "ScaleIntensity"}, {"_target_": "RandFlip", "prob": 1}, {"_target_": "Resize", "spatial_size": [8, 8]}],
        },
        "run": ["$print('shape', @net(torch.ones(1, 1, 8, 8)).shape, @chain(np.ones((1, @size, 6))).shape)"],
    }
    settings["imports"].append("$import torch")
    with open("a.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(settings, file)
    with open("meta.json", "w", encoding="utf-8") as file:
        json.dump(
            {
                "version": "1",
                "monai_version": "1",
                "pytorch_version": "2",
                "numpy_version": "2",
                "required_packages_version": {},
                "changelog": {},
                "task": "t",
                "description": "d",
                "authors": "a",
                "copyright": "c",
                "network_data_format": {},
            },
            file,
        )
    from monai.bundle import ConfigParser

    parser = ConfigParser()
    parser.read_config("a.yaml")
    out = [type(parser.get_parsed_content(name)).__name__ for name in ("net", "loss", "chain")]
    for words in (
        ["run", "run", "--config_file", "a.yaml"],
        ["init_bundle", "new"],
        ["run", "nothing", "--config_file", "a.yaml"],
        ["verify_metadata"],
        ["nothing"],
    ):
        done = subprocess.run([sys.executable, "-m", "monai.bundle", *words], capture_output=True, text=True, check=False)
        out.append((words[0], done.returncode, [line for line in done.stdout.splitlines() if line.startswith("shape")]))
    return out


def seen() -> object:
    import matplotlib as mpl

    mpl.use("agg")
    import torch
    from monai.networks.nets import DenseNet121
    from monai.visualize import GradCAM, OcclusionSensitivity, blend_images, matshow3d

    torch.manual_seed(0)
    net = DenseNet121(spatial_dims=2, in_channels=1, out_channels=2, init_features=4, growth_rate=2).eval()
    picture = torch.rand(1, 1, 64, 64)
    figure, matrix = matshow3d(np.ones((4, 8, 8)), show=False)
    figure.savefig("a.png")
    return (
        GradCAM(net, "class_layers.relu")(picture).shape,
        blend_images(np.ones((1, 8, 8)), np.ones((1, 8, 8)), cmap="hsv").shape,
        matrix.shape,
        callable(OcclusionSensitivity),
    )


def around() -> object:
    import io

    import monai
    from monai.apps import CrossValidation
    from monai.apps.utils import check_hash
    from monai.config import print_config
    from monai.data import create_test_image_3d, partition_dataset
    from monai.utils import optional_import

    out = io.StringIO()
    print_config(out)
    image, _ = create_test_image_3d(16, 16, 16, num_objs=1, rad_min=2, rad_max=4, random_state=np.random.RandomState(1))
    _, there = optional_import("ignite")
    with open("f", "w", encoding="ascii") as file:
        file.write("tea")
    return (
        "MONAI version" in out.getvalue(),
        image.shape,
        there,
        partition_dataset(list(range(6)), ratios=[1, 2]),
        check_hash("f", "2" * 32),
        callable(CrossValidation),
        monai.__version__ != "",
    )


def found_boxes() -> object:
    import torch
    from monai.apps.detection.networks.retinanet_network import RetinaNet, resnet_fpn_feature_extractor
    from monai.apps.detection.utils.anchor_utils import AnchorGeneratorWithAnchorShape
    from monai.data.box_utils import box_iou, non_max_suppression
    from monai.networks.nets import resnet10

    torch.manual_seed(0)
    backbone = resnet_fpn_feature_extractor(resnet10(spatial_dims=2, n_input_channels=1), 2, False, (1, 2), None)
    net = RetinaNet(2, 2, 3, backbone, (32, 32))
    boxes = torch.tensor([[0, 0, 4, 4.0], [1, 1, 5, 5], [8, 8, 9, 9]])
    anchors = AnchorGeneratorWithAnchorShape(feature_map_scales=(1,), base_anchor_shapes=((4, 4),))
    return (
        list(net(torch.ones(1, 1, 64, 64)))[:2],
        box_iou(boxes, boxes).shape,
        non_max_suppression(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.3).tolist(),
        type(anchors).__name__,
    )

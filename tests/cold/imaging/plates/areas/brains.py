"""Volumes: nibabel's formats, and ITK's in SimpleITK with its filters, transforms and registration."""

import numpy as np


def _cube() -> np.ndarray:
    x, y, z = np.mgrid[:16, :16, :16]
    return (((x - 8) ** 2 + (y - 8) ** 2 + (z - 8) ** 2) < 30).astype("i2") * 100


def formats() -> object:
    import nibabel as nib

    out = []
    for kind, ends in (
        (nib.Nifti1Image, ("nii", "nii.gz", "nii.bz2")),
        (nib.Nifti1Pair, ("hdr",)),
        (nib.Nifti2Image, ("nii",)),
        (nib.AnalyzeImage, ("img",)),
        (nib.Spm2AnalyzeImage, ("img",)),
        (nib.MGHImage, ("mgz", "mgh")),
    ):
        for number, end in enumerate(ends):
            file = f"{kind.__name__}{number}.{end}"
            nib.save(kind(_cube(), np.diag([2, 2, 2, 1])), file)
            again = nib.load(file)
            out.append((end, type(again).__name__, int(again.get_fdata().sum())))
    return out


def surfaces() -> object:
    import nibabel as nib
    from nibabel.freesurfer import read_geometry, read_label, read_morph_data, write_geometry, write_morph_data
    from nibabel.gifti import GiftiDataArray, GiftiImage

    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "f4")
    faces = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]], "i4")
    made = GiftiImage(
        darrays=[
            GiftiDataArray(corners, intent="NIFTI_INTENT_POINTSET", datatype="NIFTI_TYPE_FLOAT32"),
            GiftiDataArray(faces, intent="NIFTI_INTENT_TRIANGLE", datatype="NIFTI_TYPE_INT32"),
        ]
    )
    nib.save(made, "a.surf.gii")
    write_geometry("lh.white", corners, faces)
    write_morph_data("lh.thickness", np.arange(4.0))
    with open("lh.label", "w", encoding="ascii") as file:
        file.write("#!ascii label\n1\n2 0.0 0.0 0.0 1.0\n")
    return (
        nib.load("a.surf.gii").agg_data("pointset").shape,
        read_geometry("lh.white")[0].shape,
        read_morph_data("lh.thickness").tolist(),
        read_label("lh.label").tolist(),
    )


def greyordinates() -> object:
    import nibabel as nib
    from nibabel.cifti2 import BrainModelAxis, ScalarAxis

    axis = BrainModelAxis.from_mask(_cube() > 0, name="thalamus_left", affine=np.eye(4))
    nib.Cifti2Image(np.ones((2, len(axis))), (ScalarAxis(["a", "b"]), axis)).to_filename("a.dscalar.nii")
    again = nib.load("a.dscalar.nii")
    return again.shape, again.header.get_axis(0).name.tolist(), again.header.get_axis(1).name[0]


def tracts() -> object:
    import nibabel as nib
    from nibabel.streamlines import Tractogram

    lines = Tractogram([np.arange(9, dtype="f4").reshape(3, 3), np.ones((5, 3), "f4")], affine_to_rasmm=np.eye(4))
    out = []
    for end in ("trk", "tck"):
        nib.streamlines.save(lines, f"a.{end}")
        out.append((end, len(nib.streamlines.load(f"a.{end}").streamlines)))
    return out


def turned() -> object:
    import nibabel as nib
    from nibabel.processing import conform, resample_to_output, smooth_image

    image = nib.Nifti1Image(_cube(), np.diag([-2, 2, 2, 1]))
    return (
        nib.aff2axcodes(image.affine),
        nib.as_closest_canonical(image).affine[0, 0],
        conform(image, (12, 12, 12)).shape,
        resample_to_output(image, (4, 4, 4)).shape,
        round(float(smooth_image(image, 4).get_fdata().sum()) / 1000),
    )


def by_commands() -> object:
    import subprocess

    import nibabel as nib

    nib.save(nib.Nifti1Image(_cube(), np.eye(4)), "a.nii")
    out = []
    for words in (
        ["nib-ls", "a.nii"],
        ["nib-convert", "a.nii", "b.mgz"],
        ["nib-conform", "a.nii", "c.nii.gz", "--out-shape", "8", "8", "8"],
        ["nib-diff", "a.nii", "b.mgz"],
        ["nib-stats", "-V", "a.nii"],
        ["nib-roi", "-i", "2:5", "a.nii", "d.nii"],
        ["nib-trk2tck", "--help"],
        ["nib-nifti-dx", "a.nii"],
        ["nib-tck2trk", "--help"],
        ["parrec2nii", "--help"],
        ["nib-dicomfs", "--help"],
    ):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        out.append((words[0], done.returncode, len(done.stdout) > 0))
    return out


def wrong_ones() -> object:
    import nibabel as nib

    out = []
    for file, data in (("a.nii", b"tea"), ("b.nii.gz", b"\x1f\x8b" + b"0" * 40), ("c.xyz", b"1"), ("d.gii", b"<GIFTI>"), ("e.trk", b"TRACK" + bytes(10))):
        with open(file, "wb") as stream:
            stream.write(data)
        try:
            np.asanyarray(nib.load(file).dataobj)
            out.append("read")
        except Exception as error:
            out.append(type(error).__name__)
    return out


def itk_formats() -> object:
    import SimpleITK as sitk

    out = []
    image = sitk.GetImageFromArray(_cube())
    for end in ("mha", "mhd", "nrrd", "nhdr", "nii", "nii.gz", "hdr", "vtk", "tif", "gipl", "mrc", "h5", "hdf5", "mnc", "lsm", "dcm", "stk"):
        try:
            sitk.WriteImage(image, f"a.{end}", useCompression=end in ("mha", "nrrd", "h5"))
            out.append((end, int(sitk.GetArrayFromImage(sitk.ReadImage(f"a.{end}")).sum())))
        except RuntimeError:
            out.append((end, "no"))
    flat = sitk.GetImageFromArray(_cube()[8].astype("u1"))
    for end in ("png", "jpg", "bmp", "tiff"):
        sitk.WriteImage(flat, f"b.{end}")
        out.append((end, sitk.ReadImage(f"b.{end}").GetSize()))
    reader = sitk.ImageFileReader()
    return out, sorted(reader.GetRegisteredImageIOs())


def itk_filters() -> object:
    import SimpleITK as sitk

    image = sitk.Cast(sitk.GetImageFromArray(_cube()), sitk.sitkFloat32)
    noisy = sitk.AdditiveGaussianNoise(image, 5.0, 0.0, 7)
    mask = sitk.OtsuThreshold(noisy, 0, 1)
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(sitk.ConnectedComponent(mask))
    return (
        shape.GetNumberOfLabels(),
        round(sitk.GetArrayFromImage(sitk.SignedMaurerDistanceMap(mask)).min()),
        sitk.N4BiasFieldCorrection(noisy + 100, mask, 0.1, [2]).GetSize(),
        sitk.CurvatureFlow(noisy, 0.1, 2).GetSize(),
        round(float(sitk.GetArrayFromImage(sitk.FFTConvolution(image, sitk.GaussianSource(sitk.sitkFloat32, [5, 5, 5], [1] * 3, [2] * 3))).mean())),
        sitk.GetArrayFromImage(sitk.MorphologicalWatershed(sitk.GradientMagnitude(image), 1)).max(),
        sitk.HausdorffDistanceImageFilter().Execute(mask, mask) is None,
    )


def registration() -> object:
    import SimpleITK as sitk

    fixed = sitk.Cast(sitk.GetImageFromArray(_cube()), sitk.sitkFloat32)
    moving = sitk.Resample(fixed, sitk.TranslationTransform(3, (2, 0, 0)))
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMeanSquares()
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 0.01, 60)
    method.SetInitialTransform(sitk.TranslationTransform(3))
    method.SetInterpolator(sitk.sitkLinear)
    found = method.Execute(fixed, moving)
    out = []
    for end in ("tfm", "txt", "h5", "xfm", "mat"):
        try:
            sitk.WriteTransform(sitk.AffineTransform(3) if end in ("xfm", "mat") else found, f"a.{end}")
            out.append((end, sitk.ReadTransform(f"a.{end}").GetDimension()))
        except RuntimeError:
            out.append((end, "no"))
    return round(found.GetParameters()[0]), out, method.GetOptimizerStopConditionDescription().split(":")[0]


def itk_series() -> object:
    import SimpleITK as sitk

    cube = _cube()
    for number in range(4):
        one = sitk.GetImageFromArray(cube[number + 6])
        for tag, value in (
            ("0008|0060", "CT"),
            ("0020|000e", "1.2.3"),
            ("0020|0013", str(number)),
            ("0020|0032", f"0\\0\\{number}"),
            ("0028|1050", "40"),
            ("0028|1051", "400"),
        ):
            one.SetMetaData(tag, value)
        sitk.WriteImage(one, f"{number}.dcm", useCompression=number > 1, imageIO="GDCMImageIO")
    reader = sitk.ImageSeriesReader()
    names = reader.GetGDCMSeriesFileNames(".")
    reader.SetFileNames(names)
    reader.MetaDataDictionaryArrayUpdateOn()
    reader.LoadPrivateTagsOn()
    whole = reader.Execute()
    return whole.GetSize(), reader.GetMetaData(0, "0008|0060"), len(reader.GetMetaDataKeys(0)) > 10

"""DICOM: written and read in every transfer syntax, with each decoder; texts, directories, segmentations, reports, palettes."""

import io

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)


def _plate(syntax: str = ExplicitVRLittleEndian, bits: int = 16) -> Dataset:
    plate = Dataset()
    plate.file_meta = FileMetaDataset()
    plate.file_meta.MediaStorageSOPClassUID = CTImageStorage
    plate.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.7"
    plate.file_meta.TransferSyntaxUID = syntax
    plate.SOPClassUID, plate.SOPInstanceUID = CTImageStorage, "1.2.826.0.1.3680043.8.498.7"
    plate.StudyInstanceUID, plate.SeriesInstanceUID, plate.FrameOfReferenceUID = "1.2.826.0.1.3680043.8.498.5", "1.2.826.0.1.3680043.8.498.6", "1.2.3"
    plate.PatientName, plate.PatientID, plate.Modality = "Doe^Jane", "P-1", "CT"
    plate.StudyDate, plate.StudyTime, plate.AccessionNumber, plate.StudyID = "20240229", "101500", "A1", "1"
    plate.PatientBirthDate, plate.PatientSex, plate.ReferringPhysicianName, plate.SeriesNumber, plate.InstanceNumber = "19700101", "O", "", 1, 1
    plate.ImagePositionPatient, plate.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    plate.PixelSpacing, plate.SliceThickness = [0.5, 0.5], 2.0
    plate.Rows = plate.Columns = 32
    plate.SamplesPerPixel, plate.PhotometricInterpretation, plate.PixelRepresentation = 1, "MONOCHROME2", 0
    plate.BitsAllocated, plate.BitsStored, plate.HighBit = bits, bits if bits == 8 else 12, (bits if bits == 8 else 12) - 1
    plate.RescaleIntercept, plate.RescaleSlope, plate.WindowCenter, plate.WindowWidth = -1024, 1, 40, 400
    grid = np.arange(1024).reshape(32, 32)
    plate.PixelData = ((grid % 256).astype("u1") if bits == 8 else (grid * 3).astype("<u2")).tobytes()
    plate["PixelData"].VR = "OB" if bits == 8 else "OW"
    return plate


def _bytes(plate: Dataset) -> bytes:
    out = io.BytesIO()
    plate.save_as(out, enforce_file_format=True)
    return out.getvalue()


def syntaxes() -> object:
    out = []
    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        again = pydicom.dcmread(io.BytesIO(_bytes(_plate(syntax))))
        out.append((syntax.name.split()[0], int(again.pixel_array.sum())))
    big = _plate(ExplicitVRBigEndian)
    big.PixelData = np.frombuffer(big.PixelData, "<u2").astype(">u2").tobytes()
    again = pydicom.dcmread(io.BytesIO(_bytes(big)))
    return [*out, ("Big", int(again.pixel_array.sum()))]


def run_length() -> object:
    out = []
    for plugin in ("pydicom", "pylibjpeg", "gdcm"):
        plate = _plate()
        plate.compress(RLELossless, encoding_plugin=plugin)
        for decoder in ("pydicom", "pylibjpeg"):
            again = pydicom.dcmread(io.BytesIO(_bytes(plate)))
            again.pixel_array_options(decoding_plugin=decoder)
            out.append((plugin, decoder, int(again.pixel_array.sum())))
    return out


def jpeg_2000() -> object:
    plate = _plate()
    plate.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg")
    out = []
    for decoder in ("pylibjpeg", "gdcm", "pillow"):
        again = pydicom.dcmread(io.BytesIO(_bytes(plate)))
        again.pixel_array_options(decoding_plugin=decoder)
        out.append((decoder, int(again.pixel_array.sum())))
    return out


def jpeg_ls() -> object:
    plate = _plate()
    plate.compress(JPEGLSLossless, encoding_plugin="pyjpegls")
    out = []
    for decoder in ("pyjpegls", "pylibjpeg", "gdcm"):
        again = pydicom.dcmread(io.BytesIO(_bytes(plate)))
        again.pixel_array_options(decoding_plugin=decoder)
        out.append((decoder, int(again.pixel_array.sum())))
    return out


def jpegs_by_gdcm() -> object:
    import gdcm

    out = []
    for name, bits in (
        ("JPEGBaselineProcess1", 8),
        ("JPEGExtendedProcess2_4", 16),
        ("JPEGLosslessProcess14", 16),
        ("JPEGLosslessProcess14_1", 16),
        ("JPEG2000", 16),
        ("RLELossless", 16),
    ):
        with open("in.dcm", "wb") as file:
            file.write(_bytes(_plate(bits=bits)))
        reader = gdcm.ImageReader()
        reader.SetFileName("in.dcm")
        reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, name)))
        change.SetInput(reader.GetImage())
        if not change.Change():
            out.append((name, "unchanged"))
            continue
        writer = gdcm.ImageWriter()
        writer.SetFileName("out.dcm")
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.Write()
        for decoder in ("pylibjpeg", "gdcm", "pillow"):
            again = pydicom.dcmread("out.dcm")
            try:
                again.pixel_array_options(decoding_plugin=decoder)
                out.append((name, decoder, round(float(again.pixel_array.mean()))))
            except (RuntimeError, ValueError, NotImplementedError) as error:
                out.append((name, decoder, type(error).__name__))
    return out


def gdcm_dictionaries() -> object:
    import gdcm

    tables = gdcm.GlobalInstance if hasattr(gdcm, "GlobalInstance") else gdcm.Global.GetInstance()
    entry = tables.GetDicts().GetDictEntry(gdcm.Tag(0x0010, 0x0010))
    names = gdcm.Directory()
    with open("a.dcm", "wb") as file:
        file.write(_bytes(_plate()))
    count = names.Load(".", True)
    scan = gdcm.Scanner()
    scan.AddTag(gdcm.Tag(0x0010, 0x0020))
    scan.Scan(names.GetFilenames())
    return entry.GetName() if hasattr(entry, "GetName") else str(entry), count, list(scan.GetValues())


def names_in_characters() -> object:
    out = []
    for charset, person in (
        (["ISO_IR 100"], "Müller^Jörg"),
        (["ISO_IR 144"], "Люкceмбypг"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        (["GB18030"], "Wang^XiaoDong=王^小东"),
        (["ISO_IR 192"], "Ελλάς"),
        (["ISO_IR 166"], "ไทย"),
    ):
        plate = _plate()
        plate.SpecificCharacterSet = charset
        plate.PatientName = person
        again = pydicom.dcmread(io.BytesIO(_bytes(plate)))
        again.decode()
        out.append(str(again.PatientName) == person)
    return out


def directory() -> object:
    from pydicom.fileset import FileSet

    found = FileSet()
    for number in range(3):
        plate = _plate()
        plate.SOPInstanceUID = plate.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.8.498.7.{number}"
        plate.InstanceNumber = number + 1
        found.add(plate)
    found.write("set")
    again = FileSet("set/DICOMDIR")
    return len(again), [item.InstanceNumber for item in again.find(PatientID="P-1")], again.find_values("Modality"), len(str(again)) > 100


def as_json() -> object:
    text = _plate().to_json()
    return Dataset.from_json(text).PatientName, len(text) > 1000


def look_ups() -> object:
    from pydicom.datadict import dictionary_description, keyword_for_tag, private_dictionary_description, tag_for_keyword
    from pydicom.sr.codedict import codes
    from pydicom.uid import UID, generate_uid

    return (
        dictionary_description(0x00280010),
        keyword_for_tag(0x00100010),
        hex(tag_for_keyword("PixelData") or 0),
        private_dictionary_description(0x0019103A, "GEMS_ACQU_01"),
        codes.SCT.Liver.value,
        codes.cid270.Person.meaning,
        UID("1.2.840.10008.5.1.4.1.1.4").name,
        generate_uid(entropy_srcs=["tea"])[:20],
    )


def palettes() -> object:
    from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_windowing, convert_color_space

    plate = _plate(bits=8)
    hot = [apply_color_lut(plate.pixel_array, palette=name).shape for name in ("HOT_IRON", "PET", "HOT_METAL_BLUE", "PET_20_STEP", "SPRING", "WINTER")]
    hounsfield = apply_modality_lut(_plate().pixel_array, _plate())
    return (
        hot,
        float(hounsfield.min()),
        float(apply_windowing(hounsfield, _plate()).max()),
        convert_color_space(np.zeros((4, 4, 3), "u1"), "YBR_FULL", "RGB")[0, 0].tolist(),
    )


def examples() -> object:
    from pydicom import examples as some
    from pydicom.data import get_palette_files, get_testdata_file

    ct = some.ct
    return (
        ct.PatientID,
        ct.pixel_array.shape,
        some.palette_color.PhotometricInterpretation,
        len(get_palette_files()),
        get_testdata_file("MR_small.dcm", download=False) is not None,
    )


def curves() -> object:
    from pydicom import examples as some

    wave = some.waveform
    return wave.waveform_array(0).shape, wave.WaveformSequence[0].MultiplexGroupLabel


def segments() -> object:
    import highdicom as hd
    from highdicom.sr.coding import CodedConcept
    from pydicom.sr.codedict import codes

    mask = np.zeros((1, 32, 32), "u1")
    mask[0, 8:16, 8:16] = 1
    maker = hd.AlgorithmIdentificationSequence(name="rule", version="1", family=codes.cid7162.ArtificialIntelligence)
    described = hd.seg.SegmentDescription(
        1, "liver", codes.SCT.Organ, codes.SCT.Liver, hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC, maker, tracking_uid="1.2.3.4", tracking_id="one"
    )
    made = hd.seg.Segmentation(
        [_plate()], mask, hd.seg.SegmentationTypeValues.BINARY, [described], "1.2.3.5", 2, "1.2.3.6", 1, "maker", "model", "1", "serial", content_label="SEG"
    )
    made.save_as("seg.dcm")
    again = hd.seg.segread("seg.dcm")
    concept = CodedConcept("1", "99X", "one")
    return (
        int(again.pixel_array.sum()),
        again.get_segment_numbers().tolist() if hasattr(again.get_segment_numbers(), "tolist") else list(again.get_segment_numbers()),
        concept.meaning,
    )


def _report() -> Dataset:
    import highdicom as hd
    from pydicom.sr.codedict import codes

    who = hd.sr.ObserverContext(codes.DCM.Device, hd.sr.DeviceObserverIdentifyingAttributes(uid="1.2.3.9"))
    measured = hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier("1.2.3.10", "one"),
        measurements=[hd.sr.Measurement(codes.SCT.Length, 4.2, codes.UCUM.Millimeter)],
    )
    content = hd.sr.MeasurementReport(hd.sr.ObservationContext(observer_device_context=who), codes.LN.CTUnspecifiedBodyRegion, imaging_measurements=[measured])
    return hd.sr.Comprehensive3DSR([_plate()], content, "1.2.3.7", 3, "1.2.3.8", 1, "maker")


def report() -> object:
    import highdicom as hd

    made = _report()
    made.save_as("sr.dcm", enforce_file_format=True)
    return made.Modality, len(hd.sr.srread("sr.dcm").content), len(hd.sr.utils.find_content_items(made, recursive=True)) > 0


def wrong_ones() -> object:
    out = []
    whole = _bytes(_plate())
    for data in (b"", b"tea" * 100, whole[:200], whole[:-100], whole[:132] + b"\xff" * 50):
        try:
            out.append(int(pydicom.dcmread(io.BytesIO(data)).pixel_array.sum()))
        except Exception as error:
            out.append(type(error).__name__)
    try:
        plate = _plate()
        plate.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
        plate.pixel_array  # noqa: B018
    except Exception as error:
        out.append(type(error).__name__)
    try:
        _plate().compress("1.2.840.10008.1.2.4.50")
    except Exception as error:
        out.append(type(error).__name__)
    return out


def commands() -> object:
    import subprocess
    import sys

    with open("a.dcm", "wb") as file:
        file.write(_bytes(_plate()))
    shown = subprocess.run([sys.executable, "-m", "pydicom.cli.main", "show", "a.dcm"], capture_output=True, text=True, check=False)
    code = subprocess.run(["pydicom", "codify", "a.dcm"], capture_output=True, text=True, check=False)
    lost = subprocess.run(["pydicom", "show", "nothing.dcm"], capture_output=True, text=True, check=False)
    return shown.returncode, "Doe^Jane" in shown.stdout, "PatientName" in code.stdout, lost.returncode

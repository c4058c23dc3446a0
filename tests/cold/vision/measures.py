"""Boxes and masks measured and moved between forms: pycocotools, supervision, shapely."""

import contextlib
import io
import json
import os
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import numpy as np

from vision import shapes


def attempt(name, action):
    try:
        print(name, action())
    except Exception as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:120])


os.makedirs("/tmp/m", exist_ok=True)
os.chdir("/tmp/m")
data = shapes.write(Path("/tmp/m/set"), 4)


def coco():
    from pycocotools import mask
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    images, truths, found = [], [], []
    for number in range(4):
        _, labels = shapes.drawn(number)
        images.append({"id": number, "width": 96, "height": 96, "file_name": f"{number}.jpg"})
        for kind, x, y, w, h in labels:
            box = [(x - w / 2) * 96, (y - h / 2) * 96, w * 96, h * 96]
            corners = [box[0], box[1], box[0] + box[2], box[1], box[0] + box[2], box[1] + box[3]]
            truths.append(
                {
                    "id": len(truths) + 1,
                    "image_id": number,
                    "category_id": kind + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                    "segmentation": [corners],
                }
            )
            found.append({"image_id": number, "category_id": kind + 1, "bbox": [box[0] + 1, *box[1:]], "score": 0.5 + number / 10})
    Path("truth.json").write_text(
        json.dumps({"info": {}, "images": images, "annotations": truths, "categories": [{"id": 1, "name": "disc"}, {"id": 2, "name": "box"}]})
    )
    Path("sent.json").write_text(json.dumps({"truth": json.loads(Path("truth.json").read_text()), "found": found}))
    with contextlib.redirect_stdout(io.StringIO()) as said:
        truth = COCO("truth.json")
        results = truth.loadRes(found)
        for kind in ("bbox", "segm"):
            if kind == "segm":
                results = truth.loadRes(
                    [
                        {**{key: value for key, value in each.items() if key != "bbox"}, "segmentation": truth.annToRLE(truths[number])}
                        for number, each in enumerate(found)
                    ]
                )
            judge = COCOeval(truth, results, kind)
            judge.evaluate()
            judge.accumulate()
            judge.summarize()
    area = mask.area(mask.encode(np.asfortranarray(np.ones((4, 5), "uint8"))))
    return said.getvalue().count("Average Precision"), round(float(judge.stats[0]), 3), int(area)


attempt("coco", coco)
import supervision as sv

detections = sv.Detections(
    xyxy=np.array([[5.0, 5, 40, 40], [8, 8, 42, 42], [50, 50, 90, 90]]),
    confidence=np.array([0.9, 0.6, 0.8]),
    class_id=np.array([0, 0, 1]),
    tracker_id=np.array([1, 2, 3]),
)
masked = sv.Detections(
    xyxy=detections.xyxy,
    class_id=detections.class_id,
    tracker_id=detections.tracker_id,
    confidence=detections.confidence,
    mask=np.stack([np.pad(np.ones((20, 20), bool), ((n, 76 - n), (n, 76 - n))) for n in (5, 8, 50)]),
)
picture = np.asarray(shapes.drawn(2000)[0]).copy()
truths = sv.Detections(xyxy=detections.xyxy[[0, 2]] + 1, class_id=np.array([0, 1]))
for name in sorted(name for name in dir(sv) if name.endswith("Annotator")):

    def drawn():
        kind = getattr(sv, name)
        if name in (
            "IconAnnotator",
            "ComparisonAnnotator",
            "PolygonZoneAnnotator",
            "LineZoneAnnotator",
            "LineZoneAnnotatorMulticlass",
            "CropAnnotator",
            "DepthAnnotator",
        ):
            return kind.__name__
        if name.startswith(("Vertex", "Edge")):
            return kind().annotate(picture.copy(), sv.KeyPoints(xy=np.array([[[5.0, 5], [50, 50], [20, 70]]]))).shape
        return kind().annotate(picture.copy(), masked).shape

    attempt(name, drawn)
for name in sorted(name for name in dir(sv.metrics) if name[0].isupper() and name not in ("AveragingMethod", "MetricTarget")):
    attempt(name, lambda: type(getattr(sv.metrics, name)().update([detections], [truths]).compute()).__name__)
attempt(
    "measure drawn",
    lambda: (
        sv.metrics.MeanAveragePrecision().update([detections], [truths]).compute().plot(),
        sv.metrics.MeanAveragePrecision().update([detections], [truths]).compute().to_pandas(),
    )[0],
)
attempt("confusion", lambda: sv.ConfusionMatrix.from_detections([detections], [truths], ["disc", "box"]).matrix.tolist())
attempt(
    "confusion drawn",
    lambda: (
        sv.ConfusionMatrix.from_detections([detections], [truths], ["disc", "box"]).plot("/tmp/m/c.png") is not None and os.path.getsize("/tmp/m/c.png") > 900
    ),
)
kept = sv.DetectionDataset.from_yolo("set/images/train", "set/labels/train", str(data))
attempt("data set", lambda: (len(kept), kept.classes))
attempt("as coco", lambda: (kept.as_coco("c/images", "c/a.json"), len(sv.DetectionDataset.from_coco("c/images", "c/a.json")))[1])
attempt("as voc", lambda: (kept.as_pascal_voc("v/images", "v/labels"), len(sv.DetectionDataset.from_pascal_voc("v/images", "v/labels")))[1])
attempt("as labelme", lambda: (kept.as_labelme("l/images", "l/labels"), len(sv.DetectionDataset.from_labelme("l/images", "l/labels")))[1])
attempt("as createml", lambda: (kept.as_createml("e/images", "e/a.json"), len(sv.DetectionDataset.from_createml("e/images", "e/a.json")))[1])
attempt("split", lambda: [len(part) for part in kept.split(0.5, random_state=1)])
attempt("nms", lambda: (len(detections.with_nms(0.3)), len(detections.with_nmm(0.3))))
attempt("slices", lambda: len(sv.InferenceSlicer(callback=lambda part: detections[:1], slice_wh=48, overlap_wh=8)(picture)) > 0)
attempt("smooth", lambda: len(sv.DetectionsSmoother().update_with_detections(detections)))
attempt("polygons", lambda: [len(each) for each in sv.mask_to_polygons(masked.mask[0])])
attempt(
    "zone",
    lambda: (
        sv.PolygonZone(np.array([[0, 0], [60, 0], [60, 60], [0, 60]])).trigger(detections).tolist(),
        sv.LineZone(sv.Point(0, 45), sv.Point(96, 45)).trigger(detections)[0].tolist(),
    ),
)


def sinks():
    with sv.CSVSink("a.csv") as sink:
        sink.append(detections, {"frame": 1})
    with sv.JSONSink("a.json") as sink:
        sink.append(detections, {"frame": 1})
    with sv.VideoSink("a.mp4", sv.VideoInfo(96, 96, 5, 3)) as sink:
        for _ in range(3):
            sink.write_frame(picture)
    with sv.ImageSink("pictures", overwrite=True) as sink:
        sink.save_image(picture)
    return (
        Path("a.csv").read_text().count("\n"),
        len(json.loads(Path("a.json").read_text())),
        sv.VideoInfo.from_video_path("a.mp4").total_frames,
        len(list(sv.get_video_frames_generator("a.mp4"))),
        os.listdir("pictures"),
    )


attempt("sinks", sinks)
attempt("vlm", lambda: len(sv.Detections.from_vlm(sv.VLM.PALIGEMMA, "<loc0256><loc0256><loc0768><loc0768> cat", resolution_wh=(96, 96), classes=["cat"])))
attempt("plots", lambda: (__import__("matplotlib").use("agg"), sv.plot_image(picture), sv.plot_images_grid([picture] * 2, (1, 2)))[1])
attempt("assets", lambda: __import__("supervision.assets", fromlist=["a"]).VideoAssets.list()[:2])
import shapely
from shapely import affinity, geometry, ops, strtree, validation, wkb, wkt

attempt("union", lambda: round(ops.unary_union([geometry.Point(0, 0).buffer(1), geometry.box(0, 0, 2, 2)]).area, 2))
attempt("tree", lambda: strtree.STRtree([geometry.Point(n, n) for n in range(9)]).query(geometry.box(2, 2, 4, 4)).tolist())
attempt(
    "forms",
    lambda: (
        wkt.loads("POINT (1 2)").wkt,
        wkb.dumps(geometry.Point(1, 2), hex=True)[:10],
        geometry.mapping(geometry.box(0, 0, 1, 1))["type"],
        shapely.from_geojson('{"type":"Point","coordinates":[1,2]}').x,
    ),
)
attempt("bad", lambda: validation.explain_validity(geometry.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])))
attempt("mended", lambda: validation.make_valid(geometry.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])).geom_type)
attempt(
    "voronoi",
    lambda: (
        len(shapely.voronoi_polygons(geometry.MultiPoint([(0, 0), (1, 1), (0, 2), (3, 1)])).geoms),
        shapely.concave_hull(geometry.MultiPoint([(0, 0), (1, 1), (0, 2), (3, 1)])).geom_type,
        affinity.rotate(geometry.box(0, 0, 1, 1), 45).bounds[0] < 0,
    ),
)
attempt("broken text", lambda: wkt.loads("POINT (1"))
attempt("versions", lambda: shapely.geos_version[0])
os._exit(0)

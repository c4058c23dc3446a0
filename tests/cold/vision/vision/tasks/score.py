"""How good were the boxes? The body is JSON: a COCO data set and what was found."""

import contextlib
import io
import json
import tempfile


def run(data: bytes, how: dict):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    sent = json.loads(data)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as kept, contextlib.redirect_stdout(io.StringIO()):
        json.dump(sent["truth"], kept)
        kept.flush()
        truth = COCO(kept.name)
        judge = COCOeval(truth, truth.loadRes(sent["found"]), how.get("by", "bbox"))
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return {"average precision": round(float(judge.stats[0]), 3)}

import os

from gate.media import counted, run

ENCODERS = {
    "flac": "flacenc",
    "mp3": "lamemp3enc",
    "opus": "opusenc ! oggmux",
    "wav": "wavenc",
    "aac": "avenc_aac ! mp4mux",
    "wv": "wavpackenc",
    "spx": "speexenc ! oggmux",
    "au": "alawenc",
}


def work(kind="flac"):
    path = f"/tmp/sound.{kind}"
    trouble = run(f"audiotestsrc num-buffers=10 ! audioconvert ! audioresample ! {ENCODERS[kind]} ! filesink location={path}")
    if trouble or kind == "au":
        return f"{kind}: {trouble or os.path.getsize(path)}\n"
    number = counted(f"filesrc location={path} ! decodebin ! audioconvert ! fakesink name=s")
    os.remove(path)
    return f"{kind}: {number > 0}\n"

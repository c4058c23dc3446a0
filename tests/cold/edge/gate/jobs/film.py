import os

from gate.media import counted, run

MUXERS = {
    "mp4": ("x264enc tune=zerolatency", "voaacenc", "mp4mux"),
    "webm": ("vp8enc", "opusenc", "webmmux"),
    "ogg": ("theoraenc", "vorbisenc", "oggmux"),
    "avi": ("jpegenc", "lamemp3enc", "avimux"),
    "mkv": ("avenc_mpeg4", "flacenc", "matroskamux"),
    "ts": ("mpeg2enc", "avenc_mp2", "mpegtsmux"),
    "vp9": ("vp9enc", "opusenc", "webmmux"),
    "mov": ("x265enc ! h265parse", "voaacenc", "qtmux"),
}


def work(kind="mp4"):
    video, audio, muxer = MUXERS[kind]
    path = f"/tmp/film.{kind}"
    trouble = run(
        f"{muxer} name=m ! filesink location={path} videotestsrc num-buffers=10 ! video/x-raw,width=64,height=48 ! videoconvert ! {video} ! queue ! m. "
        f"audiotestsrc num-buffers=10 ! audioconvert ! audioresample ! {audio} ! queue ! m."
    )
    if trouble:
        return f"{kind}: {trouble}\n"
    frames = counted(f"filesrc location={path} ! decodebin ! videoconvert ! fakesink name=s")
    os.remove(path)
    return f"{kind}: {frames} frames\n"

from gate.media import counted

LINES = {
    "h264": "x264enc ! rtph264pay ! rtph264depay ! avdec_h264",
    "jpeg": "jpegenc ! rtpjpegpay ! rtpjpegdepay ! jpegdec",
    "vp8": "vp8enc ! rtpvp8pay ! rtpvp8depay ! vp8dec",
    "png": "pngenc ! pngdec",
    "raw": "videoscale ! videorate ! video/x-raw,width=32,height=32,framerate=5/1",
    "multi": "multipartmux ! multipartdemux",
    "hls": "x264enc ! h264parse ! mpegtsmux ! tsparse",
    "webp": "webpenc ! webpdec",
    "y4m": "y4menc",
    "srtp": "x264enc ! rtph264pay ! srtpenc key=012345678901234567890123456789012345678901234567890123456789",
    "zbar": "zbar ! videoconvert",
    "none": "nothing9",
}


def work(kind="h264"):
    return f"{kind}: {counted('videotestsrc num-buffers=10 ! videoconvert ! ' + LINES[kind] + ' ! fakesink name=s') > 0}\n"

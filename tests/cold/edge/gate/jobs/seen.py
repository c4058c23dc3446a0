import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstVideo", "1.0")
gi.require_version("GstPbutils", "1.0")
gi.require_version("GstAudio", "1.0")
gi.require_version("GstRtp", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstApp, GstAudio, GstPbutils, GstRtp, GstSdp, GstVideo

from gate.media import run


def work():
    pipeline = Gst.parse_launch("videotestsrc num-buffers=3 ! video/x-raw,format=RGB,width=8,height=8 ! appsink name=s")
    sink = pipeline.get_by_name("s")
    pipeline.set_state(Gst.State.PLAYING)
    sample = sink.try_pull_sample(10 * Gst.SECOND)
    info = GstVideo.VideoInfo.new_from_caps(sample.get_caps())
    size = sample.get_buffer().get_size()
    pipeline.set_state(Gst.State.NULL)
    run("videotestsrc num-buffers=5 ! x264enc ! mp4mux ! filesink location=/tmp/seen.mp4")
    found = GstPbutils.Discoverer.new(5 * Gst.SECOND).discover_uri("file:///tmp/seen.mp4")
    codec = GstPbutils.pb_utils_get_codec_description(found.get_video_streams()[0].get_caps())
    status, message = GstSdp.SDPMessage.new()
    level = GstAudio.AudioInfo()
    return f"{size} {info.width} {isinstance(sink, GstApp.AppSink)} {codec} {GstRtp.RTPBuffer is not None} {message.as_text()[:3]} {level.rate}\n"

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer


def work():
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service("8554")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch("( videotestsrc ! x264enc ! rtph264pay name=pay0 )")
    server.get_mount_points().add_factory("/gate", factory)
    context = GLib.MainContext.new()
    source = server.attach(context)
    line = Gst.parse_launch("rtspsrc location=rtsp://127.0.0.1:8554/gate ! rtph264depay ! fakesink num-buffers=2")
    line.set_state(Gst.State.PLAYING)
    bus, message = line.get_bus(), None
    for _ in range(2000):
        context.iteration(False)
        message = bus.timed_pop_filtered(10 * Gst.MSECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if message is not None:
            break
    line.set_state(Gst.State.NULL)
    return f"{source > 0} {message is not None and message.type == Gst.MessageType.EOS}\n"

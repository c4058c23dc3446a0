"""Pipelines of GStreamer."""

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst

Gst.init(None)


def run(line, seconds=60):
    """Run a pipeline to its end; return what went wrong, or nothing."""
    pipeline = Gst.parse_launch(line)
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(seconds * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message is None:
        return "no end"
    return "" if message.type == Gst.MessageType.EOS else message.parse_error()[0].message


def counted(line):
    """Run a pipeline whose sink is called s; return how many buffers came."""
    pipeline = Gst.parse_launch(line)
    sink, number = pipeline.get_by_name("s"), [0]
    sink.set_property("signal-handoffs", True)
    sink.connect("handoff", lambda *_: number.__setitem__(0, number[0] + 1))
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message is not None and message.type == Gst.MessageType.ERROR:
        raise RuntimeError(message.parse_error()[0].message)
    return number[0]

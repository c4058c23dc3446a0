import os
import re
import subprocess

COMMANDS = {
    "inspect": ["gst-inspect-1.0", "--exists", "x264enc"],
    "launch": ["gst-launch-1.0", "-q", "videotestsrc", "num-buffers=3", "!", "fakesink"],
    "discover": ["gst-discoverer-1.0", "/nothing.mp4"],
    "speak": ["espeak-ng", "-v", "de", "-w", "/tmp/said.wav", "Guten Tag"],
    "sox": ["sox", "-D", "-n", "/tmp/a.flac", "synth", "0.1", "sine", "440"],
    "mp3": ["sox", "-D", "-n", "/tmp/a.ogg", "synth", "0.1", "sine", "440"],
    "snmp": ["snmptranslate", "-On", "SNMPv2-MIB::sysDescr.0"],
    "walk": ["snmpget", "-v2c", "-cpublic", "-t1", "-r0", "127.0.0.1:9", "sysDescr.0"],
    "mqtt": ["mosquitto_pub", "-h", "127.0.0.1", "-p", "9", "-t", "a", "-m", "b"],
    "keys": ["softhsm2-util", "--show-slots"],
    "thumbnail": ["gdk-pixbuf-thumbnailer", "/nothing.png", "/tmp/t.png"],
}


def work(name="inspect"):
    os.makedirs("/tmp/tokens", exist_ok=True)
    done = subprocess.run(COMMANDS[name], capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "Slot 0" in line or ":" in line or "." in line]
    return f"{done.returncode} {[re.sub('[0-9]+', '#', line) for line in lines[:1]]}\n"

import asyncio
import re

import streamlit
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

base = "http://127.0.0.1:8501"


async def visit():
    seen, texts = set(), []
    async with websockets.connect("ws://127.0.0.1:8501/_stcore/stream", subprotocols=["streamlit"], max_size=None) as socket:
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        await socket.send(asked.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(socket.recv(), 90))
            seen.add(message.WhichOneof("type"))
            if message.WhichOneof("type") == "delta":
                texts.append(message.delta.new_element.WhichOneof("type"))
            if message.WhichOneof("type") == "script_finished":
                return seen, texts


with program(
    "streamlit", "run", "/srv/platform/serving/board.py", "--server.port", "8501", "--server.headless", "true", url=base + "/_stcore/health"
) as server:
    show("health", ask(base + "/_stcore/health"))
    page = ask(base + "/")[1]
    assets = re.findall(r'(?:src|href)="(\./[^"]+)"', page)
    show("page", "<title>Streamlit</title>" in page, len(assets) > 1, {ask(f"{base}/{name[2:]}")[0] for name in assets})
    folder = Path(streamlit.__file__).parent / "static" / "static"
    count = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        status, text = ask(f"{base}/static/{path.relative_to(folder)}")
        count.setdefault((path.suffix, status), []).append(len(text) > 0)
    show("assets", [(kind, len(got) > 0, all(got)) for kind, got in sorted(count.items())])
    seen, texts = asyncio.run(visit())
    show("visit", "new_session" in seen, "script_finished" in seen, sorted(set(filter(None, texts))))
    show(
        "host", ask(base + "/_stcore/host-config")[0], ask(base + "/_stcore/metrics")[0], ask(base + "/_stcore/nothing")[0], ask(base + "/media/nothing.png")[0]
    )
show("end", server.returncode)
for words, status in (
    ("version", 0),
    ("config show", 0),
    ("cache clear", 0),
    ("--help", 0),
    ("run nothing.py", 2),
    ("hello --help", 0),
    ("docs --help", 0),
    ("init --help", 0),
):
    show("streamlit", words, len(run(f"streamlit {words}", status=status)) > 10)
with program("streamlit", "hello", "--server.port", "8502", "--server.headless", "true", url="http://127.0.0.1:8502/_stcore/health") as hello:
    show("hello", ask("http://127.0.0.1:8502/_stcore/health")[1])

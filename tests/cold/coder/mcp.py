"""The client of coder.mcp: over stdio, then over HTTP."""
import asyncio
import subprocess
import sys
import time

from fastmcp import Client
from fastmcp.client.transports import StdioTransport


async def ask(transport):
    async with Client(transport) as client:
        print(sorted(tool.name for tool in await client.list_tools()), [str(one.uriTemplate if hasattr(one, "uriTemplate") else one.uri_template) for one in await client.list_resource_templates()])
        print((await client.call_tool("run", {"name": "edit", "given": {"text": "a\n", "change": "s/a/b/", "by": "sed"}})).data)
        print((await client.get_prompt("review", {"language": "Go"})).messages[0].content.text)
        for call in (client.call_tool("run", {"name": "none", "given": {}}), client.call_tool("run", {}), client.read_resource("file:///none")):
            try:
                await call
            except Exception as error:
                print(type(error).__name__)


asyncio.run(ask(StdioTransport("start", ["mcp"])))
for kind, path in (("http", "mcp"), ("sse", "sse")):
    server = subprocess.Popen([sys.executable, "-m", "coder.mcp", kind], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(60):
        time.sleep(1)
        try:
            asyncio.run(ask(f"http://127.0.0.1:8901/{path}"))
            break
        except Exception as error:
            last = error
    else:
        print(last)
    server.terminate()
    print(kind, server.wait(20))

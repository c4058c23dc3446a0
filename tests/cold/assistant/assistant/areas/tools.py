"""Tools over MCP: a server as a child process, one within the process, one over HTTP."""

import asyncio
import sys


async def child() -> dict:
    from mcp import Client, StdioServerParameters

    async with Client(StdioServerParameters(command=sys.executable, args=["-m", "assistant.tool_server"])) as client:
        good = await client.call_tool("add", {"a": 2, "b": 3})
        bad = await client.call_tool("add", {"a": "x"})
        note = await client.read_resource("note://tea")
        prompt = await client.get_prompt("greet", {"name": "tea"})
        return {
            "tools": [tool.name for tool in (await client.list_tools()).tools],
            "sum": good.content[0].text,
            "bad": bad.is_error,
            "note": note.contents[0].text,
            "prompt": prompt.messages[0].content.text,
        }


async def inside() -> dict:
    from mcp import Client

    from assistant.tool_server import server

    async with Client(server) as client:
        return {"sum": (await client.call_tool("add", {"a": 1, "b": 1})).content[0].text}


async def over_http(transport: str = "streamable-http") -> dict:
    from mcp import Client

    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "assistant.tool_server", transport)
    try:
        for _ in range(100):
            try:
                async with Client("http://127.0.0.1:8765/mcp") as client:
                    return {"tools": [tool.name for tool in (await client.list_tools()).tools]}
            except Exception:
                await asyncio.sleep(0.2)
        return {}
    finally:
        process.terminate()
        await process.wait()

"""A server of tools: over standard input and output, or HTTP."""

import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("tools")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.resource("note://{name}")
def note(name: str) -> str:
    """A note."""
    return f"a note on {name}"


@server.prompt()
def greet(name: str) -> str:
    """Greet."""
    return f"hello {name}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run(sys.argv[1], port=8765)
    else:
        server.run()

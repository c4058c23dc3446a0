"""The tools over MCP: stdio as long as no other way is named."""
import sys

from fastmcp import FastMCP

from coder import load

server = FastMCP("coder", instructions="Tools for programs.")


@server.tool
def run(name: str, given: dict) -> str:
    """Run a tool with what it is given."""
    return str(load.tool(name)(**given))


@server.resource("file:///{name}")
def file(name: str) -> str:
    with open(f"/code/{name}") as stream:
        return stream.read()


@server.prompt
def review(language: str) -> str:
    return f"Review this {language} program."


if __name__ == "__main__":
    server.run(**({"transport": sys.argv[1], "host": "127.0.0.1", "port": 8901} if len(sys.argv) > 1 else {"show_banner": False}))

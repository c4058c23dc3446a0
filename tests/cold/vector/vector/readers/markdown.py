def read(data: bytes) -> str:
    from markdown_it import MarkdownIt

    from vector.readers import html

    return html.read(MarkdownIt("commonmark").enable("table").render(data.decode()).encode())

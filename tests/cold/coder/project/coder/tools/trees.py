"""Trees of programs in any language."""
from importlib.resources import files


def run(text, language="python", query=""):
    """The tree, or what a query finds in it."""
    from tree_sitter_language_pack import get_language, get_parser

    tree = get_parser(language).parse(text.encode())
    if not query:
        return str(tree.root_node)[:200]
    from tree_sitter import Query, QueryCursor

    found = QueryCursor(Query(get_language(language), files("coder").joinpath(f"{query}.scm").read_text())).captures(tree.root_node)
    return {name: [node.text.decode() for node in nodes] for name, nodes in found.items()}

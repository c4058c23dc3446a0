"""Trees of many languages, and what their grammars are."""
from tree_sitter_language_pack import get_binding, get_language, get_parser

for name in ("c", "cpp", "csharp", "rust", "go", "javascript", "typescript", "tsx", "bash", "yaml", "toml", "json", "html", "css", "sql", "ruby", "php", "kotlin", "swift", "scala", "haskell", "ocaml", "lua", "zig", "markdown", "dockerfile", "make", "cmake", "embeddedtemplate", "latex", "r", "julia", "none"):
    try:
        tree = get_parser(name).parse(b"a = 1\n")
        print(name, str(tree.root_node)[:60], get_language(name).abi_version, type(get_binding(name)).__name__)
    except Exception as error:
        print(name, type(error).__name__, str(error)[:80])

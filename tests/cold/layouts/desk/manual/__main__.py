import pydoc

pages = [pydoc.plain(pydoc.render_doc("desk.logs")).splitlines()[0], len(pydoc.plain(pydoc.render_doc("tuple"))) > 100]
if __name__ == "__main__":
    print("\n".join(map(str, pages)))

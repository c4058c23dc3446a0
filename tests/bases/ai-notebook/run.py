"""Execute the notebook, print what its cells print."""

import nbformat
from nbclient import NotebookClient

book = nbformat.read("sums.ipynb", as_version=4)
NotebookClient(book, timeout=60).execute()
for cell in book.cells:
    for output in cell.outputs:
        print(output.text, end="")

import sys
from pathlib import Path

import faiss
import numpy

names = ["dog", "cat", "car"]
index = faiss.IndexFlatL2(2)
index.add(numpy.array([[0, 1], [1, 1], [9, 9]], dtype=numpy.float32))
path = str(Path(sys.argv[1]) / "animals.index")
faiss.write_index(index, path)
_, found = faiss.read_index(path).search(numpy.array([[1.2, 1.1]], dtype=numpy.float32), 1)
print("nearest:", names[found[0][0]])

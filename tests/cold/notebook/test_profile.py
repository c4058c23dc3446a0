"""What the profile does: one look at the status, one cell."""

import lab

with lab.client() as web:
    status = web.get("/api/status")
    status.raise_for_status()
    print(status.json()["kernels"])
    kernel = lab.Kernel()
    shown = []
    kernel.run("1 + 1", show=lambda *words: shown.append(words))
    kernel.close()
    assert any("2" in words for words in shown), shown

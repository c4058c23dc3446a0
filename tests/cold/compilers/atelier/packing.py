"""Models for other programs."""

import torch


class Head(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.SiLU(), torch.nn.Linear(8, 2))

    def forward(self, x):
        return self.body(x).softmax(-1)


def package():
    from torch._inductor import aoti_compile_and_package, aoti_load_package

    head, given = Head().eval(), torch.ones(2, 4)
    path = aoti_compile_and_package(torch.export.export(head, (given,)), package_path="/tmp/head.pt2")
    return {"same": bool(torch.allclose(aoti_load_package(path)(given), head(given), atol=1e-4))}


def trace():
    import torch._dynamo as dynamo

    head, given = Head().eval(), torch.ones(2, 4)
    return {"same": bool(torch.allclose(dynamo.optimize("inductor")(head)(given), head(given), atol=1e-4))}

"""What tensorboard is told."""

from loom.places import RUNS, still


def written(name="first"):
    """Scalars, texts, pictures, histograms, graphs, embeddings, sounds, curves, parameters, meshes, layouts."""
    import torch
    from torch.utils.tensorboard import SummaryWriter

    still()
    with SummaryWriter(str(RUNS / name)) as w:
        for step in range(3):
            w.add_scalar("loss/train", 1 / (step + 1), step)
        w.add_scalars("loss/both", {"a": 1.0, "b": 2.0}, 1)
        w.add_text("note", "**tea** | cups", 1)
        w.add_image("picture", torch.rand(3, 8, 8), 1)
        w.add_images("pictures", torch.rand(2, 3, 8, 8), 1)
        w.add_histogram("weights", torch.randn(100), 1)
        w.add_audio("sound", torch.sin(torch.arange(800) / 10).unsqueeze(0), 1, 8000)
        w.add_pr_curve("curve", torch.tensor([0, 1, 1]), torch.tensor([0.1, 0.6, 0.8]), 1)
        w.add_graph(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()), torch.rand(1, 2))
        w.add_embedding(torch.rand(5, 4), metadata=list("abcde"), tag="embedded", global_step=1)
        w.add_hparams({"lr": 0.1, "by": "adam"}, {"hparam/loss": 0.3}, run_name="hp")
        w.add_mesh("mesh", torch.rand(1, 4, 3), global_step=1)
        w.add_custom_scalars({"all": {"loss": ["Multiline", ["loss/train"]]}})
    return sorted(path.name.split(".")[0] for path in (RUNS / name).iterdir())


def read(name="first"):
    """The events again, by the library alone; one run that is broken."""
    from tensorboard.backend.event_processing import event_accumulator, event_file_loader

    (RUNS / "broken").mkdir(exist_ok=True)
    (RUNS / "broken" / "events.out.tfevents.1.x").write_bytes(b"nothing at all, but long enough to be read")
    found = event_accumulator.EventAccumulator(str(RUNS / name)).Reload()
    try:
        list(event_file_loader.EventFileLoader(str(RUNS / "broken" / "events.out.tfevents.1.x")).Load())
        broken = "none"
    except Exception as error:
        broken = type(error).__name__
    return {"scalars": found.Tags()["scalars"], "tensors": sorted(found.Tags()["tensors"])[:6], "broken": broken}

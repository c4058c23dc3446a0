"""Lightning: trainers, loggers, callbacks, its command line."""

import sys

from loom.places import scratch, still


def _parts():
    import lightning
    import torch

    class Line(lightning.LightningModule):
        def __init__(self, width: int = 8, rate: float = 0.01):
            super().__init__()
            self.save_hyperparameters()
            self.one = torch.nn.Linear(8, width)
            self.example_input_array = torch.rand(2, 8)

        def forward(self, x):
            return self.one(x)

        def training_step(self, batch, _):
            loss = self(batch[0]).square().mean()
            self.log("loss", loss, on_epoch=True)
            return loss

        def validation_step(self, batch, _):
            self.log("val", self(batch[0]).square().mean(), prog_bar=True)

        def predict_step(self, batch, _):
            return self(batch[0])

        def configure_optimizers(self):
            by = torch.optim.AdamW(self.parameters(), lr=self.hparams.rate)
            return {"optimizer": by, "lr_scheduler": {"scheduler": torch.optim.lr_scheduler.ReduceLROnPlateau(by), "monitor": "val"}}

    class Rows(lightning.LightningDataModule):
        def __init__(self, batch: int = 4):
            super().__init__()
            self.batch = batch

        def _rows(self):
            return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.rand(16, 8)), batch_size=self.batch)

        train_dataloader = val_dataloader = test_dataloader = predict_dataloader = _rows

    return Line, Rows


def fitted(loggers=("csv",), callbacks=(), **values):
    import lightning
    from lightning.pytorch import callbacks as c
    from lightning.pytorch import loggers as l

    still()
    folder = scratch("light")
    made = []
    for name in loggers:
        kind = {"csv": l.CSVLogger, "tensorboard": l.TensorBoardLogger, "mlflow": l.MLFlowLogger, "wandb": l.WandbLogger}[name]
        made.append(kind(save_dir=str(folder)))
    given = {
        "stopping": lambda: c.EarlyStopping("val"), "swa": lambda: c.StochasticWeightAveraging(1e-2), "summary": lambda: c.RichModelSummary(2), "progress": lambda: c.RichProgressBar(),
        "rate": lambda: c.LearningRateMonitor(), "device": lambda: c.DeviceStatsMonitor(cpu_stats=True), "timer": lambda: c.Timer("00:00:05:00"), "ema": lambda: c.EMAWeightAveraging(),
        "accumulate": lambda: c.GradientAccumulationScheduler({0: 2}), "prune": lambda: c.ModelPruning("l1_unstructured", amount=0.5), "checkpoint": lambda: c.ModelCheckpoint(monitor="val", save_top_k=2, save_last=True),
    }  # fmt: skip
    Line, Rows = _parts()
    trainer = lightning.Trainer(
        max_epochs=2,
        accelerator="cpu",
        default_root_dir=folder,
        logger=made,
        callbacks=[given[name]() for name in callbacks],
        enable_progress_bar="progress" in callbacks,
        log_every_n_steps=1,
        **values,
    )
    trainer.fit(Line(), Rows())
    return {
        "steps": trainer.global_step,
        "measures": sorted(trainer.callback_metrics),
        "files": sorted({path.suffix for path in folder.rglob("*") if path.is_file() and not path.suffix[1:].isdigit()}),
    }


def later():
    """Tested, predicted, loaded from its checkpoint, turned into other forms, tuned."""
    import lightning
    from lightning.pytorch.tuner import Tuner

    still()
    folder = scratch("later")
    Line, Rows = _parts()
    trainer = lightning.Trainer(
        max_epochs=1, accelerator="cpu", default_root_dir=folder, logger=False, enable_progress_bar=False, profiler="advanced", enable_model_summary=False
    )
    model = Line()
    trainer.fit(model, Rows())
    trainer.save_checkpoint(folder / "a.ckpt")
    again = Line.load_from_checkpoint(folder / "a.ckpt", width=8)
    predicted = trainer.predict(again, Rows())
    model.to_onnx(str(folder / "a.onnx"), export_params=True)
    script = model.to_torchscript(method="trace") if hasattr(model, "to_torchscript") else None
    tuned = Tuner(
        lightning.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False, enable_checkpointing=False, default_root_dir=folder)
    ).lr_find(Line(), Rows(), num_training=20)
    return {"predicted": len(predicted), "onnx": (folder / "a.onnx").exists(), "script": script is not None, "tuned": tuned is not None}


def fabric(precision="bf16-mixed"):
    """Fabric: the same by hand."""
    import lightning
    import torch

    still()
    by_hand = lightning.Fabric(accelerator="cpu", devices=1, precision=precision)
    by_hand.launch()
    model, by = (
        by_hand.setup(torch.nn.Linear(8, 8), torch.optim.SGD(torch.nn.Linear(8, 8).parameters(), 0.1))
        if False
        else (by_hand.setup_module(torch.nn.Linear(8, 8)), None)
    )
    loss = model(torch.rand(2, 8)).square().mean()
    by_hand.backward(loss)
    by_hand.save(scratch("fabric") / "a.ckpt", {"model": model})
    return {"finite": bool(torch.isfinite(loss)), "by": by}


def line(words=("--help",)):
    """Lightning's command line, with our parts."""
    import contextlib
    import io

    from lightning.pytorch.cli import LightningCLI

    Line, Rows = _parts()
    out, old = io.StringIO(), sys.argv
    sys.argv = ["light", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            LightningCLI(Line, Rows)
        status = 0
    except SystemExit as error:
        status = error.code
    finally:
        sys.argv = old
    text = out.getvalue()
    return {"status": status, "lines": len(text.splitlines()) > 3, "head": text.strip().splitlines()[0][:70] if text.strip() else ""}

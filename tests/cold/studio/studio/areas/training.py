"""Training by frameworks."""

import os

import torch
from torch import nn


def _data():
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(0)
    data = torch.randn(32, 4)
    return DataLoader(TensorDataset(data, data.sum(1, keepdim=True)), batch_size=8)


def lightning(logger: str = "csv") -> dict:
    import lightning as L
    from lightning.pytorch import loggers
    from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint, ModelSummary

    class Net(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 1)
            self.save_hyperparameters()

        def training_step(self, batch, _):
            loss = nn.functional.mse_loss(self.layer(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def validation_step(self, batch, _):
            self.log("val", nn.functional.mse_loss(self.layer(batch[0]), batch[1]))

        def configure_optimizers(self):
            optimizer = torch.optim.SGD(self.parameters(), 0.01)
            return [optimizer], [torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=8)]

    made = {
        "csv": lambda: loggers.CSVLogger("/tmp/l"),
        "tensorboard": lambda: loggers.TensorBoardLogger("/tmp/l"),
        "wandb": lambda: loggers.WandbLogger(save_dir="/tmp/l", offline=True),
        "mlflow": lambda: loggers.MLFlowLogger(tracking_uri="sqlite:////tmp/l/mlflow.db"),
    }[logger]()
    trainer = L.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=made,
        enable_progress_bar=True,
        default_root_dir="/tmp/l",
        callbacks=[EarlyStopping("val"), LearningRateMonitor(), ModelCheckpoint("/tmp/l/ck", monitor="val"), ModelSummary(2)],
    )
    trainer.fit(Net(), _data(), _data())
    again = Net.load_from_checkpoint(trainer.checkpoint_callback.best_model_path)
    return {"epochs": trainer.current_epoch, "again": type(again).__name__}


def strategies() -> dict:
    import lightning as L
    from lightning.fabric import Fabric

    out = {"registered": sorted(L.pytorch.strategies.StrategyRegistry.available_strategies())[:5]}
    for precision in ("32-true", "bf16-mixed", "64-true"):
        fabric = Fabric(accelerator="cpu", precision=precision)
        model = fabric.setup_module(nn.Linear(4, 1))
        out[precision] = str(model(torch.ones(1, 4)).dtype)
    return out


def metrics() -> dict:
    import torchmetrics
    from torchmetrics.functional.text import bleu_score, char_error_rate
    from torchmetrics.image import PeakSignalNoiseRatio, StructuralSimilarityIndexMeasure

    torch.manual_seed(0)
    picture = torch.rand(1, 3, 32, 32)
    return {
        "accuracy": torchmetrics.Accuracy("multiclass", num_classes=3)(torch.tensor([0, 1, 2]), torch.tensor([0, 1, 1])).item() > 0.6,
        "auroc": torchmetrics.AUROC("binary")(torch.tensor([0.1, 0.9]), torch.tensor([0, 1])).item(),
        "ssim": StructuralSimilarityIndexMeasure()(picture, picture).item() > 0.99,
        "psnr": PeakSignalNoiseRatio(1.0)(picture, picture * 0.9).item() > 0,
        "bleu": bleu_score(["a cup of green tea"], [["a cup of green tea"]]).item(),
        "cer": char_error_rate(["tea"], ["ten"]).item() > 0.3,
    }


def scores() -> dict:
    import sacrebleu
    from rouge_score import rouge_scorer

    out = {
        "sacrebleu": round(sacrebleu.corpus_bleu(["a cup of green tea"], [["a cup of tea"]]).score, 1),
        "chrf": round(sacrebleu.corpus_chrf(["tea"], [["ten"]]).score, 1),
    }
    out["rouge"] = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True).score("a cup of tea", "cups of tea")["rougeL"].fmeasure > 0
    for tokenize in ("zh", "ja-mecab", "char", "flores200"):
        try:
            out[tokenize] = sacrebleu.corpus_bleu(["茶"], [["茶"]], tokenize=tokenize).score > 0
        except BaseException as error:
            out[tokenize] = type(error).__name__
    try:
        import evaluate

        evaluate.load("accuracy")
    except Exception as error:
        out["evaluate"] = type(error).__name__
    return out


def _tiny():
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    words = Tokenizer(WordLevel({"<pad>": 0, "<eos>": 1, "tea": 2, "cup": 3, "a": 4, "of": 5, "milk": 6}, unk_token="<pad>"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<eos>")
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config(vocab_size=7, n_embd=16, n_layer=2, n_head=2, n_positions=64)).save_pretrained("/tmp/tiny")
    return GPT2LMHeadModel.from_pretrained("/tmp/tiny"), tokenizer


def tuned(how: str = "sft") -> dict:
    import trl
    from datasets import Dataset

    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    model, tokenizer = _tiny()
    given = {"output_dir": f"/tmp/{how}", "max_steps": 2, "per_device_train_batch_size": 2, "report_to": [], "use_cpu": True, "logging_steps": 1}
    if how == "sft":
        data = Dataset.from_dict({"text": ["a cup of tea", "a cup of milk"] * 4})
        trainer = trl.SFTTrainer(model, trl.SFTConfig(**given, max_length=16), train_dataset=data, processing_class=tokenizer)
    elif how == "dpo":
        data = Dataset.from_dict({"prompt": ["a cup of"] * 8, "chosen": [" tea"] * 8, "rejected": [" milk"] * 8})
        trainer = trl.DPOTrainer(model, args=trl.DPOConfig(**given, max_length=16), train_dataset=data, processing_class=tokenizer)
    elif how == "grpo":
        data = Dataset.from_dict({"prompt": ["a cup of"] * 8})
        trainer = trl.GRPOTrainer(
            model,
            reward_funcs=lambda completions, **_: [float(len(text)) for text in completions],
            args=trl.GRPOConfig(**given, num_generations=2, max_completion_length=4),
            train_dataset=data,
            processing_class=tokenizer,
        )
    else:
        data = Dataset.from_dict({"chosen": ["a cup of tea"] * 8, "rejected": ["a cup of milk"] * 8})
        from transformers import GPT2Config, GPT2ForSequenceClassification

        judge = GPT2ForSequenceClassification(GPT2Config(vocab_size=7, n_embd=16, n_layer=1, n_head=2, n_positions=64, num_labels=1, pad_token_id=0))
        trainer = trl.RewardTrainer(judge, trl.RewardConfig(**given, max_length=16), train_dataset=data, processing_class=tokenizer)
    result = trainer.train()
    trainer.save_model(f"/tmp/{how}/out")
    return {"steps": result.global_step, "files": sorted(name for name in os.listdir(f"/tmp/{how}/out") if name.endswith((".json", ".safetensors")))[:3]}


def adapters() -> dict:
    import peft

    out = {}
    for name, config in {
        "lora": peft.LoraConfig(r=2, target_modules=["c_attn"], use_dora=True, fan_in_fan_out=True),
        "ia3": peft.IA3Config(target_modules=["c_attn"], feedforward_modules=[], fan_in_fan_out=True),
        "prompt": peft.PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2),
        "prefix": peft.PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2),
        "boft": peft.BOFTConfig(boft_block_size=2, target_modules=["c_proj"]),
        "vera": peft.VeraConfig(r=2, target_modules=["c_attn"], fan_in_fan_out=True),
    }.items():
        try:
            model = peft.get_peft_model(_tiny()[0], config)
            out[name] = model.get_nb_trainable_parameters()[0] > 0
        except Exception as error:
            out[name] = type(error).__name__
    return out

"""Measures: of torchmetrics, scikit-learn, sacrebleu, rouge; modules of evaluate that lie beside us."""

from loom.places import scratch

_MODULE = """
import datasets
import evaluate


@evaluate.utils.file_utils.add_start_docstrings("counts cups", "")
class Cups(evaluate.Metric):
    def _info(self):
        return evaluate.MetricInfo(
            description="counts cups", citation="", inputs_description="",
            features=datasets.Features({"predictions": datasets.Value("string"), "references": datasets.Value("string")}),
        )

    def _compute(self, predictions, references):
        from sklearn.metrics import accuracy_score

        return {"cups": sum("cup" in text for text in predictions), "same": float(accuracy_score(references, predictions))}
"""


def own():
    """A module of our own, loaded by its path; two together."""
    import evaluate

    place = scratch("cups") / "cups"
    place.mkdir()
    (place / "cups.py").write_text(_MODULE)
    module = evaluate.load(str(place))
    module.add_batch(predictions=["a cup", "tea"], references=["a cup", "milk"])
    both = evaluate.combine([evaluate.load(str(place)), evaluate.load(str(place))])
    return {"said": module.compute(), "both": sorted(both.compute(predictions=["a cup"], references=["a cup"]))}


def absent():
    """A measure that would have to be fetched."""
    import evaluate

    return evaluate.load("accuracy").compute(predictions=[1], references=[1])


def texts():
    """Translations and summaries, judged."""
    import sacrebleu
    from rouge_score import rouge_scorer
    from seqeval.metrics import classification_report
    from seqeval.scheme import IOB2

    told, truth = ["the tea is in the kitchen"], [["there is tea in the kitchen"]]
    said = {}
    for name in ("13a", "intl", "char", "zh"):
        said[name] = round(sacrebleu.corpus_bleu(told, truth, tokenize=name).score, 2)
    said["chrf"] = round(sacrebleu.corpus_chrf(told, truth, word_order=2).score, 2)
    said["ter"] = round(sacrebleu.corpus_ter(told, truth).score, 2)
    scorer = rouge_scorer.RougeScorer(["rouge1", "rougeL"], use_stemmer=True)
    said["rouge"] = {key: round(value.fmeasure, 3) for key, value in scorer.score(truth[0][0], told[0]).items()}
    said["entities"] = classification_report([["B-X", "I-X", "O"]], [["B-X", "O", "O"]], mode="strict", scheme=IOB2).split()[:4]
    return said


def translated():
    """sacrebleu's tokenizers that need what is not here."""
    import sacrebleu

    said = {}
    for name in ("ja-mecab", "ko-mecab", "flores200"):
        try:
            said[name] = sacrebleu.corpus_bleu(["茶"], [["茶"]], tokenize=name).score
        except (ImportError, RuntimeError, OSError) as error:
            said[name] = type(error).__name__
    return said


def numbers(names=("Accuracy", "F1Score", "AUROC")):
    """Measures of torchmetrics by their names."""
    import torch
    import torchmetrics

    torch.manual_seed(7)
    guessed, truth = torch.rand(32, 3).softmax(-1), torch.randint(0, 3, (32,))
    return {name: round(getattr(torchmetrics, name)(task="multiclass", num_classes=3)(guessed, truth).float().mean().item(), 4) for name in names}


def more():
    """Measures of torchmetrics for texts, pictures, sounds, regression; a collection; those that lack a library."""
    import torch
    from torchmetrics import MetricCollection, audio, image, regression, text

    torch.manual_seed(7)
    one, two = torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32)
    said = {
        "bleu": text.BLEUScore()(["the tea is in the kitchen"], [["there is tea in the kitchen"]]).item(),
        "wer": text.WordErrorRate()(["a cup"], ["two cups"]).item(),
        "perplexity": text.Perplexity()(torch.rand(1, 4, 8), torch.randint(8, (1, 4))).item(),
        "edit": text.EditDistance()(["tea"], ["teas"]).item(),
        "psnr": image.PeakSignalNoiseRatio(1.0)(one, two).item(),
        "ssim": image.StructuralSimilarityIndexMeasure(data_range=1.0)(one, two).item(),
        "snr": audio.SignalNoiseRatio()(torch.rand(100), torch.rand(100)).item(),
        "spearman": regression.SpearmanCorrCoef()(torch.rand(10), torch.rand(10)).item(),
    }
    both = MetricCollection([regression.MeanSquaredError(), regression.R2Score()])
    said |= {key: value.item() for key, value in both(torch.rand(8), torch.rand(8)).items()}
    for name, make in {
        "rouge": lambda: text.ROUGEScore()("a tea", "tea"),
        "pesq": lambda: audio.PerceptualEvaluationSpeechQuality(16000, "wb"),
        "fid": lambda: image.FrechetInceptionDistance(),
        "bert": lambda: text.BERTScore(model_name_or_path="/nowhere"),
    }.items():
        try:
            said[name] = str(type(make()).__name__)
        except Exception as error:
            said[name] = type(error).__name__
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in said.items()}


def drawn():
    """A measure that is drawn."""
    import torch
    import torchmetrics

    measure = torchmetrics.ConfusionMatrix(task="binary")
    measure.update(torch.tensor([1, 0, 1]), torch.tensor([1, 0, 0]))
    try:
        measure.plot()
        return "drawn"
    except ModuleNotFoundError as error:
        return str(error)[:80]

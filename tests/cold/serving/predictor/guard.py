"""Personal data in texts: found, and replaced as is asked."""

import functools

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider
from presidio_anonymizer import AnonymizerEngine, DeanonymizeEngine
from presidio_anonymizer.entities import OperatorConfig, OperatorResult

from predictor.settings import settings

LANGUAGES = ["en", "de", "es", "it"]


@functools.cache
def analyzer(configured: bool) -> AnalyzerEngine:
    nlp = {"nlp_engine_name": "spacy", "models": [{"lang_code": code, "model_name": f"/srv/models/spacy-{code}"} for code in LANGUAGES]}
    engine = NlpEngineProvider(nlp_configuration=nlp).create_engine()
    if configured:
        registry = RecognizerRegistryProvider(conf_file=settings().recognizers).create_recognizer_registry()
    else:
        registry = RecognizerRegistry(supported_languages=LANGUAGES)
        registry.load_predefined_recognizers(languages=LANGUAGES, nlp_engine=engine)
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=LANGUAGES)


def replaced(text: str, language: str, operators: dict[str, dict], configured: bool) -> dict:
    found = analyzer(configured).analyze(text, language=language)
    chosen = {entity: OperatorConfig(given.pop("type"), given) for entity, given in operators.items()}
    done = AnonymizerEngine().anonymize(text, found, chosen)
    items = sorted(((item.start, item.end, item.entity_type, item.operator) for item in done.items))
    return {"text": done.text, "items": items}


def restored(text: str, items: list, key: str) -> dict:
    results = [OperatorResult(start, end, entity, operator="encrypt") for start, end, entity, _ in items]
    return {"text": DeanonymizeEngine().deanonymize(text, results, {"DEFAULT": OperatorConfig("decrypt", {"key": key})}).text}

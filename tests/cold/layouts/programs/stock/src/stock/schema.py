import jsonschema


def check(shelf):
    for name in ("Draft4Validator", "Draft201909Validator", "Draft202012Validator"):
        validator = getattr(jsonschema, name)({"type": "object", "additionalProperties": {"type": "integer"}}, format_checker=jsonschema.FormatChecker())
        validator.check_schema(validator.schema)
        found = [error.message for error in validator.iter_errors(shelf)]
    return found

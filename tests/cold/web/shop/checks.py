"""What is checked of an order in detail."""

import dateparser
import jsonschema
import phonenumbers

SCHEMA = {"type": "object", "properties": {"mail": {"type": "string", "format": "email"}}, "required": ["who"]}


def check(given):
    out = {"errors": sorted(error.message for error in jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).iter_errors(given))}
    if "phone" in given:
        number = phonenumbers.parse(given["phone"], given.get("country"))
        out["phone"] = [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL), phonenumbers.is_valid_number(number)]
    if "when" in given:
        out["when"] = str(dateparser.parse(given["when"], settings={"TIMEZONE": "Europe/Berlin"}))
    return out

"""Libraries in a directory of their own, which is put on the path when they are needed."""

import sys


def run(number, region):
    sys.path.insert(0, "/opt/vendor/tax")
    try:
        import inflect
        import phonenumbers
        from phonenumbers import carrier, geocoder, timezone

        engine = inflect.engine()
        print(engine.number_to_words(1234), engine.plural("index"))
        found = phonenumbers.parse(number, region)
        print(phonenumbers.is_valid_number(found), phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
        print(geocoder.description_for_number(found, "de"), carrier.name_for_number(found, "en"), timezone.time_zones_for_number(found))
    finally:
        sys.path.remove("/opt/vendor/tax")

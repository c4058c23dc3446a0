import datetime

from babel import Locale, numbers
from django.utils import formats, translation
from django_countries import countries
from phonenumber_field.phonenumber import to_python

day = datetime.date(2026, 3, 4)
for code in ("de", "fr", "ar", "ja", "pt-br", "ru", "he", "zh-hans", "en-gb"):
    with translation.override(code):
        print(code, formats.date_format(day), formats.localize(1234.5), countries.name("DE"), translation.gettext("Please enter a correct %(username)s"))

for code in ("de", "ar_EG", "ja", "pt_BR", "hi", "ru"):
    locale = Locale.parse(code)
    print(locale.display_name, numbers.format_currency(12.5, "EUR", locale=code))

from phonenumbers import format_number, number_type

number = to_python("+4915112345678")
print(number.is_valid(), number.as_international, number_type(number), format_number(number, 3))


<?php
namespace Site\Pages;

class Language
{
    public function show(array $get, string $body): void
    {
        $locale = $get['locale'] ?? 'de_DE';
        echo (new \NumberFormatter($locale, \NumberFormatter::CURRENCY))->formatCurrency(1234.5, 'EUR'), "\n";
        echo (new \IntlDateFormatter($locale, \IntlDateFormatter::FULL, \IntlDateFormatter::NONE, $get['zone'] ?? 'UTC'))->format(0), "\n";
        $words = ['zebra', 'ähre', 'apfel'];
        (new \Collator($locale))->sort($words);
        echo implode(' ', $words), ' ', \Transliterator::create('Any-Latin; Latin-ASCII')->transliterate('Ελλάδα'), "\n";
        echo mb_convert_encoding('grün', 'ISO-8859-1', 'UTF-8') === "gr\xfcn" ? 'latin' : 'wrong', ' ', bin2hex(iconv('UTF-8', 'SHIFT_JIS', '月')), ' ', idn_to_ascii('bücher.example');
    }
}

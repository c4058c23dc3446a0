<?php
namespace Site\Pages;

class Fetch
{
    public function show(array $get, string $body): void
    {
        $handle = curl_init($get['url'] ?? 'https://localhost:9/');
        curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
        curl_exec($handle);
        echo curl_error($handle), ' ', count(openssl_get_cert_locations()), ' ', filesize(openssl_get_cert_locations()['default_cert_file']) ?: 0;
    }
}

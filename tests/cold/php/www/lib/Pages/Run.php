<?php
namespace Site\Pages;

class Run
{
    public function show(array $get, string $body): void
    {
        echo shell_exec('echo a b | tr a-z A-Z; date -u -d @0 +%F'), hash('sha3-256', ''), ' ', password_verify('x', password_hash('x', PASSWORD_ARGON2ID)) ? 'argon' : 'none', ' ', bin2hex(sodium_crypto_generichash('')), ' ', date_create('now', timezone_open('Asia/Tokyo'))->format('T');
    }
}

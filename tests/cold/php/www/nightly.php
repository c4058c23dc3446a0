<?php
require __DIR__ . '/lib/autoload.php';
$db = new SQLite3(':memory:');
echo 'nightly ', $db->querySingle('select 6 * 7'), ' ', (new DateTimeImmutable('@0', new DateTimeZone('UTC')))->format('Y'), "\n";

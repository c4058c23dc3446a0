<?php
require __DIR__ . '/../lib/autoload.php';
set_exception_handler(function (Throwable $error) {
    http_response_code(500);
    require __DIR__ . '/../views/error.phtml';
});
$path = strtok($_SERVER['REQUEST_URI'], '?');
if ($path === '/health') { echo 'ok'; return; }
if ($path === '/') { $who = $_GET['who'] ?? 'you'; require __DIR__ . '/../views/home.phtml'; return; }
$class = 'Site\\Pages\\' . ucfirst(substr($path, 1));
if (!class_exists($class)) { http_response_code(404); require __DIR__ . '/../views/missing.phtml'; return; }
(new $class())->show($_GET, file_get_contents('php://input'));

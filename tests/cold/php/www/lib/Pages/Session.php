<?php
namespace Site\Pages;

class Session
{
    public function show(array $get, string $body): void
    {
        session_start();
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        setcookie('x', 'y');
        echo 'n=', $_SESSION['n'];
    }
}

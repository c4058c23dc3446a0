<?php
namespace Site\Pages;

class Mail
{
    public function show(array $get, string $body): void
    {
        echo mail('a@example.org', 'Hi', 'text') ? 'sent' : 'not sent';
    }
}

<?php
namespace Site\Pages;

class Fatal
{
    public function show(array $get, string $body): void
    {
        nothing_here();
    }
}

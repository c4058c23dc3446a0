<?php
namespace Site\Pages;

class Boom
{
    public function show(array $get, string $body): void
    {
        throw new \DomainException('as asked');
    }
}

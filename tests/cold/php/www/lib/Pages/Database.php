<?php
namespace Site\Pages;

class Database
{
    public function show(array $get, string $body): void
    {
        $db = new \PDO($get['dsn'] ?? 'sqlite:/var/lib/site/site.db');
        $db->exec('create table if not exists a (b text)');
        $db->prepare('insert into a values (?)')->execute(['x']);
        echo 'rows ', $db->query('select count(*) from a')->fetchColumn() > 0 ? 'some' : 'none';
    }
}

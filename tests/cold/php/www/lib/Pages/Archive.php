<?php
namespace Site\Pages;

class Archive
{
    public function show(array $get, string $body): void
    {
        $path = tempnam(sys_get_temp_dir(), 'zip');
        $zip = new \ZipArchive();
        $zip->open($path, \ZipArchive::OVERWRITE);
        $zip->addFromString('a.txt', 'hello');
        $zip->close();
        echo (new \finfo())->file($path), ' ', bcadd('1', '2', 3), ' ', (new \PharData(sys_get_temp_dir() . '/x' . getmypid() . '.tar'))->addFromString('a', 'b') ?? 'tar';
    }
}

<?php
namespace Site\Pages;

class Picture
{
    public function show(array $get, string $body): void
    {
        $picture = imagecreatetruecolor(20, 10);
        imagefilledrectangle($picture, 0, 0, 9, 9, imagecolorallocate($picture, 255, 0, 0));
        imagestring($picture, 1, 1, 1, 'x', 0xffffff);
        ob_start();
        ('image' . ($get['form'] ?? 'png'))($picture);
        $data = ob_get_clean();
        echo getimagesizefromstring($data)['mime'], ' ', (new \finfo(FILEINFO_MIME_TYPE))->buffer($data);
    }
}

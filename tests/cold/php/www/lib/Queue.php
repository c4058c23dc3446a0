<?php
namespace Site;

class Queue
{
    public function once(): void
    {
        foreach (glob('/var/lib/site/queue/*.json') as $job) {
            echo 'queue: ', json_decode(file_get_contents($job), true, 16, JSON_THROW_ON_ERROR)['kind'], "\n";
            unlink($job);
        }
    }
}

<?php
$answer = @file_get_contents('http://127.0.0.1:8080/health');
if ($answer !== 'ok') { fwrite(STDERR, "not healthy\n"); exit(1); }
echo "healthy\n";

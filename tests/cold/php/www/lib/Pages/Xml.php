<?php
namespace Site\Pages;

class Xml
{
    public function show(array $get, string $body): void
    {
        $document = new \DOMDocument();
        libxml_use_internal_errors(true);
        if (!$document->loadXML($body)) { http_response_code(400); echo libxml_get_last_error()->message; return; }
        $style = new \DOMDocument();
        $style->load(__DIR__ . '/../../views/table.xsl');
        if (extension_loaded('xsl')) { $processor = new \XSLTProcessor(); $processor->importStyleSheet($style); echo $processor->transformToXML($document); }
        echo (string) simplexml_load_string($body)->b;
    }
}

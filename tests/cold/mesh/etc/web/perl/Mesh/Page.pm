package Mesh::Page;
use strict;
use warnings;
use nginx;

sub handler {
    my ($r) = @_;
    return HTTP_BAD_REQUEST unless $r->args;
    require Encode;
    require POSIX;
    require Unicode::Normalize;
    my ($text) = $r->args =~ /text=([^&]*)/;
    $text = Encode::decode('UTF-8', $r->unescape($text));
    my $bytes = Encode::encode('shiftjis', $text);
    $r->send_http_header('text/plain; charset=utf-8');
    $r->print(Encode::encode('UTF-8', sprintf "%s %s %s %s\n", unpack('H*', $bytes), Unicode::Normalize::NFD("\x{e9}") eq "e\x{301}" ? 'nfd' : '-', POSIX::strftime('%Y', gmtime 0), lc "\x{130}"));
    return OK;
}

1;

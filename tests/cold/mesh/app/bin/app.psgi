#!/usr/bin/perl
# the shop's service
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Plack::App::CGIBin;
use Plack::Builder;
use Mesh::Shop;

builder {
    enable 'ReverseProxy';
    enable_if { ($_[0]{PATH_INFO} // '') =~ m{^/sheets/} } 'Deflater', content_type => ['text/csv', 'text/plain'];
    enable 'Static', path => qr{^/public/}, root => "$FindBin::Bin/..";
    mount '/legacy' => Plack::App::CGIBin->new(root => "$FindBin::Bin/../cgi", exec_cb => sub { 1 })->to_app;
    mount '/' => Mesh::Shop->to_app;
};

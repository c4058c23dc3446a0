package Mesh::Format::Dump;
use strict;
use warnings;
use Data::Dumper;
use YAML::XS ();

sub text {
    my ($class, @rows) = @_;
    local $Data::Dumper::Sortkeys = 1;
    local $Data::Dumper::Useqq = 1;
    local $Data::Dumper::Deparse = 1;
    return Data::Dumper->Dump([[@rows], sub { my ($x) = @_; return $x + 1 }], ['shelves', 'code']) . YAML::XS::Dump(\@rows);
}

1;

package Mesh::Format::Json;
use strict;
use warnings;
use JSON::MaybeXS;

sub text {
    my ($class, @rows) = @_;
    return JSON::MaybeXS->new(utf8 => 1, canonical => 1, pretty => 1)->encode(\@rows);
}

1;

package Mesh::Format::Table;
use strict;
use warnings;
use Encode qw(encode);

our ($id, $name, $stock);

sub text {
    my ($class, @rows) = @_;
    my $text = '';
    for my $row (@rows) {
        local ($id, $name, $stock) = @{$row}{qw(id name stock)};
        local $^A = '';
        formline("@>> @<<<<<<<<<<<<< @>>>>\n", $id, $name, $stock);
        $text .= $^A;
    }
    return encode('UTF-8', $text);
}

1;

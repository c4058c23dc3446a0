package Mesh::Format::Csv;
use strict;
use warnings;
use DBI;
use Encode qw(encode);
use File::Temp qw(tempdir);

sub text {
    my ($class, @rows) = @_;
    my $folder = tempdir(CLEANUP => 1);
    my $db = DBI->connect('dbi:CSV:', undef, undef, { f_dir => $folder, f_encoding => 'utf8', RaiseError => 1 });
    $db->do('CREATE TABLE shelves (id INTEGER, name CHAR (64), stock INTEGER)');
    $db->do('INSERT INTO shelves VALUES (?, ?, ?)', undef, @{$_}{qw(id name stock)}) for @rows;
    my $found = $db->selectall_arrayref('SELECT id, name, stock FROM shelves WHERE stock > 0 ORDER BY id DESC');
    $db->disconnect;
    require Text::CSV_XS;
    my $csv = Text::CSV_XS->new({ binary => 1 });
    return encode('UTF-8', join '', map { $csv->combine(@$_); $csv->string . "\n" } @$found);
}

1;

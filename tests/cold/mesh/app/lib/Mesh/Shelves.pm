package Mesh::Shelves;
use Moose;
use DBI;

has path => (is => 'ro', isa => 'Str', required => 1);
has db => (is => 'ro', lazy => 1, builder => '_connect');

sub _connect {
    my ($self) = @_;
    return DBI->connect('dbi:SQLite:dbname=' . $self->path, '', '', { RaiseError => 1, PrintError => 0, AutoCommit => 1, sqlite_unicode => 1 });
}

sub all { return @{ $_[0]->db->selectall_arrayref('SELECT * FROM shelves ORDER BY id', { Slice => {} }) } }

sub one { return $_[0]->db->selectrow_hashref('SELECT * FROM shelves WHERE id = ?', undef, $_[1]) }

__PACKAGE__->meta->make_immutable;
1;

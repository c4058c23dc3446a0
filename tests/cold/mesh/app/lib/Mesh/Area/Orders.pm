package Mesh::Area::Orders;

# orders, checked by their types
use strict;
use warnings;

{
    package Mesh::Sellable;
    use Moose::Role;
    requires 'shelf';
    sub label { return 'shelf ' . $_[0]->shelf }
}
{
    package Mesh::Order;
    use Moose;
    use Moose::Util::TypeConstraints;
    subtype 'Pieces', as 'Int', where { $_ > 0 }, message { "not a number of pieces: $_" };
    coerce 'Pieces', from 'Str', via { /^dozen$/ ? 12 : $_ };
    enum 'Speed', [qw(slow fast)];
    has shelf => (is => 'ro', isa => 'Int', required => 1);
    has pieces => (is => 'rw', isa => 'Pieces', coerce => 1, default => 1);
    has speed => (is => 'ro', isa => 'Speed', default => 'slow');
    has tags => (is => 'ro', isa => 'ArrayRef[Str]', traits => ['Array'], default => sub { [] }, handles => { tag => 'push', tags_text => 'join' });
    with 'Mesh::Sellable';
}

sub place {
    my ($given, $shelves) = @_;
    my $order = eval { Mesh::Order->new(%$given) } or return { error => ref $@ ? (ref($@) =~ s/.*:://r) . ': ' . (split /\n/, $@->message)[0] : "$@" };
    my $db = $shelves->db;
    $db->begin_work;
    $db->do('INSERT INTO orders (shelf, pieces) VALUES (?, ?)', undef, $order->shelf, $order->pieces);
    $db->do('UPDATE shelves SET stock = stock - ? WHERE id = ?', undef, $order->pieces, $order->shelf);
    my $left = $db->selectrow_array('SELECT stock FROM shelves WHERE id = ?', undef, $order->shelf);
    $db->rollback;
    $order->tag('a', 'b');
    return { label => $order->label, pieces => $order->pieces, left => $left, tags => $order->tags_text('+') };
}

sub faults {
    my @deeds = (
        sub { Mesh::Order->new },
        sub { Mesh::Order->new(shelf => 'x') },
        sub { Mesh::Order->new(shelf => 1, speed => 'odd') },
        sub { Mesh::Order->new(shelf => 1)->shelf(2) },
        sub { Mesh::Order->meta->add_attribute('bad', is => 'odd') },
        sub { Moose::Util::apply_all_roles(Moose::Meta::Class->create('Mesh::Empty')->name, 'Mesh::Sellable') },
        sub { Moose::Meta::Class->create_anon_class(superclasses => ['Moose::Object'], attributes => [Moose::Meta::Attribute->new('n', is => 'ro', isa => 'Int', trigger => 1)]) },
        sub { Moose::Util::TypeConstraints::find_or_create_isa_type_constraint('HashRef[')->check(1) },
        sub { Mesh::Order->new(1) },
    );
    my @names;
    for my $deed (@deeds) {
        local $SIG{__WARN__} = sub { };
        push @names, eval { $deed->(); 'no fault' } // (ref $@ ? ref($@) =~ s/^Moose::Exception:://r : (split / at /, $@)[0]);
    }
    require Moose::Util::MetaRole;
    my $anonymous = Moose::Meta::Class->create_anon_class(superclasses => ['Mesh::Order'], roles => ['Mesh::Sellable'], cache => 1);
    return { faults => \@names, anonymous => $anonymous->new_object(shelf => 3)->label, dump => length $anonymous->new_object(shelf => 3)->dump ? 'dumped' : '' };
}

sub types {
    require Types::Standard;
    require Type::Params;
    require Type::Registry;
    my $check = Type::Params::compile_named(shelf => Types::Standard::Int(), tags => Types::Standard::ArrayRef([Types::Standard::StrMatch([qr/^[a-z]+$/])]));
    my $registry = Type::Registry->for_me;
    $registry->add_types('Types::Standard');
    $registry->add_types('Types::Common::Numeric');
    my $type = $registry->lookup('ArrayRef[PositiveInt] | Dict[a => Int, b => Optional[Str]]');
    eval { $check->(shelf => 'x', tags => []) };
    my $error = ref $@;
    return { error => $error, explain => ($@->message =~ s/\s+/ /gr), dict => $type->check({ a => 1, b => 'c' }) ? 1 : 0, array => $type->check([0]) ? 1 : 0 };
}

sub search {
    my ($given, $shelves) = @_;
    my $db = DBI->connect('dbi:SQLite:dbname=:memory:', '', '', { RaiseError => 1, PrintError => 0, sqlite_unicode => 1 });
    $db->do('CREATE VIRTUAL TABLE texts USING fts5(body)');
    $db->do('INSERT INTO texts VALUES (?)', undef, $_) for 'green tea', 'black coffee', 'tea and coffee';
    $db->sqlite_create_function('reversed', 1, sub { scalar reverse $_[0] });
    $db->sqlite_create_collation('length', sub { length $_[0] <=> length $_[1] });
    require DBD::SQLite::VirtualTable::PerlData;
    our $rows = [[1, 'one'], [2, 'two']];
    $db->sqlite_create_module(perl => 'DBD::SQLite::VirtualTable::PerlData');
    $db->do('CREATE VIRTUAL TABLE temp.things USING perl(id INT, name TEXT, arrayrefs="Mesh::Area::Orders::rows")');
    my $error = eval { $db->do('SELECT nothing FROM nowhere'); 1 } ? '' : $db->errstr;
    $db->{Profile} = 2 if $given->{profile};
    return {
        found => $db->selectcol_arrayref('SELECT body FROM texts WHERE texts MATCH ? ORDER BY rank, body', undef, 'tea'),
        json => scalar $db->selectrow_array(q{SELECT json_extract('{"a":[1,2]}', '$.a[1]')}),
        reversed => scalar $db->selectrow_array(q{SELECT reversed('abc')}),
        regexp => scalar $db->selectrow_array(q{SELECT 'shop' REGEXP '^s.*p$'}),
        things => scalar $db->selectrow_array('SELECT name FROM things WHERE id = 2'),
        short => scalar $db->selectrow_array('SELECT body FROM texts ORDER BY body COLLATE length LIMIT 1'),
        error => $error,
        drivers => join(' ', grep { /^(?:CSV|DBM|File|Mem|Pg|SQLite|Sponge)$/ } sort DBI->available_drivers),
        tables => scalar(() = $db->tables),
        info => $db->get_info(17),
    };
}

1;

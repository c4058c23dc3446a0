package Mesh::Area::Store;

# how things are kept: all that Perl itself brings
use strict;
use warnings;
use File::Temp qw(tempdir);

sub files {
    my $folder = tempdir(CLEANUP => 1);
    my %out;
    require Storable;
    Storable::nstore({ a => [1, 2] }, "$folder/stored");
    $out{storable} = Storable::retrieve("$folder/stored")->{a}[1] . ref Storable::dclone({});
    require Fcntl;
    for my $class (qw(SDBM_File DB_File GDBM_File NDBM_File ODBM_File)) {
        my $ok = eval "require $class; 1" or do { $out{$class} = 'none'; next };
        my $mode = $class eq 'GDBM_File' ? GDBM_File::GDBM_WRCREAT() : Fcntl::O_RDWR() | Fcntl::O_CREAT();
        my $tied = tie my %db, $class, "$folder/$class", $mode, 0640;
        $db{key} = 'value' if $tied;
        $out{$class} = $tied ? $db{key} : "$!";
    }
    require Tie::File;
    tie my @lines, 'Tie::File', "$folder/lines" or die;
    push @lines, 'one', 'two';
    $lines[5] = 'six';
    $out{tied} = scalar @lines;
    require Archive::Tar;
    my $tar = Archive::Tar->new;
    $tar->add_data('a.txt', 'text');
    for my $kind (['gz', Archive::Tar::COMPRESS_GZIP()], ['bz2', Archive::Tar::COMPRESS_BZIP()]) {
        $tar->write("$folder/a.$kind->[0]", $kind->[1]);
        $out{"tar $kind->[0]"} = join ',', Archive::Tar->list_archive("$folder/a.$kind->[0]");
    }
    require IO::Compress::Zip;
    IO::Compress::Zip::zip(\'zipped', "$folder/a.zip", Name => 'z.txt') or die;
    require IO::Uncompress::AnyInflate;
    IO::Uncompress::AnyInflate::anyinflate("$folder/a.zip", \my $plain) or die;
    $out{zip} = $plain;
    require Archive::Zip;
    $out{archive} = join ',', Archive::Zip->new("$folder/a.zip")->memberNames;
    require File::Find;
    File::Find::find(sub { $out{found}++ }, $folder);
    require File::Copy;
    File::Copy::copy("$folder/lines", "$folder/copy") or die;
    require File::Compare;
    $out{compare} = File::Compare::compare("$folder/lines", "$folder/copy");
    require Digest;
    $out{digests} = join ',', map { substr Digest->new($_)->add('mesh')->hexdigest, 0, 6 } qw(MD5 SHA-1 SHA-256 SHA-512);
    return \%out;
}

sub code {
    my %out;
    require Safe;
    my $safe = Safe->new;
    $out{safe} = join '|', $safe->reval('2 + 3'), defined $safe->reval('open my $f, "<", "/etc/passwd"') ? 'open' : $@ =~ /trapped/ ? 'trapped' : $@;
    require B::Deparse;
    $out{deparse} = B::Deparse->new->coderef2text(sub { my $x = shift; $x * 2 }) =~ /\$x \* 2/ ? 'deparsed' : '-';
    require Math::BigInt;
    Math::BigInt->import(try => 'GMP');
    $out{big} = Math::BigInt->new(2)->bpow(100)->bstr . ' ' . Math::BigInt->config('lib');
    $out{pi} = eval q{use bignum; require Math::BigFloat; Math::BigFloat->bpi(30)->bstr} // $@;
    require Text::Balanced;
    $out{balanced} = (Text::Balanced::extract_bracketed('(a (b)) c', '()'))[0];
    require List::Util;
    $out{list} = List::Util::reduce(sub { $a + $b }, List::Util::uniq(1, 1, 2, 3));
    require Time::Piece;
    $out{piece} = Time::Piece->strptime('2024-02-29', '%Y-%m-%d')->day_of_week . Time::Piece->strptime('2024-02-29', '%Y-%m-%d')->monname;
    require IPC::Open3;
    my $pid = IPC::Open3::open3(my $in, my $from, undef, $^X, '-MConfig', '-e', 'print $Config{version} ? "config" : ""');
    $out{open3} = <$from>;
    waitpid $pid, 0;
    require threads;
    require Thread::Queue;
    my $queue = Thread::Queue->new;
    threads->create(sub { $queue->enqueue('from a thread') })->join;
    $out{thread} = $queue->dequeue;
    require Term::ANSIColor;
    $out{colour} = length Term::ANSIColor::colored('x', 'red');
    require PerlIO::encoding;
    open my $fh, '>:encoding(cp1252)', \my $buffer or die;
    print {$fh} "\x{20ac}";
    close $fh;
    $out{layer} = unpack 'H*', $buffer;
    require Sys::Syslog;
    $out{syslog} = Sys::Syslog::xlate('local0');
    require User::pwent;
    $out{user} = User::pwent::getpwnam('mesh')->dir;
    require Socket;
    my ($error, @found) = Socket::getaddrinfo('localhost', 'https', { socktype => Socket::SOCK_STREAM() });
    $out{socket} = $error ? "$error" : (Socket::unpack_sockaddr_in($found[-1]{addr}))[0];
    require Hash::Util;
    Hash::Util::lock_ref_keys(\my %locked);
    eval { $locked{new} = 1 };
    $out{locked} = $@ =~ /disallowed/ ? 'locked' : '-';
    require attributes;
    $out{fields} = eval q{package Thing; use fields qw(a b); my Thing $t = fields::new('Thing'); $t->{a} = 1; join ',', sort keys %$t} // $@;
    $out{sorted} = join ',', eval q{use sort 'stable'; sort { $a <=> $b } 3, 1, 2};
    $out{diagnostics} = eval q{require diagnostics; 'loaded'} // (split /\n/, $@)[0];
    $out{pod} = eval { require Pod::Text; my $p = Pod::Text->new; my $o; $p->output_string(\$o); $p->parse_string_document("=head1 Name\n\nB<bold>\n"); $o =~ s/\s+/ /gr };
    return \%out;
}

1;

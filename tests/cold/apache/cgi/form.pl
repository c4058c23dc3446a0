#!/usr/bin/perl -T
use strict;
use warnings;
use CGI;
use CGI::Carp qw(fatalsToBrowser);
my $q = CGI->new;
my $act = $q->param('act') // 'show';
my %acts = (
    show => sub { print $q->header(-charset => 'utf-8'), $q->start_html('form'), $q->h1('form'), $q->end_html },
    upload => sub { my $file = $q->upload('file'); my $n = 0; while (read $file, my $part, 4096) { $n += length $part } print $q->header('text/plain'), "took $n\n" },
    die => sub { die "as asked\n" },
    cookie => sub { require CGI::Cookie; print $q->header(-cookie => CGI::Cookie->new(-name => 'n', -value => 1), -type => 'text/plain'), "set\n" },
    digest => sub { require Digest::SHA; require MIME::Base64; require Digest::MD5; print $q->header('text/plain'), Digest::SHA::sha256_hex('x'), ' ', MIME::Base64::encode('x'), Digest::MD5::md5_hex('x') },
    time => sub { require Time::Piece; require Time::HiRes; require Date::Parse; print $q->header('text/plain'), Time::Piece::gmtime(0)->strftime('%A %Y'), ' ', Date::Parse::str2time('1 Jan 1970 00:01 GMT') },
    data => sub { require DBI; my $db = DBI->connect('dbi:SQLite:dbname=:memory:', '', '', { RaiseError => 1 }); print $q->header('text/plain'), 'answer ', $db->selectrow_array('select 6 * 7') },
    store => sub { require Storable; require Data::Dumper; my $s = Storable::thaw(Storable::freeze({ a => [1, 2] })); local $Data::Dumper::Indent = 0; print $q->header('text/plain'), Data::Dumper::Dumper($s) },
    text => sub { require Unicode::Normalize; require Unicode::Collate; require Encode; print $q->header('text/plain; charset=utf-8'), length(Unicode::Normalize::NFD("\x{e4}")), ' ', join('', map { Encode::encode('utf-8', $_) } Unicode::Collate->new->sort('z', "\x{e4}", 'b')), ' ', unpack('H*', Encode::encode('shiftjis', "\x{6708}")), ' ', "\x{391}" =~ /\p{Greek}/ ? 'greek' : 'none', ' ', lc("\x{130}") eq "i\x{307}" ? 'folded' : 'not' },
    mail => sub { require Net::SMTP; my $m = Net::SMTP->new('127.0.0.1:9', Timeout => 1); print $q->header('text/plain'), $m ? 'sent' : 'no mail host' },
    pack => sub { require IO::Compress::Gzip; require IO::Uncompress::Gunzip; my ($z, $o); IO::Compress::Gzip::gzip(\'data', \$z); IO::Uncompress::Gunzip::gunzip(\$z, \$o); print $q->header('text/plain'), "packed $o" },
    fetch => sub { require HTTP::Tiny; my $r = HTTP::Tiny->new->get('http://127.0.0.1/list/one.txt'); print $q->header('text/plain'), "fetched $r->{status} $r->{content}" },
);
($acts{$act} || sub { print $q->header(-status => 400), 'no such act' })->();

package Mesh::Area::Far;

# what is asked of others, and what happens when they are away
use strict;
use warnings;

sub books {
    my ($given) = @_;
    require DBI;
    my %out;
    for my $at ([refused => 'dbi:Pg:dbname=books;host=127.0.0.1;port=1'], [unknown => 'dbi:Pg:dbname=books;host=nothing.invalid'], [socket => 'dbi:Pg:dbname=books'], [driver => 'dbi:Oracle:books'], [gofer => 'dbi:Gofer:transport=null;policy=pedantic;dsn=dbi:DBM:']) {
        my $db = eval { DBI->connect($at->[1], 'keeper', 'horse', { RaiseError => 1, PrintError => 0 }) };
        $out{ $at->[0] } = $db ? 'connected ' . ref $db : (grep { /\S/ } split /\n/, $@)[0] =~ s/ at \S+ line.*//r;
    }
    my $mem = DBI->connect('dbi:DBM:', undef, undef, { f_dir => '/tmp', dbm_type => 'SDBM_File', RaiseError => 1 });
    $mem->do('DROP TABLE IF EXISTS things');
    $mem->do('CREATE TABLE things (k INTEGER, v CHAR (9))');
    $mem->do('INSERT INTO things VALUES (1, ?)', undef, 'kept');
    $out{dbm} = $mem->selectrow_array('SELECT v FROM things WHERE k = 1');
    $mem->do('DROP TABLE things');
    return \%out;
}

sub pages {
    require LWP::UserAgent;
    require HTTP::Request::Common;
    my $agent = LWP::UserAgent->new(timeout => 5, ssl_opts => { verify_hostname => 0, SSL_verify_mode => 0 }, env_proxy => 0);
    my %out = (
        near => $agent->get('http://127.0.0.1:8080/country')->decoded_content,
        sealed => $agent->get('https://127.0.0.1:8443/edge/digest', X => '1')->code,
        away => $agent->get('http://127.0.0.1:1/')->status_line,
        unknown => $agent->get('http://nothing.invalid/')->code,
        file => $agent->get('file:///srv/www/files/greeting.txt')->decoded_content,
        data => $agent->get('data:text/plain;base64,bWVzaA==')->decoded_content,
        scheme => $agent->get('gopherx://x/')->code,
        packed => length $agent->get('http://127.0.0.1:8080/zip/long.txt', 'Accept-Encoding' => HTTP::Message::decodable())->decoded_content,
    );
    my $strict = LWP::UserAgent->new(timeout => 5)->get('https://127.0.0.1:8443/');
    $out{strict} = $strict->message =~ /verify failed/ ? 'verify failed' : $strict->status_line;
    require HTTP::Tiny;
    $out{tiny} = HTTP::Tiny->new(timeout => 5)->get('http://127.0.0.1:8080/country')->{status};
    require HTML::Parser;
    my @links;
    HTML::Parser->new(api_version => 3, start_h => [sub { push @links, $_[1]{href} if $_[0] eq 'a' }, 'tagname,attr'])->parse('<a href="/x">x</a>&eacute;');
    $out{links} = "@links";
    require HTTP::Cookies;
    require HTML::Entities;
    $out{entities} = HTML::Entities::decode_entities('&eacute;&hearts;');
    require HTTP::Date;
    $out{date} = HTTP::Date::time2str(0);
    return \%out;
}

sub post {
    my ($given) = @_;
    require Email::MIME;
    require Email::Sender::Simple;
    require Email::Sender::Transport::SMTP;
    my $mail = Email::MIME->create(
        header_str => [From => 'shop@mesh.test', To => $given->{to}, Subject => "Gr\xfc\xdfe vom Laden"],
        parts => [
            Email::MIME->create(attributes => { content_type => 'text/plain', charset => 'UTF-8', encoding => 'quoted-printable' }, body_str => "sch\xf6n"),
            Email::MIME->create(attributes => { content_type => 'text/csv', filename => 'a.csv', encoding => 'base64', disposition => 'attachment' }, body => "a,b\n"),
        ],
    );
    my $sent = eval { Email::Sender::Simple->send($mail, { transport => Email::Sender::Transport::SMTP->new({ host => '127.0.0.1', port => $given->{port} // 25 }) }); 'sent' };
    return { sent => $sent // (ref $@ || 'died'), why => $sent ? '' : (split /\n/, "$@")[0] };
}

sub memory {
    require Cache::Memcached;
    my $memory = Cache::Memcached->new({ servers => ['127.0.0.1:11211'], compress_threshold => 100 });
    $memory->set('things', { a => [1, 2, 3] });
    $memory->set('long', 'x' x 5000);
    $memory->set('n', 4);
    my $gone = Cache::Memcached->new({ servers => ['127.0.0.1:2'] });
    return { things => $memory->get('things')->{a}[2], long => length $memory->get('long'), n => $memory->incr('n', 3), multi => scalar(keys %{ $memory->get_multi('n', 'long', 'none') }), gone => defined $gone->get('x') ? 'there' : 'none', version => $memory->stats('misc')->{total}{cmd_set} ? 'counted' : '-' };
}

1;

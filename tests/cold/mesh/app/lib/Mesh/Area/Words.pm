package Mesh::Area::Words;

# texts in other tongues
use strict;
use warnings;
use utf8;
use Encode ();

my %texts = (
    'shiftjis' => '日本語', 'euc-jp' => '日本語', 'iso-2022-jp' => '日本語', 'cp936' => '中文', 'big5-eten' => '中文', 'euc-kr' => '한국어', 'iso-2022-kr' => '한국어', 'gb2312-raw' => '中',
    'hz' => '中文', 'koi8-r' => 'привет', 'cp1251' => 'привет', 'iso-8859-15' => '€', 'cp437' => 'é', 'MacRoman' => 'é', 'UTF-7' => 'größe', 'UTF-16LE' => 'größe', 'UTF-32' => 'a', 'cp37' => 'abc',
    'MIME-Header' => 'größe', 'MIME-B' => '日本語', 'MIME-Q' => 'größe', 'iso-8859-8' => 'שלום', 'cp1256' => 'سلام', 'viscii' => 'ầ', 'symbol' => 'α', 'gsm0338' => '€',
);

sub encodings {
    my %out = map { my $text = $texts{$_}; my $bytes = Encode::encode($_, $text); ($_ => [unpack('H*', $bytes), Encode::decode($_, $bytes) eq $text ? 1 : 0]) } keys %texts;
    return { encodings => \%out, all => scalar(() = Encode->encodings(':all')), guess => _guess() };
}

sub _guess {
    require Encode::Guess;
    my $found = Encode::Guess::guess_encoding(Encode::encode('euc-jp', '日本語の文章です'), qw(euc-jp shiftjis 7bit-jis));
    return ref $found ? $found->name : $found;
}

sub unicode {
    require charnames;
    require Unicode::UCD;
    require Unicode::Normalize;
    my $info = Unicode::UCD::charinfo(0x3b1);
    my $name = '\N{GREEK SMALL LETTER OMEGA}';
    return {
        viacode => charnames::viacode(0x1F600),
        vianame => sprintf('%x', charnames::vianame('GOTHIC LETTER AHSA')),
        named => eval qq{use utf8; "$name"},
        info => join('/', @{$info}{qw(name block script category upper)}),
        fold => join('|', @{ Unicode::UCD::casefold(0xDF) }{qw(code full)}),
        version => Unicode::UCD::UnicodeVersion(),
        numeric => Unicode::UCD::num("\x{0664}\x{0665}"),
        sequence => Unicode::UCD::namedseq('KEYCAP DIGIT ONE') ? 'keycap' : '-',
        forms => join(',', map { length } map { ($_->('ﬁé')) } \&Unicode::Normalize::NFD, \&Unicode::Normalize::NFKC),
        classes => join('', map { my $p = $_; my $c = grep { chr($_) =~ /\p{$p}/ } 0x20 .. 0x24FF; "$p=$c;" } qw(Script=Cyrillic Lu Nd InArrows East_Asian_Width=W Block=Greek IDStart Line_Break=AL Age=3.0 Bidi_Class=R)),
        break => scalar(() = 'one two. Three? four' =~ /\b{sb}/g) . scalar(() = "e\x{301}a" =~ /\X/g) . scalar(() = "can't stop" =~ /\b{wb}/g),
        case => join('|', uc 'straße', lc 'ΑΣ', ucfirst 'ǆabc', "\F\x{1E9E}"),
        script => "раураl" =~ /^(*sr:\w+)$/ ? 'one' : 'mixed',
    };
}

sub order {
    require Unicode::Collate::Locale;
    my @words = qw(zebra ähre apfel öl ofen);
    my %out = map { my $locale = $_; ($locale => join ' ', Unicode::Collate::Locale->new(locale => $locale)->sort(@words)) } qw(de__phonebook sv en);
    $out{chosen} = Unicode::Collate::Locale->new(locale => 'zh__pinyin')->getlocale;
    $out{japanese} = join ' ', Unicode::Collate::Locale->new(locale => 'ja')->sort('い', 'あ', '亜');
    $out{level} = Unicode::Collate->new(level => 1)->eq('Größe', 'grosse') ? 'same' : 'other';
    return \%out;
}

sub locales {
    require POSIX;
    require I18N::Langinfo;
    my $was = POSIX::setlocale(POSIX::LC_ALL(), '') // 'none';
    my $day = Encode::decode('UTF-8', POSIX::strftime('%A %B', 0, 0, 0, 29, 1, 124));
    my $radix = POSIX::localeconv()->{decimal_point};
    my $message = do { use locale; local $! = 2; "$!" };
    utf8::decode($message) unless utf8::is_utf8($message);
    my $codeset = I18N::Langinfo::langinfo(I18N::Langinfo::CODESET());
    my $yes = I18N::Langinfo::langinfo(I18N::Langinfo::YESEXPR());
    POSIX::setlocale(POSIX::LC_ALL(), 'C');
    return { locale => $was, day => $day, radix => $radix, message => $message, codeset => $codeset, yes => $yes };
}

1;

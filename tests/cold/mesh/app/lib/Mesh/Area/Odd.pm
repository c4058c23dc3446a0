package Mesh::Area::Odd;

# days, numbers, and which of two implementations is used
use strict;
use warnings;
use utf8;

sub days {
    require DateTime;
    require DateTime::Locale;
    require DateTime::Duration;
    my $day = DateTime->new(year => 2024, month => 2, day => 29, hour => 12, time_zone => 'Europe/Berlin');
    my %out = map { my $l = $_; ($l => $day->clone->set_locale($l)->strftime('%A %d %B')) } qw(de-DE fr ja ar cy zh-Hant);
    $out{cldr} = $day->clone->set_locale('nl')->format_cldr('EEEE d MMM y QQQQ');
    $out{zones} = join ' ', map { $day->clone->set_time_zone($_)->strftime('%H:%M%z') } qw(Asia/Kathmandu America/St_Johns Pacific/Chatham UTC);
    $out{added} = $day->clone->add(years => 1)->ymd;
    $out{gap} = eval { DateTime->new(year => 2024, month => 3, day => 31, hour => 2, minute => 30, time_zone => 'Europe/Berlin'); 'fine' } // ($@ =~ /Invalid local time/ ? 'no such time' : $@);
    $out{wrong} = eval { DateTime->new(year => 2024, month => 13); 'fine' } // (ref $@ || 'died');
    $out{backend} = $DateTime::IsPurePerl ? 'perl' : 'xs';
    $out{locales} = scalar(DateTime::Locale->codes) > 300 ? 'many' : 'few';
    $out{zone_names} = scalar(DateTime::TimeZone->all_names) > 300 ? 'many' : 'few';
    return \%out;
}

sub json {
    my %out;
    for my $class (qw(JSON::PP JSON::XS Cpanel::JSON::XS JSON::MaybeXS JSON)) {
        (my $file = "$class.pm") =~ s{::}{/}g;
        $out{$class} = eval { require $file; my $j = $class->new->canonical->allow_nonref->pretty(0); $j->encode($j->decode('{"b":[1.5,true,null,"\u00fc"],"a":{}}')) } // (split / at /, $@)[0];
    }
    $out{boolean} = ref JSON::PP->new->decode('[true]')->[0];
    $out{wrong} = eval { JSON::PP->new->decode('{"a":}'); 1 } ? '' : (split /, at/, $@)[0];
    $out{chosen} = JSON::MaybeXS::JSON();
    $out{backend} = JSON->backend;
    require YAML;
    require YAML::XS;
    $out{yaml} = YAML::Load("---\na: [1, 2]\n")->{a}[1] . YAML::XS::Load("--- {a: !!str 3}\n")->{a};
    require CPAN::Meta::YAML;
    $out{tiny} = CPAN::Meta::YAML->read_string("---\nx: y\n")->[0]{x};
    require Package::Stash;
    $out{stash} = $INC{'Package/Stash/PP.pm'} ? 'PP' : 'XS';
    require List::MoreUtils;
    $out{more} = join ',', List::MoreUtils::uniq(1, 1, 2), List::MoreUtils::natatime(2, 1 .. 3)->();
    require Params::Util;
    $out{params} = Params::Util::_STRING('x') ? 1 : 0;
    require Data::OptList;
    require Scalar::Util;
    $out{number} = Scalar::Util::looks_like_number('1e5') ? 1 : 0;
    return \%out;
}

1;

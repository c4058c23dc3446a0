package Site::Report;
use strict;
use warnings;

sub new {
    my ($class, $format) = @_;
    my $module = 'Site::Report::' . ucfirst lc $format;
    eval "require $module; 1" or die "no such format: $format\n";
    return bless {}, $module;
}
1;

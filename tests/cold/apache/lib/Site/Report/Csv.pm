package Site::Report::Csv;
use strict;
use warnings;
use Encode;
use POSIX qw(strftime floor);
use Time::Local;

sub write { my ($self, $rows) = @_; return join '', strftime("%Y-%m-%d\n", gmtime(timegm(0, 0, 0, 1, 0, 100))), map { encode('iso-8859-15', "$_->{path};" . floor($_->{hits} + 0.5) . "\n") } @$rows }
1;

package Site::Report::Text;
use strict;
use warnings;
use List::Util qw(sum0 max);
use Text::Wrap;

sub write { my ($self, $rows) = @_; local $Text::Wrap::columns = 40; return wrap('', '  ', map { "$_->{path} $_->{hits}" } @$rows) . "\nsum " . sum0(map { $_->{hits} } @$rows) . "\n" }
1;

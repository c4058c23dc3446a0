package Site::Report::Json;
use strict;
use warnings;
use JSON::PP;

sub write { my ($self, $rows) = @_; return JSON::PP->new->canonical->ascii->encode($rows) . "\n" }
1;

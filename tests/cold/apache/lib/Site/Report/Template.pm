package Site::Report::Template;
use strict;
use warnings;
require HTML::Template;

sub write { my ($self, $rows) = @_; my $t = HTML::Template->new(scalarref => \'<TMPL_LOOP rows><TMPL_VAR path escape=html>;</TMPL_LOOP>', die_on_bad_params => 0); $t->param(rows => $rows); my $out = $t->output; utf8::encode($out); return "$out\n" }
1;

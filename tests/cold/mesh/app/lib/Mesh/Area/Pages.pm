package Mesh::Area::Pages;

# letters that the shop writes, from templates
use strict;
use warnings;
use utf8;
use Template;

sub letter {
    my ($given, $shelves) = @_;
    my $template = Template->new({ ENCODING => 'utf8', EVAL_PERL => 1, INCLUDE_PATH => '/opt/mesh/app/views', COMPILE_DIR => '/tmp/mesh-templates', COMPILE_EXT => '.ttc', ABSOLUTE => 1 });
    my %vars = (shelves => [$shelves->all], name => $given->{name} // 'keeper');
    $template->process('letter.tt', \%vars, \my $out) or return 'template error: ' . $template->error->info . "\n";
    return $out;
}

sub wrong {
    my $template = Template->new({ EVAL_PERL => 0 });
    my @out;
    for my $text ('[% USE nothing %]', '[% FOREACH %]', '[% PERL %]1[% END %]', '[% THROW shop "closed" %]', '[% INCLUDE none.tt %]', '[% "x" | nofilter %]', '[% TRY; THROW a.b "c"; CATCH a; error.type; END %]') {
        my $done = '';
        push @out, $template->process(\$text, {}, \$done) ? "fine: $done" : $template->error->type . ': ' . (split /\n/, $template->error->info)[0];
    }
    return join("\n", @out) . "\n";
}

sub markdown {
    require Text::Markdown;
    return Text::Markdown::markdown("# Tea\n\n* one\n* *two*\n\n[link](http://mesh.test)\n");
}

1;

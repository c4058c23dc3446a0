#!/usr/bin/perl
# a report of the old days
use strict;
use warnings;
use integer;
use Env qw(QUERY_STRING);
use Time::Local qw(timegm);
use Text::ParseWords qw(shellwords);
use Text::Wrap qw(wrap);
use Time::gmtime;

print "Content-Type: text/plain\r\n\r\n";
print "query: $QUERY_STRING\n", 'words: ', join('|', shellwords(q{a "b c" d})), "\n";
print 'day: ', gmtime(timegm(0, 0, 0, 29, 1, 2024))->wday, "\n";
$Text::Wrap::columns = 12;
print wrap('', '  ', 'a line that is too long'), "\n", 7 / 2, "\n";

#!/usr/bin/perl
use strict;
print join("-", map { chomp; $_ } <STDIN>), "\n";

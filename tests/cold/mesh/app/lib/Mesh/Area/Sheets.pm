package Mesh::Area::Sheets;

# what accountants want
use strict;
use warnings;
use utf8;
use Encode ();

sub book {
    my ($given, $shelves) = @_;
    require Excel::Writer::XLSX;
    open my $fh, '>', \my $bytes or die;
    my $book = Excel::Writer::XLSX->new($fh);
    my $sheet = $book->add_worksheet('Shelves');
    my $row = 0;
    $sheet->write($row++, 0, [@{$_}{qw(id name stock)}], $book->add_format(bold => 1)) for $shelves->all;
    my $chart = $book->add_chart(type => 'column', embedded => 1);
    $chart->add_series(values => '=Shelves!$C$1:$C$3');
    $sheet->insert_chart('E2', $chart);
    $book->close;
    require Archive::Zip;
    open my $in, '<', \$bytes or die;
    my $zip = Archive::Zip->new;
    $zip->readFromFileHandle($in) == 0 or die 'no zip';
    require XML::LibXML;
    my $document = XML::LibXML->load_xml(string => scalar $zip->contents('xl/sharedStrings.xml'));
    return { parts => scalar($zip->memberNames), strings => [map { $_->textContent } $document->getElementsByTagName('t')], chart => scalar($zip->memberNamed('xl/charts/chart1.xml') ? 1 : 0) };
}

sub table {
    my ($given, $shelves) = @_;
    require Mesh::Format::Csv;
    return Encode::decode('UTF-8', Mesh::Format::Csv->text($shelves->all)) . ("x,y,z\n" x 200);
}

sub xml {
    require XML::LibXML;
    require XML::LibXML::XPathContext;
    my $document = XML::LibXML->load_xml(string => '<?xml version="1.0" encoding="ISO-8859-1"?><a xmlns:m="urn:m"><m:b c="1">' . "\xe9" . '</m:b></a>');
    my $context = XML::LibXML::XPathContext->new($document);
    $context->registerNs(n => 'urn:m');
    my $schema = XML::LibXML::RelaxNG->new(string => '<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>');
    my $valid = eval { $schema->validate($document); 1 } ? 'valid' : 'not valid';
    my $html = XML::LibXML->load_html(string => '<p>one<p>two', recover => 2);
    my $error = eval { XML::LibXML->load_xml(string => '<a>'); 1 } ? '' : ref $@;
    require XML::LibXML::Reader;
    my $reader = XML::LibXML::Reader->new(string => '<a><b/><b/></a>');
    my $count = 0;
    $count++ while $reader->read;
    return { text => $context->findvalue('//n:b'), valid => $valid, paragraphs => scalar(@{ $html->findnodes('//p') }), error => $error, nodes => $count };
}

sub picture {
    require GD;
    my $image = GD::Image->new(40, 20);
    $image->colorAllocate(255, 255, 255);
    my $red = $image->colorAllocate(255, 0, 0);
    $image->filledRectangle(2, 2, 20, 10, $red);
    $image->string(GD::gdSmallFont(), 2, 2, 'tea', $image->colorAllocate(0, 0, 0));
    my %out = map { my $kind = $_; ($kind => scalar eval { length $image->$kind > 20 ? 'drawn' : 'empty' } // (split / at /, $@)[0]) } qw(png jpeg gif webp);
    $out{again} = GD::Image->newFromPngData($image->png)->width;
    require GD::Simple;
    $out{simple} = GD::Simple->new(10, 10)->width;
    return \%out;
}

1;

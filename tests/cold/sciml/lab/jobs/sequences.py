"""Sequences, trees, structures and readings: Biopython's tables and DTDs, htslib in pysam."""

import io
import os

TEXT = ">one first\nATGGCCATTGTAATGGGCCGCTGAAAGGGTGCCCGATAG\n>two\nATGGCCATTGTAATGGGCCGCTGAAAGGGTGCCCGATAA\n"


def _records():
    from Bio import SeqIO

    return list(SeqIO.parse(io.StringIO(TEXT), "fasta"))


def formats():
    from Bio import AlignIO, SeqIO
    from Bio.Align import MultipleSeqAlignment

    told = []
    records = _records()
    for record in records:
        record.annotations["molecule_type"] = "DNA"
        record.letter_annotations["phred_quality"] = list(range(len(record)))
    for form in ("fasta", "fastq", "fastq-illumina", "genbank", "embl", "tab", "qual", "seqxml", "phd", "imgt", "nexus", "xdna", "sff"):
        held = io.BytesIO() if form in ("seqxml", "xdna", "sff") else io.StringIO()
        try:
            SeqIO.write(records if form != "xdna" else records[:1], held, form)
            held.seek(0)
            told.append(f"{form} {len(list(SeqIO.parse(held, form)))};")
        except Exception as error:
            told.append(f"{form} {type(error).__name__};")
    alignment = MultipleSeqAlignment(records)
    for form in ("clustal", "phylip", "phylip-relaxed", "stockholm", "nexus", "maf", "mauve"):
        held = io.StringIO()
        AlignIO.write(alignment, held, form)
        held.seek(0)
        told.append(f"{form} {next(AlignIO.parse(held, form)).get_alignment_length()};")
    return told


def letters():
    from Bio.Data import CodonTable, IUPACData
    from Bio.Seq import Seq
    from Bio.SeqUtils import MeltingTemp, gc_fraction
    from Bio.SeqUtils.ProtParam import ProteinAnalysis

    one = _records()[0].seq
    protein = ProteinAnalysis(str(one.translate(to_stop=True)))
    return [
        str(one.translate()),
        str(one.translate(table="Vertebrate Mitochondrial")),
        str(one.reverse_complement())[:9],
        round(gc_fraction(one), 2),
        round(protein.isoelectric_point(), 1),
        round(MeltingTemp.Tm_NN(one), 1),
        len(CodonTable.unambiguous_dna_by_id) > 20,
        len(IUPACData.protein_letters_1to3),
        str(Seq("ACGU").back_transcribe()),
    ]


def matrices_and_pairs():
    from Bio import Align
    from Bio.Align import substitution_matrices

    aligner = Align.PairwiseAligner(scoring="blastp")
    told = [len(substitution_matrices.load()), aligner.score("KEVLA", "EVLA")]
    for name in ("BLOSUM62", "PAM250", "NUC.4.4", "GONNET1992"):
        matrix = substitution_matrices.load(name)
        told.append(f"{name} {matrix['A']['A']}")
    aligner = Align.PairwiseAligner(mode="local")
    found = aligner.align("GATTACA", "GCATGCU")[0]
    for form in ("psl", "sam", "bed", "fasta", "clustal", "exonerate", "chain"):
        try:
            told.append(f"{form} {len(found.format(form)) > 10}")
        except Exception as error:
            told.append(f"{form} {type(error).__name__}")
    return told


def cut_and_found():
    from Bio import Restriction, motifs
    from Bio.Seq import Seq

    enzymes = Restriction.RestrictionBatch(["EcoRI", "BamHI", "HindIII"])
    found = enzymes.search(Seq("AAGAATTCAAGGATCCAA"))
    made = motifs.create([Seq("TACAA"), Seq("TACGC"), Seq("TACAC")])
    return [
        {str(key): value for key, value in sorted(found.items(), key=str)},
        len(Restriction.AllEnzymes) > 500,
        str(made.consensus),
        made.format("transfac")[:2],
        round(made.pssm.max, 1),
        len(made.format("jaspar").splitlines()),
    ]


def trees():
    from Bio import Phylo
    from Bio.Phylo.TreeConstruction import DistanceCalculator, DistanceTreeConstructor

    tree = Phylo.read(io.StringIO("((a:1,b:2):1,(c:1,d:3):2);"), "newick")
    told = []
    for form in ("newick", "nexus", "phyloxml", "nexml", "cdao"):
        try:
            Phylo.write(tree, f"tree.{form}", form)
            told.append(f"{form} {len(Phylo.read(f'tree.{form}', form).get_terminals())}")
        except Exception as error:
            told.append(f"{form} {type(error).__name__}")
    drawn = io.StringIO()
    Phylo.draw_ascii(tree, file=drawn)
    import matplotlib

    matplotlib.use("agg")
    Phylo.draw(tree, do_show=False)
    from Bio.Align import MultipleSeqAlignment

    built = DistanceTreeConstructor(DistanceCalculator("blosum62"), "nj").build_tree(MultipleSeqAlignment(_records()))
    return [told, drawn.getvalue().count("_") > 20, len(built.get_terminals()), len(DistanceCalculator.models) > 10]


def answers_of_ncbi():
    """XML that names its DTD is read with the copy that Biopython brings; one that it does not bring is elsewhere."""
    from Bio import Entrez

    text = b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n<eSearchResult><Count>2</Count><RetMax>2</RetMax><RetStart>0</RetStart><IdList><Id>11</Id><Id>12</Id></IdList><TranslationSet/><QueryTranslation>x</QueryTranslation></eSearchResult>'
    record = Entrez.read(io.BytesIO(text))
    info = b'<?xml version="1.0"?>\n<!DOCTYPE eInfoResult PUBLIC "-//NLM//DTD einfo 20130322//EN" "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20130322/einfo.dtd">\n<eInfoResult><DbList><DbName>pubmed</DbName></DbList></eInfoResult>'
    return [record["Count"], list(record["IdList"]), list(Entrez.read(io.BytesIO(info))["DbList"])]


def answers_of_blast():
    from Bio.Blast import NCBIXML

    text = '<?xml version="1.0"?>\n<!DOCTYPE BlastOutput PUBLIC "-//NCBI//NCBI BlastOutput/EN" "http://www.ncbi.nlm.nih.gov/dtd/NCBI_BlastOutput.dtd">\n<BlastOutput><BlastOutput_program>blastn</BlastOutput_program><BlastOutput_version>2</BlastOutput_version><BlastOutput_reference>r</BlastOutput_reference><BlastOutput_db>nt</BlastOutput_db><BlastOutput_query-ID>q</BlastOutput_query-ID><BlastOutput_query-def>d</BlastOutput_query-def><BlastOutput_query-len>5</BlastOutput_query-len><BlastOutput_iterations></BlastOutput_iterations></BlastOutput>'
    from Bio import Blast

    return [NCBIXML.parse(io.StringIO(text)).__class__.__name__, Blast.parse(io.BytesIO(text.encode())).program]


def structures():
    from Bio.PDB import MMCIFIO, PDBIO, MMCIFParser, PDBParser, PPBuilder, Superimposer
    from rdkit import Chem
    from rdkit.Chem import AllChem

    molecule = Chem.AddHs(Chem.MolFromSequence("AGWK"))
    AllChem.EmbedMolecule(molecule, randomSeed=3)
    open("peptide.pdb", "w").write(Chem.MolToPDBBlock(molecule))
    structure = PDBParser(QUIET=True).get_structure("p", "peptide.pdb")
    for saver, name in ((PDBIO, "again.pdb"), (MMCIFIO, "again.cif")):
        writer = saver()
        writer.set_structure(structure)
        writer.save(name)
    again = MMCIFParser(QUIET=True).get_structure("p", "again.cif")
    overlay = Superimposer()
    overlay.set_atoms(list(structure.get_atoms()), list(again.get_atoms()))
    from Bio.PDB.SASA import ShrakeRupley

    ShrakeRupley().compute(structure, level="S")
    return [
        str(PPBuilder(radius=5.0).build_peptides(structure)[0].get_sequence()),
        round(overlay.rms, 2),
        structure.sasa > 100,
        len(list(again.get_atoms())) > 30,
    ]


def drawn():
    try:
        from Bio.Graphics import GenomeDiagram

        return GenomeDiagram.Diagram("x").name
    except Exception as error:
        return type(error).__name__


def readings():
    import pysam

    header = {"HD": {"VN": "1.6", "SO": "unsorted"}, "SQ": [{"LN": 39, "SN": "one"}]}
    open("ref.fa", "w").write(TEXT)
    pysam.faidx("ref.fa")
    with pysam.AlignmentFile("r.bam", "wb", header=header) as file:
        for number in (20, 5, 10):
            read = pysam.AlignedSegment()
            read.query_name, read.query_sequence, read.flag, read.reference_id, read.reference_start, read.mapping_quality, read.cigarstring = (
                f"r{number}",
                _text(number),
                0,
                0,
                number,
                60,
                "9M",
            )
            read.query_qualities = pysam.qualitystring_to_array("I" * 9)
            file.write(read)
    pysam.sort("-o", "s.bam", "r.bam")
    pysam.index("s.bam")
    with pysam.AlignmentFile("s.bam") as bam, pysam.AlignmentFile("c.cram", "wc", template=bam, reference_filename="ref.fa") as cram:
        for read in bam:
            cram.write(read)
    with pysam.AlignmentFile("s.bam") as bam:
        names = [read.query_name for read in bam.fetch("one", 0, 15)]
        depth = max(column.nsegments for column in bam.pileup())
    with pysam.AlignmentFile("c.cram", reference_filename="ref.fa") as cram:
        back = sum(1 for _ in cram)
    return [
        names,
        depth,
        back,
        pysam.flagstat("s.bam").splitlines()[0],
        pysam.FastaFile("ref.fa").fetch("one", 0, 6),
        len(pysam.samtools.view("s.bam").splitlines()),
    ]


def _text(start):
    return TEXT.splitlines()[1][start : start + 9]


def variants():
    import pysam
    import pysam.bcftools

    header = pysam.VariantHeader()
    header.add_line('##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">')
    header.contigs.add("one", 39)
    with pysam.VariantFile("v.vcf.gz", "wz", header=header) as file:
        record = header.new_record("one", 4, 5, ("A", "T"), info={"DP": 7})
        file.write(record)
    pysam.tabix_index("v.vcf.gz", preset="vcf", force=True)
    with open("b.bed", "w") as file:
        file.write("one\t1\t5\tx\n")
    pysam.tabix_compress("b.bed", "b.bed.gz", force=True)
    pysam.tabix_index("b.bed.gz", preset="bed", force=True)
    with pysam.VariantFile("v.vcf.gz") as file:
        seen = [record.info["DP"] for record in file.fetch("one", 0, 10)]
    told = pysam.bcftools.view("-H", "v.vcf.gz").split()[:2]
    try:
        pysam.AlignmentFile("ref-none.bam")
    except OSError as error:
        told.append(type(error).__name__)
    return [seen, told, list(pysam.TabixFile("b.bed.gz", parser=pysam.asBed()).fetch("one"))[0].name, os.path.exists("v.vcf.gz.tbi")]

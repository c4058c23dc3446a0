"""Shapes, fingerprints, filters, formats of molecules: much of it by tables that rdkit brings."""

import os
import sys

from rdkit import Chem, RDConfig
from rdkit.Chem import AllChem

ASPIRIN = Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")
CAFFEINE = Chem.MolFromSmiles("Cn1c(=O)c2c(ncn2C)n(C)c1=O")


def _placed(molecule, seed=7):
    full = Chem.AddHs(molecule)
    AllChem.EmbedMolecule(full, randomSeed=seed)
    return full


def shapes():
    from rdkit.Chem import Descriptors3D, rdMolAlign, rdShapeHelpers

    first, second = _placed(ASPIRIN), _placed(ASPIRIN, 11)
    ended = [AllChem.MMFFOptimizeMolecule(first, maxIters=2000), AllChem.UFFOptimizeMolecule(second, maxIters=2000)]
    overlay = rdMolAlign.GetO3A(second, first)
    return [
        ended,
        overlay.Align() < 3,
        0 <= rdShapeHelpers.ShapeTanimotoDist(first, second) <= 1,
        0 < Descriptors3D.Asphericity(first) < 1,
        len(Descriptors3D.CalcMolDescriptors3D(first)),
    ]


def charges():
    AllChem.ComputeGasteigerCharges(ASPIRIN)
    from rdkit.Chem import rdEHTTools

    done, result = rdEHTTools.RunMol(_placed(Chem.MolFromSmiles("O")))
    return [round(ASPIRIN.GetAtomWithIdx(2).GetDoubleProp("_GasteigerCharge"), 3), done, result.numElectrons]


def fingerprints():
    from rdkit import DataStructs
    from rdkit.Avalon import pyAvalonTools
    from rdkit.Chem import MACCSkeys, rdReducedGraphs
    from rdkit.Chem.AtomPairs import Pairs, Torsions
    from rdkit.Chem.Pharm2D import Generate, Gobbi_Pharm2D

    return [
        MACCSkeys.GenMACCSKeys(ASPIRIN).GetNumOnBits(),
        pyAvalonTools.GetAvalonFP(ASPIRIN).GetNumOnBits(),
        Chem.RDKFingerprint(ASPIRIN).GetNumOnBits(),
        Chem.PatternFingerprint(ASPIRIN).GetNumOnBits(),
        len(Pairs.GetAtomPairFingerprint(ASPIRIN).GetNonzeroElements()),
        len(Torsions.GetTopologicalTorsionFingerprint(ASPIRIN).GetNonzeroElements()),
        Generate.Gen2DFingerprint(ASPIRIN, Gobbi_Pharm2D.factory).GetNumOnBits(),
        round(float(rdReducedGraphs.GetErGFingerprint(ASPIRIN).sum()), 2),
        round(DataStructs.FingerprintSimilarity(Chem.RDKFingerprint(ASPIRIN), Chem.RDKFingerprint(CAFFEINE)), 3),
    ]


def features():
    factory = AllChem.BuildFeatureFactory(os.path.join(RDConfig.RDDataDir, "BaseFeatures.fdef"))
    from rdkit.Chem import FragmentCatalog

    groups = FragmentCatalog.FragCatParams(1, 6, os.path.join(RDConfig.RDDataDir, "FunctionalGroups.txt"))
    return [sorted({feature.GetFamily() for feature in factory.GetFeaturesForMol(ASPIRIN)}), groups.GetNumFuncGroups()]


def filters():
    from rdkit.Chem import FilterCatalog

    parameters = FilterCatalog.FilterCatalogParams()
    for name in ("PAINS", "BRENK", "NIH", "ZINC"):
        parameters.AddCatalog(getattr(FilterCatalog.FilterCatalogParams.FilterCatalogs, name))
    catalog = FilterCatalog.FilterCatalog(parameters)
    found = catalog.GetFirstMatch(Chem.MolFromSmiles("O=C1C=CC(=O)C=C1"))
    return [catalog.GetNumEntries() > 500, found.GetDescription()]


def contributed():
    for folder in ("SA_Score", "NP_Score"):
        sys.path.append(os.path.join(RDConfig.RDContribDir, folder))
    import npscorer
    import sascorer

    return [round(sascorer.calculateScore(ASPIRIN), 3), round(npscorer.scoreMol(CAFFEINE, npscorer.readNPModel()), 3)]


def pieces():
    from rdkit.Chem import BRICS, QED, Recap
    from rdkit.Chem.Scaffolds import MurckoScaffold

    return [
        len(BRICS.BRICSDecompose(ASPIRIN)),
        sorted(Recap.RecapDecompose(ASPIRIN).GetLeaves()),
        MurckoScaffold.MurckoScaffoldSmiles(mol=CAFFEINE),
        round(QED.qed(ASPIRIN), 3),
        len(list(BRICS.BRICSBuild([Chem.MolFromSmiles(item) for item in sorted(BRICS.BRICSDecompose(ASPIRIN))], maxDepth=1, scrambleReagents=False))) > 0,
    ]


def standards():
    from rdkit import RDLogger
    from rdkit.Chem import SaltRemover
    from rdkit.Chem.MolStandardize import rdMolStandardize

    RDLogger.DisableLog("rdApp.*")
    return [
        rdMolStandardize.StandardizeSmiles("[Na]OC(=O)c1ccccc1"),
        Chem.MolToSmiles(SaltRemover.SaltRemover().StripMol(Chem.MolFromSmiles("CN(C)C.Cl"))),
        Chem.MolToSmiles(rdMolStandardize.TautomerEnumerator().Canonicalize(Chem.MolFromSmiles("OC1=CCCCC1"))),
        Chem.MolToSmiles(rdMolStandardize.Uncharger().uncharge(Chem.MolFromSmiles("CC(=O)[O-]"))),
        len(rdMolStandardize.FragmentRemover().remove(Chem.MolFromSmiles("CCO.O")).GetAtoms()),
    ]


def names_and_numbers():
    from rdkit.Chem import Crippen, Descriptors, Fragments, Lipinski, rdMolDescriptors
    from rdkit.Chem.EState import EState_VSA

    every = Descriptors.CalcMolDescriptors(ASPIRIN)
    table = Chem.GetPeriodicTable()
    return [
        Chem.MolToInchiKey(ASPIRIN),
        len(every) > 200,
        Fragments.fr_ester(ASPIRIN),
        Lipinski.NumRotatableBonds(ASPIRIN),
        round(Crippen.MolMR(ASPIRIN), 2),
        round(EState_VSA.EState_VSA1(ASPIRIN), 2),
        rdMolDescriptors.CalcMolFormula(CAFFEINE),
        table.GetElementName(79),
    ]


def formats():
    block = Chem.MolToMolBlock(_placed(ASPIRIN))
    back = Chem.MolFromMolBlock(block)
    with Chem.SDWriter("two.sdf") as writer:
        writer.SetForceV3000(True)
        for molecule in (ASPIRIN, CAFFEINE):
            writer.write(molecule)
    peptide = Chem.MolFromSequence("AGW")
    helm = Chem.MolFromHELM("PEPTIDE1{A.G}$$$$")
    pdb = Chem.MolFromPDBBlock(Chem.MolToPDBBlock(_placed(peptide)))
    return [
        back.GetNumAtoms(),
        len(Chem.SDMolSupplier("two.sdf")),
        peptide.GetNumAtoms(),
        helm.GetNumAtoms(),
        pdb.GetAtomWithIdx(0).GetPDBResidueInfo().GetResidueName(),
        Chem.MolToXYZBlock(_placed(Chem.MolFromSmiles("O"))).split()[0],
        Chem.MolToCXSmiles(ASPIRIN)[:12],
        Chem.MolFromMrvBlock(Chem.MolToMrvBlock(CAFFEINE)).GetNumAtoms(),
        len(Chem.JSONToMols(Chem.MolsToJSON([ASPIRIN]))),
        Chem.MolFromSmarts("[#6]~[#8]").GetNumAtoms(),
    ]


def groups():
    from rdkit.Chem import rdFMCS, rdRGroupDecomposition
    from rdkit.ML.Cluster import Butina
    from rdkit.SimDivFilters import rdSimDivPickers

    many = [Chem.MolFromSmiles(item) for item in ("c1ccccc1O", "c1ccccc1N", "c1ccccc1CC", "CCO", "CCN")]
    found, _ = rdRGroupDecomposition.RGroupDecompose([Chem.MolFromSmiles("c1ccccc1[*:1]")], many[:3], asSmiles=True)
    prints = [Chem.RDKFingerprint(item) for item in many]
    return [
        rdFMCS.FindMCS(many[:3]).numAtoms,
        len(found),
        len(Butina.ClusterData([0.1, 0.2, 0.3, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1], 5, 0.35, isDistData=True)),
        len(list(rdSimDivPickers.MaxMinPicker().LazyBitVectorPick(prints, len(prints), 2, seed=1))),
    ]


def a_database():
    from rdkit.Dbase.DbConnection import DbConnect

    held = DbConnect("molecules.sqlt")
    held.AddTable("drugs", "name varchar(20), smiles varchar(80)")
    held.InsertData("drugs", ["caffeine", Chem.MolToSmiles(CAFFEINE)])
    held.Commit()
    return DbConnect("molecules.sqlt", "drugs").GetData()[0][0]

"""Molecules as pictures."""

import hashlib
import io
import re

from rdkit import Chem

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"


def _png(data):
    from PIL import Image

    picture = Image.open(io.BytesIO(data)).convert("RGB")
    return [picture.size, sum(1 for pixel in picture.getdata() if pixel != (255, 255, 255)) > 500, hashlib.sha256(picture.tobytes()).hexdigest()[:12]]


def svg():
    from rdkit.Chem.Draw import rdMolDraw2D

    drawer = rdMolDraw2D.MolDraw2DSVG(320, 240)
    options = drawer.drawOptions()
    options.addStereoAnnotation = True
    options.addAtomIndices = True
    rdMolDraw2D.PrepareAndDrawMolecule(drawer, Chem.MolFromSmiles("C[C@H](N)C(=O)O"), highlightAtoms=[1], legend="alanine")
    drawer.FinishDrawing()
    text = drawer.GetDrawingText()
    return [len(re.findall("<path", text)) > 20, hashlib.sha256(text.encode()).hexdigest()[:12]]


def png():
    from rdkit.Chem.Draw import rdMolDraw2D

    drawer = rdMolDraw2D.MolDraw2DCairo(320, 240)
    drawer.DrawMolecule(Chem.MolFromSmiles(ASPIRIN), legend="aspirin")
    drawer.FinishDrawing()
    data = drawer.GetDrawingText()
    return [*_png(data), Chem.MolToSmiles(Chem.MolFromPNGString(data))]


def by_font():
    import matplotlib
    from rdkit.Chem.Draw import rdMolDraw2D

    drawer = rdMolDraw2D.MolDraw2DCairo(200, 150)
    drawer.drawOptions().fontFile = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSerif-Bold.ttf"
    drawer.DrawMolecule(Chem.MolFromSmiles("OCCN"), legend="serif")
    drawer.FinishDrawing()
    return _png(drawer.GetDrawingText())


def grid():
    from rdkit.Chem import Draw

    image = Draw.MolsToGridImage(
        [Chem.MolFromSmiles(item) for item in (ASPIRIN, CAFFEINE, "c1ccccc1")], molsPerRow=2, subImgSize=(160, 120), legends=["a", "b", "c"]
    )
    return [type(image).__module__, image.size]


def image_and_file():
    from rdkit.Chem import Draw

    Draw.MolToFile(Chem.MolFromSmiles(CAFFEINE), "caffeine.svg")
    Draw.MolToFile(Chem.MolFromSmiles(CAFFEINE), "caffeine.png", size=(150, 150))
    return [Draw.MolToImage(Chem.MolFromSmiles(CAFFEINE), size=(120, 100)).size, open("caffeine.svg").readline()[:14], open("caffeine.png", "rb").read(4)]


def a_reaction():
    from rdkit.Chem import Draw, rdChemReactions

    reaction = rdChemReactions.ReactionFromSmarts("[C:1](=[O:2])[OH].[N:3]>>[C:1](=[O:2])[N:3]")
    made = reaction.RunReactants((Chem.MolFromSmiles("CC(=O)O"), Chem.MolFromSmiles("NC")))[0][0]
    return [Chem.MolToSmiles(made), Draw.ReactionToImage(reaction, subImgSize=(100, 80)).size]


def bits_of_a_fingerprint():
    from rdkit.Chem import Draw, rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2)
    extra = rdFingerprintGenerator.AdditionalOutput()
    extra.AllocateBitInfoMap()
    molecule = Chem.MolFromSmiles(ASPIRIN)
    generator.GetFingerprint(molecule, additionalOutput=extra)
    info = extra.GetBitInfoMap()
    return [len(info), "<svg" in Draw.DrawMorganBit(molecule, sorted(info)[0], info, useSVG=True)]


def similarity_map():
    from rdkit.Chem.Draw import SimilarityMaps, rdMolDraw2D

    drawer = rdMolDraw2D.MolDraw2DCairo(200, 200)
    molecule = Chem.MolFromSmiles(ASPIRIN)
    SimilarityMaps.GetSimilarityMapFromWeights(molecule, [0.1 * atom.GetIdx() for atom in molecule.GetAtoms()], draw2d=drawer)
    drawer.FinishDrawing()
    return drawer.GetDrawingText()[:4]


def in_a_table():
    import pandas as pd
    from rdkit.Chem import PandasTools

    table = pd.DataFrame({"name": ["aspirin", "caffeine"], "smiles": [ASPIRIN, CAFFEINE]})
    PandasTools.AddMoleculeColumnToFrame(table, "smiles", "molecule")
    PandasTools.WriteSDF(table, "table.sdf", molColName="molecule", properties=["name"])
    PandasTools.SaveXlsxFromFrame(table, "table.xlsx", molCol="molecule", size=(80, 60))
    return [len(PandasTools.LoadSDF("table.sdf")), open("table.xlsx", "rb").read(2), "svg" in table.to_html() or "img" in table.to_html()]

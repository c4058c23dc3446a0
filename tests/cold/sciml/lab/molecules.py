"""What is asked for all day: what a molecule is like."""

from rdkit import Chem
from rdkit.Chem import Descriptors

NAMES = ("MolWt", "MolLogP", "TPSA", "NumHDonors", "NumHAcceptors", "RingCount")
_functions = dict(Descriptors.descList)


def described(smiles: str) -> dict[str, float]:
    """Raises ValueError when the SMILES is none."""
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        message = f"not a molecule: {smiles!r}"
        raise ValueError(message)
    return {name: round(float(_functions[name](molecule)), 3) for name in NAMES}

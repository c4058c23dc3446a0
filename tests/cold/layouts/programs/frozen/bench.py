import sys
from decimal import Decimal
from xml.etree import ElementTree

import arrow

print(sum(map(Decimal, sys.argv[1:])), ElementTree.fromstring("<a b='1'/>").attrib, arrow.get(0).format("D MMMM", locale="it"))

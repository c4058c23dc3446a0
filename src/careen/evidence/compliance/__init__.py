"""An assessment in the formats that programs of assessors import: XCCDF, ARF, CKLB, OSCAL."""

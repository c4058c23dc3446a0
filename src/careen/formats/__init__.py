"""File formats that several stages read or write, such as ELF, zip, rpm headers and RECORD.

Takes bytes or a seekable stream, returns values, and writes them back byte for byte. All input is
hostile. It knows no images, no paths of a root file system, and no packages of the model.
"""

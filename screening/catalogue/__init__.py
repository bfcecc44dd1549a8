"""What a non-programmer may change, read into values: agencies, instruments, content per language, help lines.

`load(files)` takes the text of every file below `data/` and gives a `Catalogue` and a list of faults, each with file,
line and item. It does no I/O: whoever calls it reads the files.
"""

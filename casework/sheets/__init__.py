"""Simple forms for what is often changed in a data file: read from the file, written back into it, nothing else touched."""

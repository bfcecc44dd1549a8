"""Databases as released versions left them, one JSON file each, made by `make.py` with that version's own code."""

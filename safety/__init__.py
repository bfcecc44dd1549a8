"""The room that decides what is safe. Pure: standard library only (spaCy inside `signals` alone), no I/O."""

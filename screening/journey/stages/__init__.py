"""One file a stage: what an act means there. Each function returns None for an act that has no meaning at that step."""

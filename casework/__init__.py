"""The room that remembers and shows: one door in (`intake`), records, encryption, handover, and the desk."""

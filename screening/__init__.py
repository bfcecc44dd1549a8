"""The room that decides what comes next in the journey, and says what happened as events. Pure: no I/O, no clock."""

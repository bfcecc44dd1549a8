"""Ways out of the desk: other systems learn that somebody waits, never what was said."""

"""Contact with people: the one way out for whatever is sent to a number, and what comes in by SMS."""

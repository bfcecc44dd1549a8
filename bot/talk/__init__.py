"""One turn, the same on every channel: hear, check, let Rasa pick the act, word, pass the outlet, write, answer."""

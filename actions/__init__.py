"""The room that acts: thin rasa_sdk actions, one file per act. No rule and no SQL lives here."""

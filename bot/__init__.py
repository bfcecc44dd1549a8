"""The room that listens and speaks: the Rasa project, the channels, the application and the command line."""

"""Rasa as a library: loaded quietly, without TensorFlow, with our store, our words and actions in this process."""

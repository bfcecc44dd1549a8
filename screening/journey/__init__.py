"""The journey: welcome, privacy, information, invitation, questions, support, handover, close.

`step(state, act, situation)` is the whole of it: a pure function to a new state, what happened, and what to say.
"""

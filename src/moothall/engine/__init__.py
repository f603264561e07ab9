"""The rules of a room, pure: no I/O, no clock, no chance; to be read in a sitting.

`decide(room, command, at)` answers a command with events, `evolve(room, event, at)` takes an event in, `replay` takes
in a whole log, `next_deadline(room)` says when time is to be called.
"""

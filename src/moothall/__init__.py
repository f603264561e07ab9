"""Moothall: a TCP server where bots and people take seats in a room and speak one at a time.

These are the names for those who write a bot or a chair. They need the standard library and msgspec alone; a
server is started with the command `moothall`.
"""

from moothall.bots.bot import Topic, Turn, Utterance
from moothall.bots.chair import ChairView, run_chair
from moothall.bots.run import run_bot

__all__ = ["ChairView", "Topic", "Turn", "Utterance", "__version__", "run_bot", "run_chair"]

__version__ = "0.1.0"

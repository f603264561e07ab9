"""Pure folds of a room's log for its readers: `timeline` is what the others fold; `transcript`, `turns`, `roster`."""

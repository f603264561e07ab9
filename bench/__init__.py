"""The bench: what a turn costs the server, beside a relay in C that does nothing but copy lines.

`python -m bench --help` lists what can be measured. Only CPU time and ratios within one run are compared: on a shared
machine the wall time of two runs says nothing. No part of the product imports it.
"""

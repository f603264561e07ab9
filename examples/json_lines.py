"""A whole bot over JSON lines that needs nothing but Python: `python examples/json_lines.py [PORT [NAME]]`.

It comes back to its seat when the connection breaks, and says nothing twice. Rules: docs/protocol/json.md.
"""

import json
import socket
import sys
import time


def main(port: int, name: str) -> None:
    join: dict[str, object] = {"do": "join", "name": name, "about": "examples/json_lines.py"}
    while True:
        try:
            with socket.create_connection(("localhost", port)) as server:
                talk(server, join)
                return
        except OSError:
            print(f"No server at port {port}. Trying again in a second.")
            time.sleep(1)


def talk(server: socket.socket, join: dict[str, object]) -> None:
    topic = "that"

    def send(frame: dict[str, object]) -> None:
        server.sendall(json.dumps(frame).encode() + b"\n")

    def say(turn: int) -> None:  # the cid makes it safe to say again what may have been said before
        send({"do": "say", "text": f"I have no view on {topic}.", "turn": turn, "cid": f"turn-{turn}"})

    send(join)
    for line in server.makefile("rb"):
        match frame := json.loads(line):
            case {"reply": "joined"}:
                join |= {"key": frame["key"], "epoch": frame["epoch"], "after": frame["after"]}
            case {"reply": "resumed", "holder": holder, "turn": turn} if holder == join["name"]:
                say(turn)
            case {"reply": "reset"}:
                join |= {"epoch": frame["epoch"], "after": frame["after"]}
            case {"reply": "refused", "reason": reason} if reason not in ("turn_over", "storage"):
                sys.exit(f"{reason}: {frame['text']}")
            case {"reply": "ping"}:
                send({"do": "pong"})
            case {"event": "topic_opened"}:
                topic = frame["topic"]
            case {"event": "floor_granted", "name": holder, "turn": turn} if holder == join["name"]:
                say(turn)
        if "event" in frame:
            join["after"] = frame["seq"]
            print(line.decode(), end="")
            if frame["event"] == "sitting_closed" or (frame["event"] == "removed" and frame["name"] == join["name"]):
                return
    raise ConnectionError


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 4242, sys.argv[2] if sys.argv[2:] else "Jay")

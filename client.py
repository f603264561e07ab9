"""A bot in a Moothall conversation. It needs Python and nothing else: read it, run it, change it.

python client.py                         asks for the port and a name
python client.py localhost 4242 alice    asks nothing
"""

import re
import signal
import socket
import sys
import time


def alice(a, b=None):
    return f"I think {ing(a)} sounds great!" if b is None else f"I think {ing(a)} and {ing(b)} both sound great!"


def bob(a, b=None):
    doubt = f"I'm not sure about {ing(a)}. Don't I get a choice?"
    return doubt if b is None else f"Sure, both {ing(a)} and {ing(b)} are fine with me."


def dora(a, b=None):
    ideas = [idea for idea in ("coding", "singing", "sleeping", "fighting") if idea not in (ing(a), ing(b or a))]
    return f"Yes, {ing(a)} is an option. Or we could do some {ideas[sum(a.encode()) % len(ideas)]}."


def chuck(a, b=None):  # noqa: ARG001 - he listens to the first action only
    loves, refuses = ("fighting", "bickering", "yelling", "complaining"), ("singing", "hugging", "playing", "working")
    no = f"What? {ing(a).capitalize()} is no fun. I'm not doing that." if ing(a) in refuses else "I don't care."
    return f"Yes! Time for some {ing(a)}!" if ing(a) in loves else no


def classic(a, place):  # for all other names; it looks at its place in the round, from 1
    nice = "I think {0} sounds great! Awesome!", "{1} seems great!"
    nice += "Are you serious? {1} is the last thing we need", "Somebody suggested {0}? Sure, I'm up for anything!"
    nasty = "So {0} it is then. I don't mind!", "{1} seems horrible. And I wanted more choices!"
    nasty += "Again with the {0}!", "Yess, Time to {2}"
    return (nasty if a in ("yell", "steal", "fight") else nice)[(place - 1) % 4].format(ing(a), ing(a).capitalize(), a)


def ing(action):  # hug becomes hugging, dance dancing, lie lying; in "play chess" the first word changes
    verb, space, rest = action.partition(" ")
    verb = re.sub(r"^((?:[^aeiou]|qu)+[aeiou])([^aeiouwxy])$", r"\1\2\2", verb)
    return re.sub(r"(.[^eoy])e$", r"\1", re.sub(r"ie$", "y", verb)) + "ing" + space + rest


def names(given):  # what to be called: alice, else alice-2, alice-3 and so on; or whatever is typed
    who, at, room = given.partition("@")
    yield from [given, *(f"{who}-{number}{at}{room}" for number in range(2, 10))] if given else []
    yield from filter(None, iter(lambda: input("Name: ").strip() or print("A name cannot be empty."), 0))


def connect(host, port):
    while True:
        try:
            return socket.create_connection((host, port))
        except (OSError, UnicodeError):
            print(f"No server at {host}, port {port}, yet. Trying again in a second.")
            time.sleep(1)


def lines(server):
    # TCP carries a stream of bytes and knows no messages: one line may come in pieces, and several lines in one piece.
    # So we put the pieces together, cut at every newline, and keep what is behind the last one until more comes.
    rest = b""
    for piece in iter(lambda: server.recv(4096), b""):  # nothing, b"", says that the other side has closed
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace").rstrip("\r") for line in whole)
    raise ConnectionError


def talk(name, more_names, server):
    bots = {"alice": alice, "bob": bob, "dora": dora, "chuck": chuck}
    seats, host, topic, answers = "", None, "talk", 0
    server.sendall(f"{name}\n".encode("utf-8", "replace"))  # the newline makes it a line
    for line in lines(server):  # each is "NAME: words", "* a notice" or "! reason: a refusal"
        print(line)
        speaker, _, words = line.partition(": ")
        if line.startswith("* Goodbye"):
            return
        if line.startswith("* You are "):
            seats = "".join(re.findall("[0-9]+/[0-9]+", line)) or "Some"
            print(f"Connected. {seats} are here; waiting for the rest.")
        elif line.startswith("! ") and not seats:
            name = next(more_names) if speaker in ("! name_taken", "! bad_name") else sys.exit(1)
            print(f"Trying the name {name}.")
            server.sendall(f"{name}\n".encode("utf-8", "replace"))
        elif line.startswith("* Your turn"):
            bot = bots.get(re.split("[-@]", name.lower())[0])  # alice-2 is an alice too
            actions = re.split(", | or ", topic)  # "hug", or "hug or play", or "hug, eat or play"
            answer = bot(*actions[:2]) if bot else classic(actions[0], answers + 1)
            server.sendall(f"{answer}\n".encode("utf-8", "replace"))
            print(f"{name}: {answer}")
        elif line[0:1].isalnum():  # the first who asks "Do you want to ...?" is the host; all others answer
            if (asked := re.search(r" to (.+)\?$", words)) and host in (None, speaker):
                host, topic, answers = speaker, asked.group(1), 0
            answers += speaker != host


def main(host="localhost", port="", name=""):
    for text in [port] if port else (input("Port [4242]: ").strip() or "4242" for _ in range(3)):
        if text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536:
            to_try = names(name.strip())
            return talk(next(to_try), to_try, connect(host, int(text)))
        print(f"{text} is not a port: a port is a number from 1 to 65535.")
    sys.exit(2)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace", line_buffering=True)
    if sys.platform == "win32":  # where waiting for a line would not notice Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        main(*sys.argv[1:4])
    except (KeyboardInterrupt, EOFError):
        print("\nYou left. Goodbye!")
    except OSError:
        sys.exit("The connection to the server is gone.")

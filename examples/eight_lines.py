import socket
import sys

server = socket.create_connection(("localhost", int(sys.argv[1]) if sys.argv[1:] else 4242))
server.sendall(b"Kari\n")
for line in server.makefile(encoding="utf-8"):
    print(line, end="")
    if line.startswith("* Your turn"):
        server.sendall(b"That sounds great!\n")

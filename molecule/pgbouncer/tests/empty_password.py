"""Try to log in to PgBouncer with the right SCRAM proof for an empty password.

psql refuses to send one, so this speaks the protocol itself. It runs on the host, with the user and
the database as its arguments, and prints `in` or what PgBouncer answered.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import struct
import sys

AUTHENTICATION = b"R"
SASL_CONTINUE = 11
SASL_FINAL = 12


def receive(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read one message: its type and its body."""
    head = connection.recv(5, socket.MSG_WAITALL)
    if not head:
        return b"", b"connection closed"
    return head[:1], connection.recv(struct.unpack("!I", head[1:])[0] - 4, socket.MSG_WAITALL)


def send(connection: socket.socket, body: bytes, kind: bytes = b"p") -> None:
    """Write one message."""
    connection.sendall(kind + struct.pack("!I", len(body) + 4) + body)


def attempt(user: str, database: str) -> str:
    """Log in, as far as PgBouncer lets us."""
    connection = socket.create_connection(("127.0.0.1", 6432), timeout=10)
    parameters = f"user\0{user}\0database\0{database}\0\0".encode()
    send(connection, struct.pack("!I", 196608) + parameters, kind=b"")
    kind, body = receive(connection)
    if kind != AUTHENTICATION:
        return body.decode(errors="replace")
    first = f"n=,r={'x' * 24}"
    initial = b"n,," + first.encode()
    send(connection, b"SCRAM-SHA-256\0" + struct.pack("!I", len(initial)) + initial)
    kind, body = receive(connection)
    if kind != AUTHENTICATION or struct.unpack("!I", body[:4])[0] != SASL_CONTINUE:
        return body.decode(errors="replace")
    challenge = body[4:].decode()
    nonce, salt, rounds = (part.split("=", 1)[1] for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", b"", base64.b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    final = f"c=biws,r={nonce}"
    signature = hmac.digest(
        hashlib.sha256(client_key).digest(), f"{first},{challenge},{final}".encode(), "sha256"
    )
    proof = bytes(a ^ b for a, b in zip(client_key, signature))  # noqa: B905 - EL 9's Python is 3.9
    send(connection, f"{final},p={base64.b64encode(proof).decode()}".encode())
    kind, body = receive(connection)
    if kind == AUTHENTICATION and struct.unpack("!I", body[:4])[0] == SASL_FINAL:
        return "in"
    return body.decode(errors="replace")


if __name__ == "__main__":
    print(attempt(*sys.argv[1:]))  # noqa: T201 - the answer is what the test reads

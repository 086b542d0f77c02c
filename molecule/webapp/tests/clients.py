"""Read many users at once and say what came back. Runs on the host, on EL 9's Python too.

Arguments: how many clients at a time, the number of requests, ports. Prints one line of JSON: how
often each (status, X-Cache) was seen, and which answers were not those of the user asked for.
"""

from __future__ import annotations

import collections
import concurrent.futures
import http.client
import json
import sys


def ask(port: int, number: int) -> tuple[str, bool]:
    """Read a user or, every third time, the user's posts."""
    of_posts = number % 3 == 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"/users/{number}{'/posts' if of_posts else ''}")
    answer = connection.getresponse()
    found = json.loads(answer.read())
    kind = f"{answer.status} {answer.headers['X-Cache']}"
    if answer.status != 200:
        return kind, False
    if of_posts:
        return kind, bool(found) and all(post["user_id"] == number for post in found)
    return kind, found["id"] == number and found["email"] == f"user{number}@example.com"


def main(clients: int, requests: int, *ports: int) -> None:
    """Spread the requests over the ports."""
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        results = list(pool.map(lambda n: ask(ports[n % len(ports)], n), range(1, requests + 1)))
    seen = collections.Counter(kind for kind, _ in results)
    wrong = [number for number, (_, right) in enumerate(results, start=1) if not right]
    print(json.dumps({"seen": seen, "wrong": wrong}))  # noqa: T201 - the answer is what the test reads


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

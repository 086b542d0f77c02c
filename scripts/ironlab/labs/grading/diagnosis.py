"""Why a host did not let the grader in: the learner's doing, or the kit's.

Only ssh and sudo tell, so their words are read here and nowhere else.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from ironlab.errors import ExitCode, IronlabError
from ironlab.labs.grading.connection import SSH_FAILED
from ironlab.labs.grading.model import Access
from ironlab.process import NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import Callable

    from ironlab.labs.grading.connection import LoginError
    from ironlab.labs.grading.model import Target

LOOK_SECONDS = 3.0
RESET = "`./ironlab lab reset` puts it back to the start"

# what ssh says -> what it means on a host that runs
SSH_SIGNS = {
    "identification has changed": "it shows other ssh host keys than at the start",
    "host key verification failed": "it shows other ssh host keys than at the start",
    "account has expired": "the kit's account has expired",
    "password has expired": "the password of the kit's account has expired",
    "permission denied": "it refuses the kit's account: deleted, locked, or kept out by sshd",
    "not allowed": "it refuses the kit's account",
    "system is booting": "its boot does not come to an end",
    "nologin": "/run/nologin or /etc/nologin keeps everybody out",
    "connection refused": "no ssh server answers on port {port}: is sshd stopped?",
    "timed out": "nothing answers on port {port}: a firewall, or the network set-up",
    "no route to host": "nothing answers on port {port}: a firewall, or the network set-up",
    "unreachable": "nothing answers on port {port}: a firewall, or the network set-up",
    "connection closed": "sshd ends each login of the kit's account",
    "connection reset": "sshd ends each login of the kit's account",
    "exec request failed": "it can't start a process for the kit's account",
}
# what comes after the login
LOGIN_SIGNS = {
    "password has expired": "the password of the kit's account has expired",
    "account has expired": "the kit's account has expired",
    "not available": "the kit's account has no usable login shell any more",
    "a password is required": "sudo asks the kit's account for a password",
    "not in the sudoers": "the kit's account may not use sudo any more",
    "may not run sudo": "the kit's account may not use sudo any more",
    "account validation failure": "sudo refuses the kit's account: has it or root expired?",
    "python3": "/usr/bin/python3 does not run",
    "sudo": "sudo does not work for the kit's account",
    "no space left": "its disk is full",
    "cannot allocate": "its memory is used up",
    "resource temporarily unavailable": "no more processes can be started on it",
}


def answers(target: Target) -> bool:
    """Whether anything is at the address: a refused connection is an answer too."""
    try:
        with socket.create_connection((target.address, target.port), LOOK_SECONDS):
            return True
    except ConnectionRefusedError:
        return True
    except OSError:
        return False


def down(alias: str, target: Target) -> Access:
    """The host itself does not run."""
    message = f"{alias} ({target.name}, {target.address}) is not running or out of reach"
    remedy = "start the lab again: ./ironlab lab start"
    return Access(ok=False, fault="host", message=message, remedy=remedy)


def explain(
    alias: str, target: Target, error: LoginError, is_running: Callable[[Target], bool]
) -> Access:
    """Say whose fault a failed login is.

    Raises:
        IronlabError: when something is missing on this side.
    """
    if error.rc == NOT_FOUND and error.said == "ssh: command not found":
        remedy = "install OpenSSH's client (openssh-client or openssh-clients)"
        raise IronlabError("ssh is not installed", remedy, ExitCode.PREREQUISITE)
    if not Path(target.identity_file).exists():
        message = f"there is no ssh key {target.identity_file}"
        raise IronlabError(message, "destroy the lab's hosts and start it again")
    if not is_running(target):
        return down(alias, target)
    message = f"{alias} runs, but {_meaning(target, error)}"
    return Access(ok=False, fault="learner", message=message, remedy=RESET)


def _meaning(target: Target, error: LoginError) -> str:
    said = error.said.lower()
    signs = SSH_SIGNS if error.rc == SSH_FAILED else LOGIN_SIGNS
    for sign, meaning in signs.items():
        if sign in said:
            return meaning.format(port=target.port)
    if error.rc is None:
        return "the login of the kit's account does not come to an end"
    last = error.said.splitlines()[-1].strip() if error.said else f"exit code {error.rc}"
    return f"the kit's account can't work on it: {last}"

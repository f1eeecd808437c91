"""Asks the kernel what the other computer has not acknowledged yet."""

import array
import fcntl
import socket
import termios

SIOCOUTQ = termios.TIOCOUTQ  # Linux has one number for both (tcp(7))


def unacknowledged(connection: socket.socket) -> int:
    """Returns the bytes of the send queue: not sent yet, or sent and not acknowledged."""
    found = array.array("i", [0])
    fcntl.ioctl(connection.fileno(), SIOCOUTQ, found)
    return found[0]

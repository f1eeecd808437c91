"""Inflates the next pieces of a file in a second thread while the first thread reads the last ones."""

from collections.abc import Iterator
from queue import Queue
from threading import Event, Thread

PIECES = 3


def ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yields the same pieces, and raises their error here. If the caller stops early, the thread ends, too."""
    queue: Queue[bytes | BaseException | None] = Queue(PIECES)
    left = Event()
    thread = Thread(target=_fill, args=(pieces, queue, left), daemon=True)
    thread.start()
    try:
        while (piece := queue.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        left.set()
        while thread.is_alive():  # it may be waiting for room in the queue
            while not queue.empty():
                queue.get_nowait()
            thread.join(0.01)


def _fill(pieces: Iterator[bytes], queue: "Queue[bytes | BaseException | None]", left: Event) -> None:
    try:
        for piece in pieces:
            queue.put(piece)
            if left.is_set():
                return
        queue.put(None)
    except BaseException as odd:  # noqa: BLE001  handed over, and raised where the pieces are read
        queue.put(odd)

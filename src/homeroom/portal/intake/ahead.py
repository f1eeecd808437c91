"""The next blocks of a file, inflated by a second thread while the first reads the last ones."""

from collections.abc import Iterator
from queue import Queue
from threading import Event, Thread

BLOCKS = 8


def ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks; an error of theirs is raised here. Left early, the thread ends too."""
    queue: Queue[bytes | BaseException | None] = Queue(BLOCKS)
    left = Event()
    thread = Thread(target=_fill, args=(blocks, queue, left), daemon=True)
    thread.start()
    try:
        while (block := queue.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
    finally:
        left.set()
        while thread.is_alive():  # it may be waiting for room
            while not queue.empty():
                queue.get_nowait()
            thread.join(0.01)


def _fill(blocks: Iterator[bytes], queue: "Queue[bytes | BaseException | None]", left: Event) -> None:
    try:
        for block in blocks:
            queue.put(block)
            if left.is_set():
                return
        queue.put(None)
    except BaseException as odd:  # noqa: BLE001  handed over, and raised where the blocks are read
        queue.put(odd)

"""Divides rows into 256 buckets by hash, in the encrypted store, so that two long lists can be compared in pieces."""

from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.portal.intake.opening.store import Store

type Rows = npt.NDArray[Any]

BUCKETS = 256
RUN = 1 << 18  # rows held in memory before they go to the store
LINES = np.dtype([("hash", "<u8"), ("line", "<u4")])
PAIRS = np.dtype([("hash", "<u8"), ("key", "V16")])  # as in row_hashes.pairs


class Scatter:
    """Needs memory for one run of rows, no matter how many rows there are."""

    def __init__(self, store: Store, kind: np.dtype[Any]) -> None:
        self._store, self._kind = store, kind
        self._waiting: list[Rows] = []
        self._runs: list[tuple[int, npt.NDArray[np.int64]]] = []
        self.count = 0

    def add(self, rows: Rows) -> None:
        self._waiting.append(rows)
        self.count += len(rows)
        if sum(map(len, self._waiting)) >= RUN:
            self._flush()

    def bucket(self, number: int, *, is_sorted: bool = True) -> Rows:
        """Returns the bucket's rows, sorted by hash or in the order in which they came."""
        self._flush()
        found = [self._piece(start, *edges[number : number + 2]) for start, edges in self._runs if edges[number] < edges[number + 1]]
        if not found:
            return np.empty(0, self._kind)
        rows = np.concatenate(found)
        return rows[np.argsort(rows["hash"], kind="stable")] if is_sorted else rows

    def _flush(self) -> None:
        if not self._waiting:
            return
        rows = np.concatenate(self._waiting)
        self._waiting = []
        numbers = (rows["hash"] >> np.uint64(56)).astype(np.uint8)
        edges = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=BUCKETS))])
        self._runs.append((self._store.size, edges))
        self._store.write(rows[np.argsort(numbers, kind="stable")].tobytes())

    def _piece(self, start: int, first: int, last: int) -> Rows:
        self._store.seek(start + int(first) * self._kind.itemsize)
        return np.frombuffer(self._store.read(int(last - first) * self._kind.itemsize), self._kind)

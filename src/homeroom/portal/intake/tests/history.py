"""The rows a portal should have after several nightly imports, worked out from the files only. It has the rules of history in plain Python, with no
code of the importer. A row is (its values, whether it is ended), by the district's key.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date

type Cells = dict[str, str]
type Row = tuple[object, ...]

FLAGS = {"": None, "true": True, "false": False}
STATUS = {"exempt": 0, "fully graded": 1, "not submitted": 2, "partially graded": 3, "submitted": 4}
TABLES = ("school", "term", "course", "section", "person", "role", "demographic", "enrollment", "category", "line_item", "result",
          "attendance_mark", "contact", "agent")  # fmt: skip


def day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def number(cell: str) -> float | None:
    return float(cell) if cell else None


@dataclass
class History:
    rows: dict[str, dict[object, Row]] = field(default_factory=lambda: {table: {} for table in TABLES})
    ended: dict[str, set[object]] = field(default_factory=lambda: {table: set() for table in TABLES})
    terms_of: dict[object, tuple[str, ...]] = field(default_factory=dict)  # class → its terms
    details: dict[object, Row] = field(default_factory=dict)  # person → email, phone, sms
    scores_before: list[Row] = field(default_factory=list)  # result, score, words, status: before the score changed, or before another field first changed

    def copy(self) -> "History":
        return deepcopy(self)

    def after(self, tables: dict[str, list[Cells]], today: date, bad: frozenset[str] = frozenset()) -> None:
        """Applies a file. `bad` has the sourcedIds of results that can't be read. They stay as they were."""
        cells = {stem: [dict.fromkeys(_COLUMNS, "") | row for row in rows if row.get("status") != "tobedeleted"] for stem, rows in tables.items()}
        running = {key for key, row in self.rows["term"].items() if key not in self.ended["term"] and _runs(row, today)}
        spoken = running | {term for row in cells["classes"] for term in row["termSourcedIds"].split(",")}
        before = dict(self.terms_of)
        self._people(cells)
        self._put("school", {r["sourcedId"]: (r["name"], r["type"], r["parentSourcedId"] or None) for r in cells["orgs"]})
        terms: dict[object, Row] = {
            r["sourcedId"]: (r["title"], day(r["startDate"]), day(r["endDate"]), int(r["schoolYear"])) for r in cells["academicSessions"]
        }
        self._put("term", terms, running)
        self._put("course", {r["sourcedId"]: (r["title"], r["orgSourcedId"]) for r in cells["courses"]})
        self._put("category", {r["sourcedId"]: (r["title"], number(r["weight"])) for r in cells["categories"]})
        classes = {key for key in self.rows["section"] if not before.get(key) or set(before[key]) & spoken}
        seats = {key for key, row in self.rows["enrollment"].items() if row[0] in classes}
        self._put("section", {r["sourcedId"]: (r["title"], r["schoolSourcedId"], r["periods"]) for r in cells["classes"]}, classes)
        self.terms_of |= {r["sourcedId"]: tuple(sorted(r["termSourcedIds"].split(","))) for r in cells["classes"]}
        self._put("enrollment", {r["sourcedId"]: (r["classSourcedId"], r["userSourcedId"], r["role"]) for r in cells["enrollments"]}, seats)
        self._work(cells, spoken, bad)
        self._attendance(cells)

    def after_changes(self, tables: dict[str, list[Cells]]) -> None:
        """Applies a delta of work and results with a whole table of attendance. Other rows stay as they were."""
        cells = {stem: [dict.fromkeys(_COLUMNS, "") | row for row in rows] for stem, rows in tables.items()}
        for stem, table in (("lineItems", "line_item"), ("results", "result")):
            ended = {row["sourcedId"] for row in cells[stem] if row["status"] == "tobedeleted"}
            cells[stem] = [row for row in cells[stem] if row["status"] == "active"]
            self.ended[table] |= ended & set(self.rows[table])
        self._work(cells, set(), frozenset(), is_delta=True)
        self._attendance(cells)

    def _put(self, table: str, tonight: dict[object, Row], spoken: set[object] | None = None, kept: frozenset[str] = frozenset()) -> None:
        """Makes the file's rows current, and ends the other rows that the file covers. `spoken` None means all rows. No row is deleted."""
        gone = set(self.rows[table]) - set(tonight) - kept
        self.ended[table] |= gone if spoken is None else gone & spoken
        self.ended[table] -= set(tonight)
        self.rows[table] |= tonight

    def _people(self, cells: dict[str, list[Cells]]) -> None:
        roles = [(r["userSourcedId"], r["role"]) for r in cells["roles"]]
        students = {person for person, role in roles if role == "student"}
        staff = {person for person, role in roles if role == "teacher"}
        users = {r["sourcedId"]: r for r in cells["users"]}
        self._put("person", {key: (r["givenName"], r["familyName"], r["grades"], key in students, key in staff) for key, r in users.items()})
        self._put("role", {r["sourcedId"]: (r["userSourcedId"], r["role"], r["orgSourcedId"]) for r in cells["roles"]})
        self._put("demographic", {r["sourcedId"]: (day(r["birthDate"]),) for r in cells["demographics"]})
        for key, r in users.items():
            found = (r["email"], r["phone"], r["sms"])
            if key in self.details or any(found):
                self.details[key] = found
        self._put("agent", {(r["sourcedId"], agent): () for r in users.values() for agent in r["agentSourcedIds"].split(",") if agent})
        self._put("contact", {(r["Student_id"], r["Contact_sis_id"], r["Contact_name"]): (r["Contact_relationship"],) for r in cells["contacts"]})

    def _work(self, cells: dict[str, list[Cells]], spoken: set[object], bad: frozenset[str], *, is_delta: bool = False) -> None:
        items = self.rows["line_item"]
        spoken_items = {key for key, row in items.items() if row[4] in spoken}
        tonight: dict[object, Row] = {
            r["sourcedId"]: (r["title"], day(r["dueDate"]), number(r["resultValueMax"]), r["classSourcedId"], r["academicSessionSourcedId"],
                             r["categorySourcedId"], r["categorySourcedId"] == "grade")
            for r in cells["lineItems"]
        }  # fmt: skip
        results = self.rows["result"]
        spoken_results = {key for key, row in results.items() if row[0] in spoken_items and not is_delta}
        self._put("line_item", tonight, spoken_items)
        scored: dict[object, Row] = {
            r["sourcedId"]: (r["lineItemSourcedId"], r["studentSourcedId"], number(r["score"]), r["textScore"] or None, STATUS[r["scoreStatus"]],
                             day(r["scoreDate"]), FLAGS[r["late"]])
            for r in cells["results"] if r["sourcedId"] not in bad
        }  # fmt: skip
        told = {row[0] for row in self.scores_before}
        self.scores_before += [
            (key, *results[key][2:5]) for key, row in scored.items()
            if key in results and (results[key][2:5] != row[2:5] or (self._is_written(key, row) and key not in told))
        ]  # fmt: skip
        self._put("result", scored, spoken_results, bad)

    def _is_written(self, key: object, row: Row) -> bool:
        """Returns whether the result changes or an ended one is back. The file of its score is stored once, or a later comment would look like a new score."""
        return self.rows["result"][key] != row or key in self.ended["result"]

    def _attendance(self, cells: dict[str, list[Cells]]) -> None:
        tonight: dict[object, Row] = {
            (r["Student_id"], r["School_id"], day(r["Attendance_date"])): (r["Attendance_status"],) for r in cells["attendance"]
        }
        days = sorted(row["Attendance_date"] for row in cells["attendance"])
        spoken = {key for key in self.rows["attendance_mark"] if days and days[0] <= str(key[2]) <= days[-1]}  # type: ignore[index]
        self._put("attendance_mark", tonight, spoken)


_COLUMNS = (
    "sourcedId name type parentSourcedId title startDate endDate schoolYear orgSourcedId weight schoolSourcedId periods termSourcedIds classSourcedId"
    " userSourcedId role givenName familyName grades email phone sms agentSourcedIds birthDate Student_id Contact_sis_id Contact_name Contact_relationship"
    " dueDate resultValueMax academicSessionSourcedId categorySourcedId lineItemSourcedId studentSourcedId score textScore scoreStatus scoreDate late"
    " School_id Attendance_date Attendance_status"
).split()


def _runs(term: Row, today: date) -> bool:
    return term[1] <= today < term[2]  # type: ignore[operator]

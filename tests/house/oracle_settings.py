"""Odd values for each setting that a login may change, read from pg_settings of the running server."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.house.oracle import Caller

# The procedural language adds settings of its own once it is loaded.
SETTINGS = """SELECT name, vartype, setting, min_val, max_val, enumvals FROM pg_settings WHERE context = 'user' ORDER BY name"""
LOADED = "DO $$ BEGIN END $$"
# A short timeout ends calls by the clock. A huge planner limit makes PostgreSQL plan for minutes.
ODD_NUMBERS = {"statement_timeout": [0, 50000], "transaction_timeout": [0, 50000], "idle_in_transaction_session_timeout": [0, 50000],
               "idle_session_timeout": [0, 50000], "geqo_pool_size": [0, 50], "geqo_generations": [0, 50], "geqo_threshold": [2, 2147483647]}  # fmt: skip
ODD_TEXT = {
    "TimeZone": ["Pacific/Kiritimati", "<x>-00:07", "America/Los_Angeles"],
    "DateStyle": ["German, DMY", "SQL, DMY", "Postgres, YMD"],
    "client_encoding": ["LATIN1", "SQL_ASCII", "EUC_JP", "WIN1252"],
    "search_path": ["", "nowhere", "pg_catalog, public", "pg_temp, public"],
    "default_text_search_config": ["pg_catalog.english", "pg_catalog.german"],
    "restrict_nonsystem_relation_kind": ["view", "view, foreign-table"],
    "timezone_abbreviations": ["Australia", "India"],
    "application_name": ["'; SELECT 1", "ana"],
    "createrole_self_grant": ["set, inherit"],
    "plpgsql.extra_errors": ["all"],
    "plpgsql.extra_warnings": ["all"],
    "temp_tablespaces": ["pg_default", "nowhere"],
    "default_tablespace": ["pg_default", "nowhere"],
    "lc_time": ["POSIX", "C.UTF-8"], "lc_numeric": ["POSIX"], "lc_monetary": ["POSIX"],
}  # fmt: skip
OTHER = {"homeroom.anything": ["x", ""], "homeroom": ["x"], "role": ["owner", "app", "none"], "session_authorization": ["owner"], "seed": ["0.5"]}
# These only change how the client gets a value. The answer is the same.
HOW_IT_IS_WRITTEN = ("DateStyle", "IntervalStyle", "TimeZone", "bytea_output", "client_encoding", "extra_float_digits")
# Values for proof and view that are neither a proof nor the number of a view.
MALFORMED = ["", "x", "0", "f" * 63, "f" * 65, "not hex at all", "é" * 32, "0x" + "f" * 62, "F" * 64, "f" * 20000, " " * 64, "-1", "9" * 30, "1e3",
             "NaN", "\t1", "1;", "0" * 64, "f" * 64]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    is_number: bool = False

    def __str__(self) -> str:
        return f"{self.name} = {self.value[:40]!r}"

    def set(self) -> str:
        quoted = self.value.replace("\\", "\\\\").replace("'", "\\'")
        name = ".".join(f'"{part}"' for part in self.name.split("."))
        return f"SET LOCAL {name} = E'{quoted}'" if self.name == "session_authorization" else f"SELECT set_config('{self.name}', E'{quoted}', true)"


def settings(caller: Caller) -> Iterator[Setting]:
    caller.connection.execute(LOADED)
    for name, type_, now, least, most, words in caller.connection.execute(SETTINGS).fetchall():
        for value in dict.fromkeys(map(str, odd(name, type_, now, least, most, words))):
            if value != now:
                yield Setting(name, value, type_ in ("integer", "real"))
    for name, values in OTHER.items():
        yield from (Setting(name, value) for value in values)


def odd(name: str, type_: str, now: str, least: str, most: str, words: list[str]) -> list[object]:
    match type_:
        case "bool":
            return ["off" if now == "on" else "on"]
        case "enum":
            return list(words)
        case "string":
            return list(ODD_TEXT.get(name, ["", "x"]))
        case _:
            return list(ODD_NUMBERS.get(name, [least, most, *(["1"] if float(least) < 1 < float(most) else [])]))

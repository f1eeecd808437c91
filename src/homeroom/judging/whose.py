"""Finds in memory, as intake does in SQL: each person's role and school, whose agent they are, and who may be another person."""

import polars as pl

from homeroom.formats.oneroster import FAMILY_ROLES
from homeroom.formats.reasons import Note, Reason
from homeroom.judging.differences import find_going
from homeroom.judging.memory import Staged, Trial, among, no_rows, texts
from homeroom.judging.particular import STAFF
from homeroom.judging.shapes import AGENT, DEMOGRAPHIC, PERSON, ROLE, SCHOOL

PLACED = ["person", "school"]
NAME = ("given_name", "family_name")


def settle_roles(trial: Trial, staged: Staged) -> None:
    """Keeps the row of a role when the version changes. OneRoster 1.1 has roles as two columns of users.csv."""
    people = trial.of(PERSON)
    if people.is_read and not staged.is_read and "role" in people.table.names:
        staged.table, staged.is_read, staged.is_same, staged.is_delta = people.table, True, people.is_same, people.is_delta
        if staged.is_same:
            trial.found.read[staged.file] = trial.ours(ROLE).height
        else:
            _roles_of_users(trial, people, staged)
    elif staged.is_read and not staged.is_same:
        of_users = trial.ours(ROLE).filter(pl.col("key").str.contains(",", literal=True))
        fresh = ~among(staged.rows["key"], trial.ours(ROLE)["key"])
        held = of_users.unique(PLACED, keep="first").select(*PLACED, held="key")
        _keep_keys(staged, staged.rows.with_columns(is_fresh=fresh).join(held, on=PLACED, how="left").filter("is_fresh"), "key")


def _roles_of_users(trial: Trial, people: Staged, staged: Staged) -> None:
    kinds = {**dict(trial.ours(SCHOOL).select("key", "kind").iter_rows()), **dict(trial.of(SCHOOL).rows.select("key", "kind").iter_rows())}
    there, rows, missing = {*trial.there(SCHOOL)}, [], set()
    for line, key, role, places in people.rows.select("line", "key", "role", "places").iter_rows():
        for place in texts(places):
            if place in there:
                of_school = "siteAdministrator" if kinds.get(place) in ("school", "department") else "districtAdministrator"
                rows.append((line, f"{key},{place}", of_school if role == "administrator" else role, key, place))
            else:
                missing.add((key, place))
    told = pl.DataFrame(rows, ["line", "key", "role", "person", "school"], orient="row", schema_overrides={"line": pl.Int64})
    told = told.with_columns(sourced_id="key", is_primary=True).cast(dict.fromkeys(("key", "sourced_id", "role", "person", "school"), pl.String))
    staged.rows = pl.concat([no_rows(ROLE), told], how="diagonal")
    held = trial.ours(ROLE).unique(PLACED, keep="first").select(*PLACED, held="key")
    _keep_keys(staged, staged.rows.join(held, on=PLACED, how="left"), "key", "sourced_id")
    ours = trial.ours(ROLE)
    staged.left |= {*ours.filter(among(ours["person"], people.left | {person for person, _ in missing}))["key"]}
    if missing:
        trial.found.note(Note(Reason.REFERENCE_BLANKED, people.file, "orgSourcedIds"), rows=len(missing))
        trial.fingerprints.pop(people.shape.stem, None)  # the school may come in the next file
    if staged.is_delta:
        staged.gone |= {*ours.filter(among(ours["person"], {*people.rows["key"], *people.going}))["key"]}


def _keep_keys(staged: Staged, found: pl.DataFrame, *columns: str) -> None:
    """`found` has rows, and in `held` the key of the row that the role already has."""
    keys = dict(found.filter(pl.col("held").is_not_null()).unique("held", keep="first").select("key", "held").iter_rows())
    if keys:
        staged.rows = staged.rows.with_columns(pl.col(columns).replace(keys))


def settle_people(trial: Trial) -> None:
    """Marks students and staff, once the roles are known."""
    kept, people = trial.staying(ROLE), trial.of(PERSON)
    kept = kept.filter(~among(kept["person"], people.going))
    rows = pl.concat([trial.of(ROLE).rows.select(*PLACED, "role"), kept.select(*PLACED, "role")])
    trial.roles = {*rows.iter_rows()}
    of_kind = {kind: {person for person, _, role in trial.roles if role in roles} for kind, roles in (("is_student", ("student",)), ("is_staff", STAFF))}
    people.rows = people.rows.with_columns(**{name: among(people.rows["key"], keys) for name, keys in of_kind.items()})


def settle_agents(trial: Trial, people: Staged, links: Staged) -> None:
    """Links students and agents. users.csv links them in either direction, and the roles say which one is the student."""
    if not people.is_read:
        return
    links.is_read, links.is_same, links.is_delta, links.table, links.file = True, people.is_same, people.is_delta, people.table, "agents"
    ours = trial.ours(AGENT)
    trial.found.read[links.file] = ours.height if links.is_same else trial.found.read[people.file]
    if links.is_same:
        return
    students = {person for person, _, role in trial.roles if role == "student"}
    named = {key: texts(agents) for key, agents in people.rows.select("key", "agents").iter_rows()}
    others = {other for each in named.values() for other in each} - people.going if links.is_delta else people.left
    known = {*people.rows["key"], *(key for key in trial.ours(PERSON)["key"] if key in others)}
    links.rows = _linked(trial, {(key, other) for key, each in named.items() for other in each if other in known}, students)
    is_left = among(ours["student"], people.left) | among(ours["person"], people.left)
    links.left |= {*ours.filter(is_left)["key"]}
    if links.is_delta:
        for key, student, person in ours.select("key", "student", "person").iter_rows():
            is_other = any(named.get(one) and two not in named[one] for one, two in ((student, person), (person, student)))
            links.gone |= {key} if is_other or {student, person} & people.going else set()
    find_going(trial, links)


def _linked(trial: Trial, pairs: set[tuple[str, str]], students: set[str]) -> pl.DataFrame:
    family: dict[str, str] = {}
    for person, _, role in sorted(trial.roles):
        if role in FAMILY_ROLES:
            family[person] = min(role, family.get(person, role))
    both = {(one, other) if one in students else (other, one) for one, other in pairs if one in students or other in students}
    rows = [(0, 0, f"agent|{student}|{agent}", family.get(agent, ""), "agent", student, agent) for student, agent in sorted(both)]
    return pl.concat([no_rows(AGENT), pl.DataFrame(rows, no_rows(AGENT).schema, orient="row")])


def find_questions(trial: Trial) -> None:
    """Counts sourcedIds with another name and another birth date than before, and new ones with those of a person who just left."""
    if trial.before is None:
        return
    ours, births, tonight = trial.ours(PERSON), trial.ours(DEMOGRAPHIC), trial.of(PERSON)
    named = [pl.col(name).str.to_lowercase() for name in NAME]
    told = tonight.rows.select("key", *named).join(trial.of(DEMOGRAPHIC).rows.select("key", birth="birth_date"), on="key")
    known = ours.select("key", *named).join(births.select("key", birth="birth_date"), on="key")
    both = told.join(known, on="key", suffix="_before")
    is_renamed = pl.concat_str(*NAME, separator=" ") != pl.concat_str(*(f"{name}_before" for name in NAME), separator=" ")
    reused = both.filter(is_renamed & (pl.col("birth") != pl.col("birth_before")))["key"]
    gone = known.filter((among(known["key"], tonight.going) & ~among(known["key"], tonight.rows["key"])) | among(known["key"], reused))
    back = told.filter(~among(told["key"], ours["key"])).join(gone, on=[*NAME, "birth"], suffix="_before")
    returned = back.sort("key", "key_before").unique("key", keep="first", maintain_order=True)["key_before"].n_unique()
    trial.asked = len(reused), returned

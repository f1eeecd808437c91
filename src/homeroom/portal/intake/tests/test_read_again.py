"""Files on hold that are read again after a choice of the district."""

from tests.school import School

HELD = "INSERT INTO delivery (digest, sender, received_at, state, reason) VALUES (%s, 'lincoln-it', now(), 'held', %s) RETURNING id"
DECIDED = "INSERT INTO decision (delivery_id, verdict, by_id, done_at) VALUES (%s, 'approve', %s, CASE WHEN %s THEN now() END)"


def test_a_file_in_line_and_one_with_an_open_decision_are_not_read_again(own_school: School) -> None:
    cases = {"waits-behind": None, "an open decision": False, "a decision that was carried out": True, "no decision": None}
    with own_school.connect("owner") as owner:
        for reason, is_done in cases.items():
            (made,) = owner.execute(HELD, [reason, reason]).fetchone() or (None,)
            if is_done is not None:
                owner.execute(DECIDED, [made, own_school.ids["carl"], is_done])
        owner.execute("SELECT read_again()")
        reasons = [reason for (reason,) in owner.execute("SELECT reason FROM delivery WHERE state = 'held' ORDER BY id")]
    assert reasons == ["waits-behind", "an open decision", "read-again", "read-again"]

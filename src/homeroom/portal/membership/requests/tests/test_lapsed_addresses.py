"""Which address of a lapsed account is kept, and for how long."""

from tests.school import School

CLOSED = """UPDATE account SET is_active = false, sign_in_name = CASE side WHEN 'staff' THEN 'lapsed-' || uuid ELSE sign_in_name END
    WHERE person_id = %s"""
ADDRESS = """INSERT INTO mail_address (account_id, address, ended_at) SELECT id, side || '@mail.example', now() - interval '8 days'
    FROM account WHERE person_id = %s"""


def test_an_address_of_an_account_that_was_closed_otherwise_is_kept(own_school: School) -> None:
    """Dana's staff account has lapsed. Her family account was closed for another reason."""
    for statement in (CLOSED, ADDRESS):
        own_school.change(statement, own_school.ids["dana"])
    with own_school.connect("jobs") as jobs:
        assert jobs.execute("SELECT lapsed_swept()").fetchone() == (1,)
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT address FROM mail_address WHERE ended_at IS NOT NULL").fetchall() == [("family@mail.example",)]

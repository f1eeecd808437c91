"""A file brings a student whom published news names already."""

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln

NEWS = """INSERT INTO news_item (uuid, audience, title, words, published_by_id)
    SELECT gen_random_uuid(), %s, 'Play', %s, id FROM person WHERE sourced_id = 'carl'"""
NAMED = "SELECT array_agg(p.sourced_id) FROM news_item n, unnest(n.named) u JOIN person p ON p.id = u"


def test_news_that_names_a_student_before_the_file_does_is_hidden_with_it(settled: Lincoln, export: Export) -> None:
    """An item for staff stays as it is, and so does one about a student who was there before."""
    with settled.connect() as owner:
        for audience, words in (("families", "Vale, Rob plays."), ("staff", "Rob Vale plays."), ("families", "Nina Ruiz plays.")):
            owner.execute(NEWS, [audience, words])
    export.add("users", sourcedId="rob", enabledUser="true", username="rob", givenName="Rob", familyName="Vale", grades="07")
    export.add("roles", sourcedId="role-rob", userSourcedId="rob", roleType="primary", role="student", orgSourcedId="middle")
    assert settled.send(export)["state"] == "imported"
    assert settled.ask(NAMED) == ["rob"]

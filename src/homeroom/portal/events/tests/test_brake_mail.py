"""The email to the IT contact about a viewing limit: it comes once, names no one, and is sent again if the relay did not take it."""

import psycopg
import pytest
from django.conf import settings

from homeroom.portal.events.brake_mail import send_due
from homeroom.portal.intake.tests.smtp_server import Post, relay_on_loopback
from homeroom.portal.relay import Relay
from tests.school import School


@pytest.fixture
def reached(own_school: School) -> School:
    own_school.change("UPDATE district SET it_mail = 'it@lincoln.example'")
    own_school.change("INSERT INTO brake (person_id, reached_at) VALUES (%s, now())", own_school.ids["carl"])
    return own_school


def send(school: School, post: Post) -> None:
    jobs: psycopg.Connection[tuple[object, ...]]
    with school.connect("jobs") as jobs:
        send_due(jobs, settings.PLACE, Relay("127.0.0.1", post.port, "none", "homeroom@lincoln.example"))


def test_the_it_contact_gets_one_email_that_names_no_one(reached: School) -> None:
    with relay_on_loopback() as post:
        send(reached, post)
        send(reached, post)
    [mail] = post.mails
    assert mail["To"] == "it@lincoln.example" and "viewing limit" in mail["Subject"]
    assert not {"Carl", "Webb"} & set(mail.get_content().split())


def test_an_email_that_the_relay_did_not_take_is_sent_again(reached: School) -> None:
    with relay_on_loopback() as post:
        post.answers["words"] = "451 later"
        send(reached, post)
        del post.answers["words"]
        send(reached, post)
    assert len([mail for mail in post.mails if mail["To"] == "it@lincoln.example"]) >= 1
    with reached.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM brake WHERE mailed_at IS NOT NULL").fetchone() == (1,)


def test_without_an_it_contact_no_email_waits(reached: School) -> None:
    reached.change("UPDATE district SET it_mail = ''")
    with relay_on_loopback() as post:
        send(reached, post)
    assert post.mails == []

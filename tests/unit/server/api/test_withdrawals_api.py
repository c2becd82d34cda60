import pytest
from django.test import Client

from crashdesk.protocol import withdrawal
from crashdesk.server.events.bodies import OWN_KEY
from crashdesk.server.events.models import Event
from support.events import event
from support.stored import a_stored_event

ADDRESS = "/api/0/withdrawals/"


@pytest.fixture
def sent(desk):
    """Return what the sender of a report knows: project, report, secret."""
    secret = withdrawal.new_secret()
    said = {OWN_KEY: {"withdrawal_digest": withdrawal.digest_of(secret)}}
    _, stored = a_stored_event(desk.project.pk, {**event(event_id="c" * 32), **said})
    return {"project": desk.project.pk, "report": stored.event_id.hex, "secret": secret}


def post(body):
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json")


@pytest.mark.parametrize(
    "change", [{"secret": "0" * 64}, {"report": "d" * 32}, {"project": 99}], ids=["secret", "report", "project"]
)
def test_a_wrong_secret_and_an_unknown_report_look_the_same(sent, found, change):
    assert found(post({**sent, **change}), 404) == {"detail": "The requested resource does not exist"}
    assert Event.objects.filter(event_id=sent["report"]).exists()


@pytest.mark.parametrize("change", [{"secret": ""}, {"secret": 5}, {"report": "x"}, {"project": "1"}, {"project": -1}])
def test_what_is_no_withdrawal_is_a_400(sent, found, change):
    assert found(post({**sent, **change}), 400)["detail"]


@pytest.mark.django_db(transaction=True)
def test_who_has_the_secret_takes_the_report_back_once(sent, found):
    assert post(sent).status_code == 204
    assert Event.objects.get(event_id=sent["report"]).body == ""
    found(post(sent), 404)

import pytest
from django.core.cache import cache

from support import people


@pytest.fixture(autouse=True)
def _forgotten_tries():
    cache.clear()


@pytest.fixture
def dora(db):
    return people.a_user("dora")


def sign_in(client, password=people.PASSWORD, email="dora@example.org", **more):
    return client.post("/login/", {"login": email, "password": password, **more})


def test_signing_in_leads_to_the_issues_in_a_new_session(client, dora):
    client.get("/login/")
    client.session.save()
    before = client.session.session_key
    assert sign_in(client)["Location"] == "/issues/"
    assert client.session.session_key != before
    assert client.get("/issues/").status_code == 200


def test_the_address_may_be_written_in_either_case(client, dora):
    assert sign_in(client, email="Dora@Example.ORG").status_code == 302


def test_signing_in_leads_on_to_the_page_that_was_asked_for(client, dora):
    assert client.get("/feedback/")["Location"] == "/login/?next=/feedback/"
    assert 'name="next" value="/feedback/"' in client.get("/login/?next=/feedback/").content.decode()
    assert sign_in(client, next="/feedback/")["Location"] == "/feedback/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_a_foreign_page(client, dora, target):
    assert sign_in(client, next=target)["Location"] == "/issues/"


def test_a_wrong_password_and_an_unknown_person_look_the_same(client, dora):
    answers = [sign_in(client, "wrong"), sign_in(client, email="nobody@example.org")]
    texts = [answer.content.decode() for answer in answers]
    assert all("The e-mail address and password do not belong together" in text for text in texts)
    assert all(answer.status_code == 200 for answer in answers)


def test_after_five_failures_the_account_waits_even_with_the_right_password(client, dora):
    for _ in range(5):
        sign_in(client, "wrong")
    answer = sign_in(client)
    assert answer.status_code == 200
    assert "Too many failed tries" in answer.content.decode()


def test_one_address_cannot_try_many_accounts(client, dora):
    for number in range(10):
        sign_in(client, "wrong", email=f"guess-{number}@example.org")
    assert "Too many failed tries" in sign_in(client, "wrong", email="another@example.org").content.decode()


def test_a_flood_of_tries_is_answered_with_429(client, dora):
    answers = [sign_in(client, "", email="") for _ in range(31)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"
    assert "Wait a minute" in answers[-1].content.decode()


def test_a_header_of_the_client_does_not_change_its_address(client, dora):
    for number in range(10):
        client.post(
            "/login/",
            {"login": f"guess-{number}@example.org", "password": "wrong"},
            headers={"x-forwarded-for": f"10.0.0.{number}"},
        )
    assert "Too many failed tries" in sign_in(client, "wrong", email="another@example.org").content.decode()


def test_signing_out_needs_a_post_and_ends_the_session(client, dora):
    sign_in(client)
    assert "Signing out ends this session" in client.get("/logout/").content.decode()
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/issues/").status_code == 302


def test_an_account_that_is_switched_off_cannot_sign_in(client, dora):
    dora.is_active = False
    dora.save()
    sign_in(client)
    assert client.get("/issues/").status_code == 302


def test_nobody_signs_up_by_oneself(client, db):
    assert client.get("/signup/").status_code in {302, 404}


def test_the_session_cookie_is_for_the_server_only(client, dora):
    cookie = sign_in(client).cookies["crashdesk_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

from types import SimpleNamespace

import pytest

from crashdesk.server.triage.titles import title


@pytest.mark.parametrize(
    ("culprit", "said"),
    [
        ("shop.cart in Cart.total", "Boom in total"),
        ("libffi.so.8+0x6f7a", "Boom in libffi.so.8+0x6f7a"),
        ("/usr/lib/libffi.so.8+0x6f7a", "Boom in libffi.so.8+0x6f7a"),
        ("http://shop.example/static/app.js in ?", "Boom in app.js"),
        ("app.js in <anonymous>", "Boom in app.js"),
        ("?", "Boom in ?"),
        ("", "Boom"),
    ],
)
def test_a_title_names_the_place_as_people_know_it(culprit, said):
    assert title(SimpleNamespace(culprit=culprit, type="Boom", value="")) == said

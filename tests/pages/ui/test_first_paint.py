"""What is drawn first: only in a visitor's first run, and only where the rest decides nothing of it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.review import filters as review_filters
from pages.ui.review.thresholds import costs as review_costs
from tests.pages.reading import component


def page():
    import streamlit as st

    from pages.ui import first_paint

    first = first_paint.rest_can_wait("order")
    st.text("first part" if first else "all of it")
    if first:
        first_paint.draw_rest_when_painted()


def has(app, name):
    return any(node.proto.component_name.endswith(f"patchcore_{name}") for node in app.get("bidi_component"))


def shown(app):
    assert not app.exception
    return [text.value for text in app.text]


def test_only_the_first_run_is_short():
    app = AppTest.from_function(page).run()
    assert shown(app) == ["first part"]
    assert has(app, "painted")
    app.run()
    assert shown(app) == ["all of it"]
    assert not has(app, "painted")


def test_an_address_that_names_a_widget_of_the_rest_is_drawn_whole_at_once():
    app = AppTest.from_function(page)
    app.query_params["order"] = "by name"
    assert shown(app.run()) == ["all of it"]


def test_the_first_part_of_review_shows_what_the_whole_shows(make_run, open_page):
    run = make_run()
    first, whole = open_page("review", whole=False, run=run.id), open_page("review", run=run.id)
    for name in ("gallery", "viewer", "operating_point", "tally"):
        assert component(first, name) == component(whole, name)
    assert [each.value for each in first.metric] == [each.value for each in whole.metric]
    assert not first.multiselect
    assert not has(first, "curves")
    first.run()
    assert not first.exception
    assert component(first, "curves") == component(whole, "curves")
    assert [each.label for each in first.button] == [each.label for each in whole.button]


@pytest.mark.parametrize("parameter", [*review_filters.PARAMETERS, *review_costs.PARAMETERS])
def test_review_is_drawn_whole_where_its_address_has_a_filter_or_a_cost(make_run, open_page, parameter):
    app = open_page("review", whole=False, run=make_run().id, **{parameter: "1"})
    assert not app.exception
    assert has(app, "curves")


def test_every_widget_bound_to_the_address_is_drawn_first_or_makes_the_page_whole(make_run, open_page):
    def bound(app):
        widgets = [*app.sidebar, *app.main]
        return {w.key for w in widgets if getattr(w.proto, "query_param_key", "")}

    run = make_run()
    first, whole = open_page("review", whole=False, run=run.id), open_page("review", run=run.id)
    assert bound(whole) >= {"outcome", "order", "quantile", "defect_rate"}
    assert bound(whole) - bound(first) <= {*review_filters.PARAMETERS, *review_costs.PARAMETERS}

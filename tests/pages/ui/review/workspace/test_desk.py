"""The fragment that reads the outbox: entries belong to the run that they name, whichever is shown by now."""

from __future__ import annotations

from pages.ui.review.events.desk import Desk
from pages.ui.review.workspace import desk as review_desk
from pages.ui.review.workspace.face import Outbox
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.verdicts import Verdicts


def use(threshold):
    return [{"seq": 1, "kind": "use", "key": "used", "with": {"threshold": threshold}}]


def test_what_was_asked_for_one_run_is_not_done_to_the_next_one(make_run, store):
    before, now = make_run(), make_run(seed=1)
    desk = Desk("Ann")
    review_desk._apply(desk, now, Outbox("box", before.id, use(0.5)))
    review_desk._apply(desk, now, Outbox("other", now.id, use(0.7)))
    review_desk._apply(desk, now, Outbox("older", "", use(0.8)))  # of a page that was open before an update
    chosen = ChosenThresholdsOf(store.root)
    assert [one.image for one in chosen.history(before.id)] == [0.5]
    assert [one.image for one in chosen.history(now.id)] == [0.7, 0.8]


def test_what_was_asked_for_a_run_that_is_gone_is_refused(make_run, store):
    gone, now = make_run(), make_run(seed=1)
    store.delete(gone.id)
    desk = Desk("Ann")
    review_desk._apply(desk, now, Outbox("box", gone.id, [
        {"seq": 1, "kind": "verdict", "image": "test/hole/000.png", "verdict": "agree"}]))
    told, _ = desk.told(now)
    assert told["acked"] == 1
    assert f"There is no run {gone.id} in this store" in told["refused"][1]
    assert Verdicts(store.root).entries() == ()

"""What Python does for the workspace: the entries of its outbox in their order, each once, and the answers.

Entries, outbox and answers are those of patchcore_core/views/web/workspace/data.js.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import monotonic
from typing import Any

from pages.ui import states
from pages.ui.review.events import asks, exports, teaching, thresholds, verdicts, views
from pages.ui.review.events.entry import Entry, Refused
from patchcore_core.errors import PatchCoreError
from patchcore_core.runs.store import Run

MOST_OUTBOXES = 20  # a session remembers: one for each time that the workspace was mounted
MOST_ANSWERS = 40
MOST_REFUSED = 100
MOST_STATES = 3  # of verdicts as they were told, to tell only what has changed since
LASTING = 30.0  # seconds for which an answer is told again: the browser keeps what it was told
THREAD = "review-answer"
ACTS: dict[str, Callable[[Run, Entry], Any]] = {
    "verdict": verdicts.give, "note": verdicts.note, "undo": verdicts.undo,
    "use": thresholds.use, "release": thresholds.release,
    "view_save": views.save, "view_delete": views.delete, "view_undo": views.undo,
    "teach": teaching.teach, "teach_keep": teaching.keep, "teach_discard": teaching.discard,
    "export": exports.export, "ask": asks.answer,
}  # fmt: skip
SLOW = {"teach"}  # done by a thread of its own, as are questions that asks.is_slow


@dataclass
class Done:
    """What was done of one outbox. acked: all entries up to this number; refused: number -> why."""

    acked: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    answers: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)
    since: dict[str, float] = field(default_factory=dict)  # when each was answered, by time.monotonic
    coming: set[int] = field(default_factory=set)  # numbers of questions that a thread still answers

    def answer(self, key: str, seq: int, value: Any, error: str) -> None:
        """Keep the answer to a question; the oldest make room."""
        self.answers[key] = {"seq": seq, "value": value, "error": error}
        self.since[key] = monotonic()
        self.answers.move_to_end(key)
        while len(self.answers) > MOST_ANSWERS:
            self.since.pop(self.answers.popitem(last=False)[0], None)

    def refuse(self, seq: int, why: str) -> None:
        """Say why this entry was not done; the oldest make room."""
        self.refused[seq] = why
        while len(self.refused) > MOST_REFUSED:
            self.refused.pop(next(iter(self.refused)))

    def told(self, every: bool, heard: Container[int] = ()) -> dict[str, dict[str, Any]]:
        """The answers by key, without those that were `heard`: every one that is kept, or those that the browser may
        not have yet."""
        recent = monotonic() - LASTING
        return {key: answer for key, answer in self.answers.copy().items()
                if answer["seq"] not in heard and (every or self.since.get(key, 0) > recent)}


class Judged:
    """What was told of verdicts, and what has changed since. Each state has a name that no other session uses."""

    def __init__(self) -> None:
        self._session, self._count = secrets.token_hex(8), 0
        self._states: OrderedDict[str, dict[int, Any]] = OrderedDict()

    def news(self, judged: dict[int, Any], known: str) -> dict[str, Any]:
        """`state`, the name of this one, and `judged`, what differs from the state `known`: None for an image that has
        no verdict any more; all of it, and `since` "", where that state is not remembered."""
        name = next(reversed(self._states), "")
        if not name or self._states[name] != judged:
            self._count += 1
            name = f"{self._session}-{self._count}"
            self._states[name] = judged
            while len(self._states) > MOST_STATES:
                self._states.popitem(last=False)
        if known not in self._states:
            return {"state": name, "since": "", "judged": judged}
        names = list(self._states)
        later = [self._states[one] for one in names[names.index(known):]]  # the browser may have heard of any of them
        changed = {number: judged.get(number) for before in later for number in judged.keys() | before.keys()
                   if judged.get(number) != before.get(number)}
        return {"state": name, "since": known, "judged": changed}


class Desk:
    """What this session has done. One object, so that no rerun leaves it half changed: Streamlit may end a run wherever
    it touches the session's state, and begin the next one before.
    """

    def __init__(self, author: str = "", account: str = "") -> None:
        """account: who has signed in; all entries are theirs then, whatever the browser says."""
        self.account = account
        self.author = account or author
        self._lock = Lock()
        self._outboxes: OrderedDict[tuple[str, str], Done] = OrderedDict()
        self._read = ("", "")
        self._judged: dict[str, Judged] = {}  # by run

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come, so that it is worth looking again soon."""
        return any(done.coming for done in self._outboxes.values())

    def apply(self, run: Run, outbox: str, entries: Sequence[Mapping[str, Any]]) -> None:
        """Do what was not done yet of the outbox with this id; entries ascend by `seq`."""
        with self._lock:
            done, self._read = self._outboxes.setdefault((run.id, outbox), Done()), (run.id, outbox)
            while len(self._outboxes) > MOST_OUTBOXES:
                self._outboxes.popitem(last=False)
            for raw in entries:
                if raw["seq"] > done.acked:
                    self._do(run, done, raw)
                    done.acked = raw["seq"]

    def refuse(self, run_id: str, outbox: str, entries: Sequence[Mapping[str, Any]], why: str) -> None:
        """Do nothing of what was not done yet of an outbox of this run, and say why."""
        with self._lock:
            done, self._read = self._outboxes.setdefault((run_id, outbox), Done()), (run_id, outbox)
            for raw in entries:
                if raw["seq"] > done.acked:
                    done.refuse(raw["seq"], why)
                    done.acked = raw["seq"]

    def told(
        self, run: Run, every: bool = True, known: str = "", heard: Container[int] = ()
    ) -> tuple[dict[str, Any], str]:
        """`Told` of data.js, without the channel, and why verdicts or the run cannot be read, else "".

        every: with all answers that are kept, as after a lost connection. known: the state of the verdicts that the
        browser has; heard: the numbers of the questions whose answers it has.
        """
        done, used, trouble = self._outboxes.get(self._read, Done()), [], ""
        news: dict[str, Any] = {"state": known, "since": known, "judged": {}}
        try:
            used = verdicts.tags()
            news = self._judged.setdefault(run.id, Judged()).news(verdicts.latest(run), known)
            trouble = "" if run.folder.is_dir() else states.unknown_words(run.id)
        except PatchCoreError as error:
            trouble = str(error)
        return {
            "id": self._read[1], "acked": done.acked, "refused": dict(done.refused),
            "answers": done.told(every, heard), "tags": used, "author": self.author, "signed_in": bool(self.account),
            **news,
        }, trouble  # fmt: skip

    def _do(self, run: Run, done: Done, raw: Mapping[str, Any]) -> None:
        try:
            entry = Entry.read({**raw, "author": self.account} if self.account else raw, self.author)
            if entry.kind == "author":
                if self.account:
                    raise Refused("The name is the one that you have signed in with")
                self.author = entry.author.strip() if raw.get("author") else ""
            elif entry.kind in SLOW or asks.is_slow(run, entry):
                done.coming.add(raw["seq"])
                Thread(target=_answer_later, args=(run, done, entry, raw["seq"]), name=THREAD, daemon=True).start()
            else:
                value = _act(entry.kind)(run, entry)
                if entry.key:
                    done.answer(entry.key, raw["seq"], value, "")
        except PatchCoreError as error:
            done.refuse(raw["seq"], str(error))
            if isinstance(raw.get("key"), str):
                done.answer(raw["key"], raw["seq"], None, str(error))


def _act(kind: str) -> Callable[[Run, Entry], Any]:
    if kind not in ACTS:
        raise Refused(f"{kind[:40]!r} is nothing that this version can do")
    return ACTS[kind]


def _answer_later(run: Run, done: Done, entry: Entry, seq: int) -> None:
    value, error = None, "The answer failed; the server's log says why"
    try:
        value, error = _act(entry.kind)(run, entry), ""
    except PatchCoreError as refusal:
        error = str(refusal)
    finally:
        done.answer(entry.key, seq, value, error)
        done.coming.discard(seq)

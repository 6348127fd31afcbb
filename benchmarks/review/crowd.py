"""Many visitors of Review without a browser: sessions of Streamlit and requests for pictures, as the page makes them.

`python -m benchmarks.review.crowd ADDRESS RUN COUNT` says `ready` once all have opened the page, goes on until its
standard input ends, and then says as JSON what they did. Each visitor looks at another image every `PACE` seconds (what
is known of it, photo and map), gives a verdict on the first and every fifth after it, asks for news as often as the
page does, and opens the page anew after at most `STAY` steps. What a browser computes costs nothing here.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PACE, STAY, FIRST = 2.0, 15, 20  # seconds a step; steps of a visit; thumbnails seen at first
WORKSPACE, POST = "patchcore_workspace", "patchcore_workspace_post"
VERDICTS = ("agree", "label_wrong", "mask_wrong", "unclear")
PATIENCE = 120.0  # seconds for a page to come


class Session:
    """A page that was opened: what Streamlit has sent of the workspace, of the widget that tells, and of its timer."""

    def __init__(self, socket: ClientConnection, run: str) -> None:
        self.socket, self.query = socket, f"run={run}"
        self.page, self.data, self.post, self.fragment, self.every = "", {}, "", "", 3.0
        self.told: dict[str, Any] = {}
        self.hashes: dict[str, str] = {}
        self._send(page_name="review")
        while not (self.data and self.post and self.fragment):
            self.read(PATIENCE)

    def read(self, seconds: float) -> bool:
        """Take a message; False where none comes in time."""
        try:
            message = ForwardMsg.FromString(self.socket.recv(seconds))
        except TimeoutError:
            return False
        if message.HasField("new_session"):
            self.page = message.new_session.page_script_hash
        elif message.HasField("auto_rerun"):
            self.fragment, self.every = message.auto_rerun.fragment_id, message.auto_rerun.interval
        elif message.HasField("delta") and message.delta.new_element.HasField("bidi_component"):
            self._take(message.delta.new_element.bidi_component)
        return True

    def ask(self, outbox: dict[str, Any] | None = None) -> None:
        """Have the fragment run: by its timer, or since there is something in the outbox."""
        self._send(fragment=self.fragment, outbox=outbox)

    def _take(self, component: Any) -> None:
        if component.component_name.endswith(POST):
            self.post, self.told = component.id, json.loads(component.json or "{}")
        elif component.component_name.endswith(WORKSPACE) and component.json:
            self.data = json.loads(component.json)

    def _send(self, page_name: str = "", fragment: str = "", outbox: dict[str, Any] | None = None) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self.query, page_name, self.page
        state.fragment_id, state.is_auto_rerun = fragment, bool(fragment) and outbox is None
        if outbox is not None:
            widget = state.widget_states.widgets.add()
            widget.id, widget.json_value = self.post, json.dumps({"outbox": outbox})
        self.socket.send(message.SerializeToString())


class Visitor:
    """One of the crowd."""

    def __init__(self, address: str, run: str, number: int) -> None:
        self.place, self.run = urlsplit(address).netloc, run
        self.chance = random.Random(number)
        self.opened = threading.Event()
        self.did = dict.fromkeys(("pages", "pictures", "verdicts", "asked", "failed"), 0)

    def go(self) -> None:
        """Visit again and again."""
        while True:
            try:
                self._visit()
            except (ConnectionClosed, OSError, http.client.HTTPException) as error:
                self.did["failed"] += 1
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)

    def _visit(self) -> None:
        with (connect(f"ws://{self.place}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as socket,
              closing(http.client.HTTPConnection(self.place)) as pictures):  # fmt: skip
            session = Session(socket, self.run)
            images = len(session.data["pictures"]["keys"])
            number = self.chance.randrange(images)
            for place in range(min(FIRST, images)):
                self._fetch(pictures, session, place, ("thumbnail",))
            self._fetch(pictures, session, number, ("about", "photo", "map"))
            self.opened.set()
            self.did["pages"] += 1
            box = {"id": f"crowd-{self.chance.random()}", "run": self.run, "entries": [], "known": ""}
            for step in range(self.chance.randrange(STAY // 2, STAY)):
                self._rest(session, PACE * self.chance.uniform(0.5, 1.5))
                number = (number + 1) % images
                self._fetch(pictures, session, number, ("about", "photo", "map"))
                if step % 5 == 0:
                    session.ask(self._judged(session, box, number))

    def _rest(self, session: Session, seconds: float) -> None:
        """Read what comes, and ask for news when it is time."""
        end, due = time.monotonic() + seconds, time.monotonic() + session.every * self.chance.random()
        while (now := time.monotonic()) < end:
            if now >= due:
                session.ask()
                self.did["asked"] += 1
                due = now + session.every
            session.read(min(end, due) - now)

    def _judged(self, session: Session, box: dict[str, Any], number: int) -> dict[str, Any]:
        """The outbox with one more verdict."""
        self.did["verdicts"] += 1
        name = session.data["images"]["names"][number]
        box["known"] = session.told.get("state", "")
        box["entries"] = [{"seq": self.did["verdicts"], "kind": "verdict", "image": name, "author": "crowd",
                           "verdict": self.chance.choice(VERDICTS)}]  # fmt: skip
        return box

    def _fetch(self, pictures: http.client.HTTPConnection, session: Session, number: int, kinds: tuple[str, ...]
               ) -> None:  # fmt: skip
        base, keys = session.data["pictures"]["base"], session.data["pictures"]["keys"]
        for kind in kinds:
            path = f"{base}/{number}/about" if kind == "about" else f"{base}/{number}/{keys[number]}/{kind}"
            pictures.request("GET", path)
            answer = pictures.getresponse()
            answer.read()
            if answer.status != 200:
                raise http.client.HTTPException(f"{answer.status} {path}")
            self.did["pictures"] += 1


def main(address: str, run: str, count: str) -> None:
    """So many visitors, until the standard input ends."""
    crowd = [Visitor(address, run, number) for number in range(int(count))]
    for one in crowd:
        threading.Thread(target=one.go, daemon=True).start()
    for one in crowd:
        if not one.opened.wait(PATIENCE):
            raise SystemExit("a visitor of the crowd could not open the page")
    print("ready", flush=True)
    sys.stdin.read()
    print(json.dumps({name: sum(one.did[name] for one in crowd) for name in crowd[0].did}))


if __name__ == "__main__":
    main(*sys.argv[1:])

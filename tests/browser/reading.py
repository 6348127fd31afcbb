"""How text stands on a page, measured in the browser."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

# Of an element: where the nth letter of its text from `word` on stands, from left to right, and up and down.
PLACES_OF = """(box, word) => {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  const letters = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let at = 0; at < node.data.length; at++) letters.push([node, at, node.data[at]]);
  }
  const from = letters.map(([, , letter]) => letter).join("").lastIndexOf(word);
  return letters.slice(from, from + word.length).map(([node, at]) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { left, top } = range.getBoundingClientRect();
    return [left, top];
  });
}"""


def expect_idle(page: Page) -> None:
    """Streamlit has drawn all that it has to draw, so nothing is replaced where a click is to go."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()


def reads_in_order(element: Locator, word: str) -> bool:
    """Whether the letters of this word, the last of its kind in the element, stand from left to right in one line."""
    places = element.evaluate(PLACES_OF, word)
    assert len(places) == len(word)
    lefts, tops = [place[0] for place in places], [place[1] for place in places]
    return lefts == sorted(set(lefts)) and max(tops) - min(tops) < 2

"""What a visitor sees of Review."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b** ![x](http_x)"


def gallery_cards(page: Page) -> Locator:
    return page.locator(".st-key-review_gallery").get_by_role("option")


def card_names(page: Page) -> list[str]:
    """Of the cards that are in view."""
    return gallery_cards(page).evaluate_all("cards => cards.map(({ dataset }) => dataset.id)")


def selected_card(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def expect_whole(page: Page) -> None:
    """All that Review draws is there."""
    expect(page.get_by_role("textbox", name="Path contains")).to_be_visible()
    expect(page.locator(".st-key-review_curves svg").first).to_be_visible()


def expect_drawn(page: Page, name: str = "") -> None:
    """The viewer has drawn the image of this name."""
    shown = re.compile(re.escape(f" {name}") + "$" if name else ".")
    expect(page.locator(".viewer[data-drawn]")).to_have_attribute("data-picture", shown)


def expect_shown(page: Page, card: Locator) -> None:
    expect_drawn(page, str(card.get_attribute("data-id")))

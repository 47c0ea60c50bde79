"""The words on pages: phrases that pages really have, random words of the vocabulary, numbers, spelt-out names."""

from functools import cache

import numpy as np
from tour_model.tokenizer import words

HEADINGS = (
    "weekly report", "sales report", "welcome", "welcome home", "sign in", "sign up", "log in", "about us",
    "contact us",
    "our team", "our products", "pricing plans", "your cart", "your order", "order summary", "account settings",
    "search results", "latest news", "upcoming events", "get started", "learn more", "dashboard", "overview",
    "help center",
    "privacy policy", "reset password", "new message", "daily report", "monthly report", "payment details", "support",
    "frequently asked questions", "meet the team", "today", "popular courses", "your profile", "project status",
)  # fmt: skip
BUTTONS = (
    "send", "sign in", "sign up", "log in", "save", "cancel", "delete", "add", "submit", "next", "back", "continue",
    "search",
    "get started", "learn more", "read more", "view all", "buy now", "add to cart", "checkout", "subscribe", "join now",
    "download", "upload", "share", "edit", "close", "open", "order now", "contact us", "start free", "try now",
    "pay now",
    "reply", "follow", "book now", "remove", "update", "confirm", "help", "more",
)  # fmt: skip
FIELDS = (
    "email", "password", "name", "first name", "last name", "phone", "search", "your email", "company", "city",
    "address",
    "message", "title", "date", "user name", "card number", "amount", "subject", "website", "country",
)  # fmt: skip
LINKS = (
    "home", "about", "contact", "pricing", "blog", "news", "help", "products", "features", "support", "privacy",
    "terms",
    "settings", "account", "log out", "forgot password", "see all", "read more", "shop", "cart", "docs", "team",
    "events",
)  # fmt: skip
SENTENCES = (
    "sales went up {n} percent this {time}", "your order of {n} items was sent {day}", "the total price is ${n}",
    "we build simple tools for {adj} teams", "please sign in with your email and password",
    "send us a message and we will answer",
    "no messages yet", "you have {n} new messages", "the next meeting is on {day} at {n}",
    "free shipping on orders over ${n}",
    "all rights reserved", "made with love in {name}", "join {n} other people today", "{name} likes this post",
    "plans start at ${n} per month", "last update {n} minutes ago", "welcome back {name}", "profit grew by {n} percent",
    "questions and answers about your account", "find the best {adj} hotel", "this page was not found",
    "it is easy to start",
    "we never share your email", "contact {name} for help", "the report is ready to download", "stock is limited",
)  # fmt: skip
TIMES = ("week", "month", "year", "day", "morning")
ADJECTIVES = ("small", "quick", "modern", "smart", "new", "simple", "great", "safe")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ra",
    "to",
    "ne",
    "su",
    "vi",
    "da",
    "bel",
    "jor",
    "an",
    "el",
    "zo",
    "fin",
    "qua",
    "wy",
    "hu",
)


@cache
def plain_words() -> list[str]:
    """Lower-case words of the vocabulary that may stand anywhere."""
    return [word for word in words() if word.isalpha() and len(word) < 12]


def name(rng: np.random.Generator) -> str:
    """A short name that is no word of the vocabulary."""
    return "".join(rng.choice(SYLLABLES, int(rng.integers(1, 4)))).capitalize()


def number(rng: np.random.Generator) -> str:
    """A number as pages write them."""
    match rng.integers(5):
        case 0:
            return str(rng.integers(1, 10))
        case 1:
            return str(rng.integers(10, 100))
        case 2:
            return str(rng.integers(100, 3000))
        case 3:
            return f"{rng.integers(1, 100)}.{rng.integers(0, 100):02}"
        case _:
            return f"{rng.integers(1, 24)}:{rng.integers(0, 60):02}"


def phrase(rng: np.random.Generator, known: tuple[str, ...], most: int) -> str:
    """One of the known phrases or up to `most` random words; capitals as on real pages."""
    if rng.random() < 0.5:
        text = str(rng.choice(known))
    else:
        text = " ".join(rng.choice(plain_words(), int(rng.integers(1, most + 1))))
        if rng.random() < 0.15:
            text += " " + (number(rng) if rng.random() < 0.6 else name(rng))
    style = rng.random()
    return text.title() if style < 0.15 else text[0].upper() + text[1:] if style < 0.9 else text


def sentence(rng: np.random.Generator, most: int) -> str:
    """A sentence of up to `most` words."""
    if rng.random() < 0.4:
        pattern = str(rng.choice(SENTENCES))
        text = pattern.format(
            n=number(rng), name=name(rng), time=rng.choice(TIMES), adj=rng.choice(ADJECTIVES),
            day=str(rng.choice(DAYS)).capitalize(),
        )  # fmt: skip
    else:
        chosen = list(rng.choice(plain_words(), int(rng.integers(2, most + 1))))
        for index in range(len(chosen)):
            if rng.random() < 0.06:
                chosen[index] = number(rng) if rng.random() < 0.6 else name(rng)
        text = " ".join(chosen)
    end = "" if rng.random() < 0.3 else str(rng.choice((".", ".", ".", "!", "?")))
    return text[0].upper() + text[1:] + end

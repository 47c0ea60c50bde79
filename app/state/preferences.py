"""What the person has chosen about Prism as a whole: every preference, declared once.

A row here is all that a preference needs: it is kept, and the Settings window shows it. Whoever is concerned follows
`preferences.<name>_changed`.
"""

from __future__ import annotations

from app.state.observable import Observable
from app.state.preference import Kind, Option, Preference, rows_of
from app.words import languages, tr
from mlx_gemma4.protocol.kv_packing import KV_BITS, KVPacking

DEFAULT_HOTKEY = "Alt+Shift+Space"
TEXT_SIZES = (80, 90, 100, 110, 125, 150, 175, 200)

GENERAL = tr("General")
APPEARANCE = tr("Appearance")
QUICK_ASK = tr("Quick Ask")
ANSWERS = tr("Answers")
MODELS = tr("Models")
TOOLS = tr("Tools")
SECTIONS = (GENERAL, APPEARANCE, QUICK_ASK, ANSWERS, MODELS, TOOLS)
"""In the order of the Settings window, which leaves out those without a row."""


class Preferences(Observable):
    """Choices that stay.

    Attributes:
        menu_bar_only: Prism lives in the menu bar: no Dock icon, no window at the start, none needed to go on.
        opens_at_login: the system keeps it.
        appearance: as the system is, or always light or dark.
        language: of the words, by its code, or `system`.
        text_size: per cent, in words.
        idle_minutes: after so many without a question the model is unloaded; 0 for never.
        kv_bits: in which a model keeps what it has read, `16` for as it is.
        hotkey: opens the quick-ask panel from anywhere, in Qt's words; empty for none.
    """

    opens_at_login = Preference(False, GENERAL, tr("Open when I log in"), Kind.CUSTOM, kept=False)
    menu_bar_only = Preference(
        False,
        GENERAL,
        tr("Live in the menu bar only"),
        note=tr("No window when Prism starts; it is opened from the menu bar."),
    )
    appearance = Preference(
        "system",
        APPEARANCE,
        tr("Theme"),
        options=(Option("system", tr("As the system")), Option("light", tr("Light")), Option("dark", tr("Dark"))),
    )
    language = Preference(
        "system",
        APPEARANCE,
        tr("Language"),
        note=tr("In force when Prism is opened the next time."),
        options=(
            Option("system", tr("As the system")),
            *(Option(language.code, language.name) for language in languages()),
        ),
    )
    text_size = Preference(
        "100",
        APPEARANCE,
        tr("Text size"),
        options=tuple(Option(str(size), tr("{size} %", size=size)) for size in TEXT_SIZES),
    )
    hotkey = Preference(DEFAULT_HOTKEY, QUICK_ASK, tr("Quick Ask opens with"), Kind.KEY)
    idle_minutes = Preference(
        30,
        MODELS,
        tr("Unload the model after"),
        most=240,
        step=5,
        unit=tr("minutes"),
        zero=tr("Never"),
        note=tr("That gives its memory back. It comes back with the next question, which then takes longer."),
    )
    kv_bits = Preference(
        "16",
        MODELS,
        tr("Keep conversations in"),
        note=tr(
            "What a model keeps of a long conversation takes half the memory in 8 bits, with nearly the same answers, "
            "and a third in 4 bits, with slightly worse ones. In force when a model is loaded the next time."
        ),
        options=(
            Option("16", tr("Full precision")),
            *(Option(str(bits), tr("{bits} bits", bits=bits)) for bits in KV_BITS),
        ),
    )

    @property
    def kv_packing(self) -> KVPacking | None:
        """What a Load is to say about that."""
        bits = int(self.kv_bits)
        return KVPacking(bits) if bits in KV_BITS else None


ROWS = rows_of(Preferences)
"""All of them, in the order of the Settings window."""

"""Properties that announce their changes."""

from app.state.observable import Observable, Property


class Lamp(Observable):  # noqa: D101
    lit = Property(False)
    colour = Property("white")


class Lantern(Lamp):  # noqa: D101
    oil = Property[int | None](None)


def test_a_change_is_announced_with_the_new_value_and_once() -> None:
    lamp, heard = Lamp(), []
    lamp.lit_changed.connect(heard.append)
    lamp.lit = True
    lamp.lit = True
    lamp.colour = "red"
    assert heard == [True] and lamp.lit and lamp.colour == "red"


def test_objects_of_one_class_have_values_and_listeners_of_their_own() -> None:
    one, other, heard = Lamp(), Lamp(), []
    other.colour_changed.connect(heard.append)
    one.colour = "blue"
    assert other.colour == "white" and heard == []


def test_properties_and_their_signals_are_inherited() -> None:
    lantern, heard = Lantern(), []
    lantern.oil_changed.connect(heard.append)
    lantern.lit_changed.connect(heard.append)
    lantern.oil = 3
    lantern.lit = True
    lantern.oil = None
    assert heard == [3, True, None]

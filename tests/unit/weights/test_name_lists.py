"""Lists of tensor names are short and complete."""

from mlx_gemma4.weights.name_lists import compact_names


def test_names_that_differ_in_their_layer_share_one_entry() -> None:
    names = [f"layers.{layer}.norm.weight" for layer in (0, 1, 2, 5)] + ["norm.weight", "layers.3.scale"]
    assert compact_names(names) == "layers.{0-2,5}.norm.weight, norm.weight, layers.3.scale"


def test_no_names_are_nothing() -> None:
    assert compact_names([]) == ""

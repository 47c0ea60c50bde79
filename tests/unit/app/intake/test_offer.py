"""What will happen to files, in one line, before and after."""

from pathlib import Path

from app.intake.file_kinds import Senses
from app.intake.offer import LINK, Offer, sort_files

KEY = "Prism can't open .key files: export a picture, a PDF, an MP4 clip or a WAV recording"


def files(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).touch()
    return [str(folder / name) for name in names]


def test_promises() -> None:
    assert Offer(("a",)).promise(8) == "Ask about this picture"
    assert Offer(("a", "b", "c")).promise(8) == "Ask about these 3 pictures"
    assert Offer(("a",) * 40).promise(8) == "Ask about the first 8 of these 40 pictures"
    assert Offer(("a",) * 4).promise(1) == "Ask about the first of these 4 pictures"
    assert Offer(("a", "b"), (KEY,)).promise(8) == "Ask about these 2 pictures, without 1 other file"
    assert Offer((), (KEY,)).promise(8) == KEY
    assert "drop the file" in LINK.promise(8)
    assert "send it first" in Offer(("a",)).promise(0)


def test_only_what_would_be_attached_is_welcome() -> None:
    assert Offer(("a",)).is_welcome(1)
    assert not Offer(("a",)).is_welcome(0)
    assert not Offer((), (KEY,)).is_welcome(8)


def test_remarks() -> None:
    assert Offer(("a",)).remarks(8) == ""
    assert Offer((), (KEY,)).remarks(8) == f"{KEY}."
    assert Offer((), (KEY, "x")).remarks(8) == f"2 files were left out. {KEY}."
    assert Offer(("a",) * 40).remarks(8) == "A question takes 8 pictures: the first 8 of 40 were added."
    assert Offer(("a",) * 4).remarks(1) == "There is room for one more picture: the first of 4 was added."
    assert "all the pictures it can take" in Offer(("a",)).remarks(0)


def test_files_are_sorted_and_doubles_dropped(tmp_path: Path) -> None:
    one, key, two = files(tmp_path, "one.png", "slides.key", "two.jpg")
    offer = sort_files([one, key, two, one])
    assert offer == Offer((one, two), (KEY,))


def test_clips_sounds_and_documents_are_named_as_what_they_are(tmp_path: Path) -> None:
    clip, sound, page, picture = files(tmp_path, "a.mov", "a.wav", "a.pdf", "a.heic")
    assert sort_files([clip]).promise(8) == "Ask about this clip"
    assert sort_files([page]).promise(8) == "Ask about this document"
    assert sort_files([sound]).promise(8) == "Ask about this recording, or have it written down"
    assert sort_files([clip, picture]).promise(8) == "Ask about these 2 files"
    deaf = sort_files([sound, clip], Senses(hears=False))
    assert deaf.files == (clip,) and "can't hear" in deaf.refusals[0]


def test_a_disk_of_files_is_counted_and_not_looked_at(tmp_path: Path) -> None:
    (one,) = files(tmp_path, "one.png")
    offer = sort_files([one, *(f"/nowhere/{number}" for number in range(1000))])
    assert offer.unseen == 801 and len(offer.refusals) == 199

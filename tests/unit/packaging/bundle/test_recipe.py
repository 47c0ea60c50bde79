"""Briefcase's own parser takes the recipe, and the recipe says what the tables give reasons for."""

from __future__ import annotations

import json
import platform
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from bundle.lock import LOCK, pins, requirements
from bundle.on_linux import info_plist
from bundle.project import ROOT, copy_sources, files_of, recipe, version, write_project
from bundle.tables import ENTITLEMENTS, FLOOR, LEFT_OUT, NOT_FOR_THE_BUNDLE, USAGE_TEXTS
from bundle.updates import write_address

pytest.importorskip("briefcase")


@pytest.fixture
def on_a_mac(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Briefcase asks for the version of macOS while it is imported."""
    before = set(sys.modules)
    monkeypatch.setattr(platform, "mac_ver", lambda *_: ("15.1", ("", "", ""), "arm64"))
    yield
    for name in set(sys.modules) - before:
        if name.startswith("briefcase"):
            del sys.modules[name]


def test_briefcase_parses_what_is_written_for_it(tmp_path: Path, on_a_mac: None) -> None:
    pytest.importorskip("PySide6")
    from briefcase.config import DraftAppConfig, GlobalConfig, parse_config
    from briefcase.console import Console

    write_project(tmp_path)
    common, apps = parse_config(tmp_path / "pyproject.toml", "macOS", "app", Console())
    assert str(GlobalConfig(**common).version) == version()
    app = DraftAppConfig(**apps["prism"])
    assert app.formal_name == "Prism" and app.bundle_identifier.endswith(".prism")
    assert set(app.document_types) == {"picture", "clip", "recording", "document"}
    assert [(tmp_path / source).is_dir() for source in app.sources or ()] == [True] * 4
    assert (tmp_path / f"{app.icon}.icns").is_file()
    assert not app.requires and app.min_os_version == "15.0" and app.universal_build is False


def test_briefcase_refuses_a_recipe_with_a_mistake(tmp_path: Path, on_a_mac: None) -> None:
    from briefcase.config import DraftAppConfig, parse_config
    from briefcase.console import Console
    from briefcase.exceptions import BriefcaseConfigError
    from bundle.project import RECIPE

    (tmp_path / "LICENSE").touch()
    text = RECIPE.read_text().replace("@VERSION@", version()).replace('extension = "png"', 'extension = "p.n.g"')
    (tmp_path / "pyproject.toml").write_text(text)
    _, apps = parse_config(tmp_path / "pyproject.toml", "macOS", "app", Console())
    with pytest.raises(BriefcaseConfigError, match="not alphanumeric"):
        DraftAppConfig(**apps["prism"])


def test_recipe_and_tables_agree() -> None:
    app = recipe()["app"]["prism"]
    granted = {name for name, value in app["macOS"]["entitlement"].items() if value}
    assert granted == set(ENTITLEMENTS) and all(ENTITLEMENTS.values())
    floor = ".".join(map(str, FLOOR))
    assert app["min_os_version"] == floor
    info = info_plist(recipe())
    assert {key: info[key] for key in USAGE_TEXTS} == USAGE_TEXTS


def test_sources_are_copied_without_what_stays_out(tmp_path: Path) -> None:
    copy_sources(tmp_path)
    assert (tmp_path / "prism" / "__main__.py").is_file() and (tmp_path / "resources" / "tour").is_dir()
    assert (tmp_path / "mlx_gemma4" / "weights" / "loader.py").is_file()
    assert not files_of(tmp_path, NOT_FOR_THE_BUNDLE)
    assert len(files_of(ROOT, NOT_FOR_THE_BUNDLE)) >= 6
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_lock_holds_what_the_project_asks_for_and_a_hash_for_everything(repository: Path) -> None:
    locked = pins()
    asked = [line.partition(";") for line in requirements() if "linux" not in line.partition(";")[2]]
    for line, _, _ in asked:
        name, _, pinned = line.strip().partition("==")
        name = name.partition("[")[0].lower().replace("_", "-")
        assert locked.get(name) == pinned, f"{name}: run `make lock`"
    text = LOCK.read_text()
    entries = text.split("\n\n")[-1].replace("\\\n", " ").splitlines()
    assert not [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert {"mlx-metal", "pyobjc-core", "pyobjc-framework-cocoa"} <= set(locked)
    assert not set(LEFT_OUT) & set(locked)
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_a_build_is_told_where_to_ask_for_updates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "updates.json"
    monkeypatch.delenv("PRISM_UPDATE_ADDRESS", raising=False)
    write_address(tmp_path)
    assert not file.exists()
    monkeypatch.setenv("PRISM_UPDATE_ADDRESS", "https://updates.example/prism.json")
    write_address(tmp_path)
    assert json.loads(file.read_text()) == {"address": "https://updates.example/prism.json"}
    monkeypatch.setenv("PRISM_UPDATE_ADDRESS", "http://updates.example/prism.json")
    with pytest.raises(ValueError, match="must begin with https"):
        write_address(tmp_path)


def test_the_project_itself_names_the_tools(repository: Path) -> None:
    extras = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {line.partition("==")[0] for line in extras["bundle"]} >= {"briefcase", "macholib", "uv"}


@pytest.mark.parametrize(
    ("environment", "options", "stored"),
    [
        ({}, ["--adhoc-sign"], False),
        ({"PRISM_NOTARY_TEAM": "T1"}, ["--adhoc-sign"], False),
        ({"PRISM_SIGNING_IDENTITY": "Ann"}, ["--identity", "Ann", "--no-notarize"], False),
        (
            {
                "PRISM_SIGNING_IDENTITY": "Ann",
                "PRISM_NOTARY_APPLE_ID": "ann@a.example",
                "PRISM_NOTARY_PASSWORD": "pass",
                "PRISM_NOTARY_TEAM": "T1",
            },
            ["--identity", "Ann"],
            True,
        ),
    ],
)
def test_the_environment_says_how_a_mac_signs(
    environment: dict[str, str], options: list[str], stored: bool, on_a_mac: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from briefcase.cmdline import parse_cmdline
    from briefcase.console import Console
    from bundle import on_mac

    commands: list[list[str]] = []
    monkeypatch.setattr(on_mac.subprocess, "run", lambda command, check: commands.append(command))
    package = on_mac.package_command(environment)
    assert package[-len(options) :] == options
    for arguments in (on_mac.CREATE, on_mac.BUILD, package):
        command, rest = parse_cmdline(list(arguments), Console())
        understood, _ = command(console=Console()).parse_options(extra=rest)
    assert understood["adhoc_sign"] is not bool(environment.get("PRISM_SIGNING_IDENTITY"))
    assert understood["identity"] == environment.get("PRISM_SIGNING_IDENTITY")
    assert [command[3] for command in commands] == (["briefcase-macOS-T1"] if stored else [])


def test_the_page_about_the_bundle_is_of_this_lock(repository: Path) -> None:
    page = (repository / "docs" / "PACKAGING.md").read_text()
    assert not [name for name, pinned in pins().items() if f"| {name} | {pinned} |" not in page], "run `make app`"
    reasons = {**ENTITLEMENTS, **NOT_FOR_THE_BUNDLE, **LEFT_OUT}
    assert not [name for name, why in reasons.items() if f"| `{name}` | {why} |" not in page], "run `make app`"

"""What a Mac's AppKit and Foundation are asked for in more than one place; imported on Macs only."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


def appkit() -> Any:
    """AppKit, through PyObjC."""
    return import_module("AppKit")


def frontmost_application() -> Callable[[], None]:
    """Remembers the application that the person works in; what is returned brings it to the front again."""
    kit = appkit()
    front = kit.NSWorkspace.sharedWorkspace().frontmostApplication()
    if front is None or front.processIdentifier() == os.getpid():
        return lambda: None
    return lambda: front.activateWithOptions_(0) and None


def set_menu_bar_only(only: bool) -> None:
    """Be without a Dock icon and a menu of one's own, or have both."""
    kit = appkit()
    policy = kit.NSApplicationActivationPolicyAccessory if only else kit.NSApplicationActivationPolicyRegular
    kit.NSApp.setActivationPolicy_(policy)


def make_panel(view: int) -> None:
    """Let the window of a view take the keyboard without its application coming to the front."""
    kit = appkit()
    window = import_module("objc").objc_object(c_void_p=view).window()
    window.setStyleMask_(window.styleMask() | kit.NSWindowStyleMaskNonactivatingPanel)
    window.setCollectionBehavior_(
        kit.NSWindowCollectionBehaviorCanJoinAllSpaces | kit.NSWindowCollectionBehaviorFullScreenAuxiliary
    )


def make_target(run: Callable[[], None]) -> Any:
    """An object that menus and buttons can send `act:` to."""
    return _target_class().alloc().initWithRun_(run)


@cache
def _target_class() -> Any:
    objc, foundation = import_module("objc"), import_module("Foundation")

    class PrismTarget(foundation.NSObject):
        """Does one thing."""

        def initWithRun_(self, run: Callable[[], None]) -> Any:
            """Keep what is to be done."""
            made = objc.super(PrismTarget, self).init()
            made.run = run
            return made

        def act_(self, sender: Any) -> None:
            """Do it."""
            self.run()

    return PrismTarget

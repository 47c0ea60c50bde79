"""What is known about the bundle that no file in it tells; each row with its reason."""

from __future__ import annotations

FLOOR = (15, 0)
"""The oldest macOS that Prism runs on, as in briefcase.toml."""

MOST_BYTES = 620_000_000
"""Of the whole bundle on disk, Python included."""
MOST_PACKED_BYTES = 250_000_000
"""Of the DMG or zip, Python included."""
PYTHON_BYTES = 100_000_000
PYTHON_PACKED_BYTES = 40_000_000
"""What Python and Apple's launcher are taken to add where they are not inside: an estimate, on the safe side."""

OWN = ("prism", "app", "mlx_gemma4")
DOORS = ("prism.__main__", "app.__main__", "mlx_gemma4.engine.stdio")
"""Where the bundle's program begins: the window, and the engine."""

NEWER_THAN_THE_FLOOR: dict[str, str] = {}
"""Files that declare a newer macOS than ours and run on ours all the same → how that is known."""

NOT_FOR_THE_BUNDLE = {
    "app.platform.*linux*": "the Linux twins of what the Mac has",
    "app.platform.*x11*": "the Linux twins of what the Mac has",
    "app.page.render_webengine": "pages are shown by WKWebView on the Mac",
    "mlx_gemma4.bench": "measurement, with the peers it measures against",
    "mlx_gemma4.cli.bench": "measurement happens in a checkout",
    "mlx_gemma4.cli.convert": "conversion happens in a checkout",
    "mlx_gemma4.weights.conversion": "conversion happens in a checkout",
    "mlx_gemma4.weights.conversion_pieces": "conversion happens in a checkout",
    "mlx_gemma4.weights.recipe": "conversion happens in a checkout",
    "mlx_gemma4.cli.main": "the commands are for a checkout; its `convert` would pull in conversion",
}
"""Modules of ours that stay out, by name or pattern, and with them all that they hold."""

PEERS = ("mlx_lm", "mlx_vlm", "transformers", "torch", "scipy", "cv2", "pyarrow", "pandas", "datasets")
"""Libraries that Prism is compared with, and what they drag along."""

LEFT_OUT = {
    "hf-xet": "huggingface-hub fetches with it where it is; ours come over HTTP, which can be taken up at any byte",
}
"""Distributions that a library asks for and does not need here → why it works without; with them go their own."""

STRAYS = {
    "**/tests": "tests",
    "**/conftest.py": "tests",
    "PyObjCTest": "tests",
    "numpy/_pyinstaller": "another packer's hooks",
    "numpy/f2py": "a Fortran compiler's front end",
    "numpy/_core/lib": "libraries to link against",
    "numpy/random/lib": "libraries to link against",
    "numpy/random/_examples": "examples",
    "**/include": "headers",
    "**/*.h": "headers",
    "**/*.hpp": "headers",
    "**/*.a": "libraries to link against",
    "**/*.pyi": "for type checkers",
    "**/py.typed": "for type checkers",
    "**/*.pxd": "for Cython",
    "**/*.pyx": "for Cython",
    "**/cmake": "for CMake",
    "**/pkgconfig": "for pkg-config",
    "**/*.dSYM": "debug symbols",
    "bin": "commands of libraries",
    "mlx/share": "for CMake",
    "mlx/extension.py": "compiles extensions",
    "PySide6/*.app": "Qt's tools",
    "PySide6/scripts": "Qt's tools",
    "PySide6/Qt/libexec": "Qt's tools",
    "PySide6/Qt/qml": "QML, which no view is written in",
    "PySide6/Qt/metatypes": "for Qt's tools",
    "PySide6/typesystems": "for binding generators",
    "PySide6/glue": "for binding generators",
    "PySide6/doc": "for binding generators",
    "PySide6/support/generate_pyi.py": "for binding generators",
    "**/*WebEngine*": "QtWebEngine",
    "**/cv2": "OpenCV",
    "**/opencv*": "OpenCV",
    "**/pyarrow": "pyarrow",
    "**/clang*": "a compiler",
    "**/gcc*": "a compiler",
    "**/libLLVM*": "a compiler",
    "**/__pycache__": "compiled anew where it is wanted; a signed bundle cannot be written to",
}
"""Patterns under app_packages that have no place in the bundle → what they are; left out, and looked for again."""

HIDDEN_IMPORTS = {
    "PySide6": ("shiboken6", "PySide6.support.deprecated"),
}
"""What compiled modules import, where no text tells."""

QT_PLUGINS = {
    "platforms/libqcocoa.dylib": "windows on the Mac",
    "platforms/libqoffscreen.dylib": "`--self-test` where nobody is logged in",
    "styles/libqmacstyle.dylib": "controls that look like the Mac's",
    "iconengines/libqsvgicon.dylib": "glyphs",
    "imageformats/libqgif.dylib": "pictures",
    "imageformats/libqjpeg.dylib": "pictures",
    "imageformats/libqmacheif.dylib": "pictures",
    "imageformats/libqsvg.dylib": "glyphs",
    "imageformats/libqtiff.dylib": "pictures; what is pasted on a Mac is often TIFF",
    "imageformats/libqwebp.dylib": "pictures",
    "tls/libqsecuretransportbackend.dylib": "HTTPS, for Check for Updates",
    "multimedia/libdarwinmediaplugin.dylib": "sound, by the system's own decoders; goes where QtMultimedia goes",
}
"""Qt's plugins that are kept; frameworks and bindings follow from what is imported and linked."""

ENTITLEMENTS = {
    "com.apple.security.cs.allow-unsigned-executable-memory": "Python's ctypes and PyObjC make callbacks in memory",
    "com.apple.security.cs.disable-library-validation": "an ad-hoc signature has no team that libraries could share",
    "com.apple.security.device.audio-input": "recording; without it macOS refuses the microphone and never asks",
}
"""What the hardened runtime is asked for, and why."""

USAGE_TEXTS = {
    "NSMicrophoneUsageDescription": "Prism records when you press Record, and what it hears stays on this Mac.",
}
"""What macOS shows when it asks the person."""

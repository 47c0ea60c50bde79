"""Turns a kernel's source, as MLX generates it, into C++ that runs it once."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cached_property

_PARAMETER = re.compile(r"^(?P<type>.+?)(?P<name>\w+)\s*\[\[(?P<attribute>\w+)(?:\((?P<index>\d+)\))?", re.DOTALL)
_INSTANCE = re.compile(r"template \[\[host_name\(.*?\)\]\] \[\[kernel\]\] decltype\((?P<call>.+?)\) [^;]+;", re.DOTALL)
_SHARED = re.compile(r"\bthreadgroup\s+(?P<type>\w+)\s+(?P<name>\w+)\s*\[(?P<size>[^\]]+)\]\s*;")
_FIXED = re.compile(r"constant (?P<type>\w+) (?P<name>\w+) \[\[function_constant\(\d+\)\]\];")
_PRELUDE = '#include "metal_shim.h"\n#include "mlx/backend/metal/kernels/utils.h"\n'
_PRELUDE_OF_TYPES = '#include "metal_shim.h"\n#include "mlx/backend/metal/kernels/bf16.h"\ntypedef half float16_t;\n'
"""Clang wants no address space on a parameter that is an array, as some of MLX's own helpers have it."""


@dataclass(frozen=True)
class Kernel:
    """One kernel with its template arguments.

    Attributes:
        text: Metal source.
        name: of the kernel function.
        call: the function with its template arguments.
        constants: values of function constants, by name.
        element: the type that its parameters call T.
    """

    text: str
    name: str
    call: str
    constants: tuple[tuple[str, str], ...] = ()
    element: str = "float"

    @cached_property
    def parameters(self) -> list[re.Match[str]]:
        """Matches with type, name, attribute and, of buffers, index."""
        start = re.search(rf"\bvoid {re.escape(self.name)}\(", self.text)
        assert start, f"there is no kernel {self.name}"
        depth, stop = 1, start.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(self.text[stop], 0)
            stop += 1
        found = []
        for text in _split_at_commas(self.text[start.end() : stop - 1]):
            match = _PARAMETER.match(text.strip())
            assert match, text
            found.append(match)
        return found

    @property
    def buffers(self) -> list[str]:
        """Names of the buffers in order."""
        return [match["name"] for match in self.parameters if match["attribute"] == "buffer"]

    def to_run(self) -> str:
        """A program that runs the kernel (`launch.h`)."""
        shared = iter(range(1_000))

        def guarded(match: re.Match[str]) -> str:
            return f"auto& {match['name']} = shim::shared_array<{match['type']}, {match['size']}, {next(shared)}>();"

        text = _SHARED.sub(guarded, self._body())
        arguments = ",\n      ".join(self._argument(match) for match in self.parameters)
        return f"""{_PRELUDE}{text}
#include "launch.h"
int main(int, char** arguments) {{
  using T = {self.element};
  return shim::main_of(arguments, [] {{ {self.call}(
      {arguments}); }});
}}
"""

    def to_check(self) -> str:
        """A source that only has its types checked, with address spaces."""
        text = _SHARED.sub(lambda match: "static " + match[0], self._body())
        return f"#define SHIM_TYPES_ONLY\n{_PRELUDE_OF_TYPES}{text}\nauto checked = &{self.call};\n"

    def _body(self) -> str:
        values = dict(self.constants)
        text = _INSTANCE.sub("", self.text)
        return _FIXED.sub(lambda m: f"constant {m['type']} {m['name']} = {values.get(m['name'], '{}')};", text)

    def _argument(self, match: re.Match[str]) -> str:
        kind = match["type"].strip()
        if match["attribute"] != "buffer":
            place = f"shim::Here::{match['attribute']}()"
            return place if kind.startswith("uint") else f"{kind}({place})"
        memory = f"shim::buffers[{self.buffers.index(match['name'])}]"
        return f"*({kind.removesuffix('&')}*){memory}" if kind.endswith("&") else f"({kind}){memory}"


def exported_kernel(exported: bytes) -> Kernel:
    """The one kernel in a file that `mx.export_function` wrote."""
    at = exported.index(b"CustomKernel") + len(b"CustomKernel")
    _, at = _string(exported, at)
    source, _ = _string(exported, at)
    text = source.decode()
    name = re.search(r"\[\[kernel\]\] void (\w+)\(", text)
    assert name
    instance = _INSTANCE.search(text)
    return Kernel(text, name[1], instance["call"] if instance else name[1])


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<Q", data, at)
    return data[at + 8 : at + 8 + length], at + 8 + length


def _split_at_commas(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, "[": 1, "<": 1, ")": -1, "]": -1, ">": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]

"""Makes Java classes out of the declarations, and compiles them.

A class has exactly the members that are declared and that concern the classes used here: names,
types, values. Each method says whether the phone's level has it and passes its call on to
``Doubles.java``, which records and answers it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .declarations import Declared, Method, file, read
from .since_table import USED

JAVA = Path(__file__).parent / "java"
SHIMS = Path(__file__).parents[3] / "src/audiosession/hosts/android/java"

_OBJECT = "java.lang.Object"
_INSIDE = "org.audiosession.doubles.Inside"
_NUMBERS = {
    # TypeScript knows one kind of number; these are no int. Source: Android's reference.
    ("AudioManager.getStreamVolumeDb", "returns"): "float",
    ("AudioManager.playSoundEffect", "volume"): "float",
    ("MicrophoneInfo.getMaxSpl", "returns"): "float",
    ("MicrophoneInfo.getMinSpl", "returns"): "float",
    ("MicrophoneInfo.getSensitivity", "returns"): "float",
    ("MicrophoneInfo.Coordinate3F.x", "field"): "float",
    ("MicrophoneInfo.Coordinate3F.y", "field"): "float",
    ("MicrophoneInfo.Coordinate3F.z", "field"): "float",
    ("KeyEvent.constructor", "downTime"): "long",
    ("KeyEvent.constructor", "eventTime"): "long",
    ("KeyEvent.getDownTime", "returns"): "long",
    ("KeyEvent.getEventTime", "returns"): "long",
}
_OTHERS = {
    # The declarations lose these types.
    ("AudioAttributes.Builder.build", "returns"): "android.media.AudioAttributes",
    ("AudioFocusRequest.getAudioAttributes", "returns"): "android.media.AudioAttributes",
    ("AudioDeviceInfo.getProductName", "returns"): "java.lang.CharSequence",
}
_ATTRIBUTES = ("attributes", "aa")
_FROM_OBJECT = ("equals", "hashCode", "toString", "getClass")
_SIMPLE = {"string": "java.lang.String", "boolean": "boolean", "void": "void"}


def compiled() -> Path:
    """The folder with the compiled classes; made where it is not there yet."""
    digest = hashlib.sha256()
    for path in (Path(__file__), *sorted(JAVA.rglob("*.java")), *sorted(SHIMS.rglob("*.java"))):
        digest.update(path.read_bytes())
    digest.update(repr((USED, file().stat().st_size)).encode())
    made = Path(sys.prefix) / "android-doubles" / digest.hexdigest()[:16]
    if not made.is_dir():
        made.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as work:
            _compile(Path(work))
            # Others may make the same at the same time; the first one counts.
            try:
                os.rename(Path(work) / "classes", made)
            except OSError:
                if not made.is_dir():
                    raise
    return made


def _compile(work: Path) -> None:
    sources = work / "sources"
    for name, text in generate(read()).items():
        path = sources / (name.replace(".", "/") + ".java")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for more in (JAVA, SHIMS):
        shutil.copytree(more, sources, dirs_exist_ok=True)
    files = [str(path) for path in sorted(sources.rglob("*.java"))]
    command = ["javac", "-nowarn", "-Xlint:none", "-d", str(work / "classes"), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)


def generate(known: dict[str, Declared]) -> dict[str, str]:
    """The sources of the classes used, by the names of the outer ones."""
    dotted = {name.replace("$", "."): name for name in USED}
    outer: dict[str, list[str]] = {}
    for name in USED:
        outer.setdefault(name.partition("$")[0], []).append(name)
    found = {}
    for top, names in outer.items():
        package, _, simple = top.rpartition(".")
        inner = "".join(_source(known[name], dotted, True) for name in names if name != top)
        if top in names:
            body = _source(known[top], dotted, False, inner)
        else:
            body = f"public class {simple} {{\n{inner}}}\n"
        found[top] = f"package {package};\n\nimport org.audiosession.doubles.Doubles;\n\n{body}"
    return found


def _source(declared: Declared, dotted: dict[str, str], nested: bool, inner: str = "") -> str:
    simple = declared.short.rpartition(".")[2]
    static = "static " if nested else ""
    if declared.interface:
        lines = "".join(_interface_methods(declared, dotted))
        return f"public {static}interface {simple} {{\n{lines}{inner}}}\n"
    abstract = "abstract " if declared.abstract else ""
    extends = f" extends {declared.extends}" if declared.extends in dotted else ""
    lines = "".join(
        (
            "public final java.util.Map<String, Object> kept = new java.util.HashMap<>();\n"
            if not extends
            else "",
            f"public {simple}({_INSIDE} inside) {{ {'super(inside);' if extends else ''} }}\n",
            *_fields(declared, dotted),
            *_constructors(declared, dotted, simple, bool(extends)),
            *_methods(declared, dotted),
        )
    )
    return f"public {static}{abstract}class {simple}{extends} {{\n{lines}{inner}}}\n"


def _fields(declared: Declared, dotted: dict[str, str]) -> Iterator[str]:
    for each in declared.fields:
        kind = each.type
        key = (f"{declared.short}.{each.name}", "field")
        if kind.startswith('"'):
            yield f"public static final String {each.name} = {kind};\n"
        elif kind.lstrip("-")[:1].isdigit():
            number = float(kind)
            if number.is_integer() and -(2**31) <= number < 2**31:
                yield f"public static final int {each.name} = {int(number)};\n"
            else:
                yield f"public static final float {each.name} = {kind}f;\n"
        else:
            java = _java(kind, dotted, key)
            if java is not None:
                yield f"public {'static ' if each.static else ''}{java} {each.name};\n"


def _constructors(
    declared: Declared, dotted: dict[str, str], simple: str, extends: bool
) -> Iterator[str]:
    seen = set()
    for each in declared.constructors:
        types = _types(declared, each, dotted)
        if types is None or tuple(types) in seen:
            continue
        seen.add(tuple(types))
        names = ", ".join(f'"{parameter.name}"' for parameter in each.parameters)
        values = ", ".join(f"p{number}" for number in range(len(types)))
        level = max(each.since, declared.since)
        yield (
            f"public {simple}({_listed(types)}) {{ "
            f"{f'super(({_INSIDE}) null); ' if extends else ''}"
            f'Doubles.made(this, kept, "{declared.name}", {level}, '
            f"new String[] {{{names}}}, new Object[] {{{values}}}); }}\n"
        )


def _methods(declared: Declared, dotted: dict[str, str]) -> Iterator[str]:
    seen = set()
    for each in declared.methods:
        types = _types(declared, each, dotted)
        key = f"{declared.short}.{each.name}"
        returns = _java(each.returns, dotted, (key, "returns"))
        if declared.short.endswith("Builder") and each.returns == "any" and returns == _OBJECT:
            returns = declared.name.replace("$", ".")
        if types is None or returns is None or each.name in _FROM_OBJECT:
            continue
        if (each.name, tuple(types)) in seen:
            continue
        seen.add((each.name, tuple(types)))
        values = ", ".join(f"p{number}" for number in range(len(types)))
        receiver, kept = ("null", "null") if each.static else ("this", "kept")
        call = (
            f'Doubles.call({receiver}, {kept}, "{declared.short}", "{each.name}", '
            f'{max(each.since, declared.since)}, "{returns}", new Object[] {{{values}}})'
        )
        modifier = "static " if each.static else ""
        head = f"public {modifier}{returns} {each.name}({_listed(types)})"
        yield f"{head} {{ {_give(returns, call)} }}\n"


def _interface_methods(declared: Declared, dotted: dict[str, str]) -> Iterator[str]:
    for each in declared.methods:
        types = _types(declared, each, dotted)
        returns = _java(each.returns, dotted, (f"{declared.short}.{each.name}", "returns"))
        if types is not None and returns is not None:
            yield f"{returns} {each.name}({_listed(types)});\n"


def _give(returns: str, call: str) -> str:
    if returns == "void":
        return f"{call};"
    if returns in ("int", "long", "float"):
        return f"return ((Number) {call}).{returns}Value();"
    return f"return ({'Boolean' if returns == 'boolean' else returns}) {call};"


def _listed(types: list[str]) -> str:
    return ", ".join(f"{kind} p{number}" for number, kind in enumerate(types))


def _types(declared: Declared, method: Method, dotted: dict[str, str]) -> list[str] | None:
    found = []
    for parameter in method.parameters:
        key = (f"{declared.short}.{method.name}", parameter.name)
        java = _java(parameter.type, dotted, key)
        if java == _OBJECT and parameter.type == "any" and parameter.name in _ATTRIBUTES:
            java = "android.media.AudioAttributes"
        if java is None:
            return None
        found.append(java)
    return found


def _java(kind: str, dotted: dict[str, str], key: tuple[str, str]) -> str | None:
    """The Java type; ``None``: it concerns a class that is not used."""
    if key in _OTHERS:
        return _OTHERS[key]
    if kind == "number":
        return _NUMBERS.get(key, "int")
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind == "any" or len(kind) == 1:
        return _OBJECT
    if kind.startswith("androidNative.Array<"):
        inner = _java(kind[len("androidNative.Array<") : -1], dotted, key)
        return None if inner is None else f"{inner}[]"
    name = kind.partition("<")[0]
    return name if name.startswith("java.") or name in dotted else None

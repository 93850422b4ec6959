"""Objects on a wire: what they can do, told and called by the standard D-Bus interfaces.

An interface is described once, as a value, and shared by all objects that have it. A tree of
objects finds what a message asks for; it knows nothing of connections.
https://dbus.freedesktop.org/doc/dbus-specification.html#standard-interfaces
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dbus_fast import ArgDirection, Message, PropertyAccess, Variant
from dbus_fast import introspection as intr

from .names import DAEMON, INTROSPECTABLE, OBJECT_MANAGER, PEER, PROPERTIES
from .values import carried

_EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"
_MOST_UINT32 = 0xFFFF_FFFF


class WireError(Exception):
    """An answer that is an error of D-Bus itself.

    Args:
        name: Its name on the wire.
        text: What is wrong, for people.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a method or signal."""

    name: str
    """What it is called in introspection."""
    signature: str
    """Its D-Bus type."""


def arguments(*texts: str) -> tuple[Argument, ...]:
    """Arguments from ``name:signature``."""
    pairs = (text.partition(":") for text in texts)
    return tuple(Argument(name, signature) for name, _, signature in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method; ``call`` gets the object, the caller and the arguments and gives a tuple,
    or an awaitable of one."""

    name: str
    """Its name."""
    call: Callable[..., Any]
    """What does it."""
    takes: tuple[Argument, ...] = ()
    """What goes in."""
    gives: tuple[Argument, ...] = ()
    """What comes out."""

    @property
    def in_signature(self) -> str:
        """The types that go in."""
        return "".join(each.signature for each in self.takes)

    @property
    def out_signature(self) -> str:
        """The types that come out."""
        return "".join(each.signature for each in self.gives)


class Changes(Enum):
    """How changes of a property are told."""

    TOLD = "true"
    """By a signal with the new value."""
    UNTOLD = "false"
    """Not at all; it moves too often."""
    NEVER = "const"
    """There are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property that can be read."""

    name: str
    """Its name."""
    signature: str
    """Its D-Bus type."""
    read: Callable[[Any], Any]
    """Gives its value, of an object."""
    changes: Changes = Changes.TOLD
    """How changes are told."""

    def value(self, target: object) -> Any:
        """Its value, as D-Bus can carry it; a number that it cannot is 0."""
        value = self.read(target)
        if self.signature == "u":
            return value if 0 <= value <= _MOST_UINT32 else 0
        return carried(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A signal."""

    name: str
    """Its name."""
    gives: tuple[Argument, ...] = ()
    """What it carries."""

    @property
    def signature(self) -> str:
        """The types of what it carries."""
        return "".join(each.signature for each in self.gives)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What a kind of object can do."""

    name: str
    """Its name."""
    methods: tuple[Method, ...] = ()
    """Its methods."""
    properties: tuple[Property, ...] = ()
    """Its properties."""
    signals: tuple[Signal, ...] = ()
    """Its signals."""
    _methods: Mapping[str, Method] = field(init=False, repr=False, compare=False)
    _properties: Mapping[str, Property] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_methods", {each.name: each for each in self.methods})
        object.__setattr__(self, "_properties", {each.name: each for each in self.properties})

    def method(self, name: str | None) -> Method | None:
        """The method of that name."""
        return self._methods.get(name or "")

    def property(self, name: str) -> Property | None:
        """The property of that name."""
        return self._properties.get(name)

    def values(self, target: object) -> dict[str, Variant]:
        """Every property of an object."""
        return {each.name: Variant(each.signature, each.value(target)) for each in self.properties}

    def described(self) -> intr.Interface:
        """The interface for introspection."""
        return intr.Interface(
            self.name,
            methods=[
                intr.Method(
                    each.name,
                    [intr.Arg(a.signature, ArgDirection.IN, a.name) for a in each.takes],
                    [intr.Arg(a.signature, ArgDirection.OUT, a.name) for a in each.gives],
                )
                for each in self.methods
            ],
            properties=[
                intr.Property(
                    each.name, each.signature, PropertyAccess.READ, {_EMITS: each.changes.value}
                )
                for each in self.properties
            ],
            signals=[
                intr.Signal(each.name, [intr.Arg(a.signature, None, a.name) for a in each.gives])
                for each in self.signals
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An object on the wire."""

    path: str
    """Where it is."""
    interface: Interface
    """What it can do, beside the standard interfaces."""
    target: Any
    """What does it."""
    also: tuple[tuple[Interface, Any], ...] = ()
    """More of what can be done there, and what does that; interfaces without properties."""

    def values(self) -> dict[str, dict[str, Variant]]:
        """Its properties by interface, as ObjectManager has them."""
        return {self.interface.name: self.interface.values(self.target)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a message asks for."""

    method: Method
    """The method."""
    target: Any
    """The object it is called on."""


class ObjectTree:
    """The objects there are.

    Args:
        root: The path whose object is the ObjectManager of the others.
        machine_id: What Peer.GetMachineId answers.
    """

    def __init__(self, root: str, *, machine_id: str = "") -> None:
        self._root = root
        self.machine_id = machine_id
        """What GetMachineId answers."""
        self._objects: dict[str, Exported] = {}
        self._standard = _standard_interfaces(self)

    def __contains__(self, path: object) -> bool:
        return path in self._objects

    def below(self, path: str) -> list[str]:
        """The paths of the objects below a path."""
        return [each for each in self._objects if each.startswith(path + "/")]

    def __getitem__(self, path: str) -> Exported:
        return self._objects[path]

    def add(self, exported: Exported) -> None:
        """An object came."""
        self._objects[exported.path] = exported

    def remove(self, path: str) -> Exported | None:
        """An object went; ``None`` where there was none."""
        return self._objects.pop(path, None)

    def find(self, message: Message) -> Found:
        """What a method call asks for.

        Raises:
            WireError: there is no such object, interface or method, or the arguments have
                other types.
        """
        path = message.path or ""
        exported = self._objects.get(path)
        for interface, target in self._interfaces(path, exported):
            if message.interface in (None, interface.name):
                method = interface.method(message.member)
                if method is not None:
                    if message.signature != method.in_signature:
                        raise WireError(
                            f"{DAEMON}.Error.InvalidArgs",
                            f"{interface.name}.{method.name} takes {method.in_signature!r}, "
                            f"not {message.signature!r}",
                        )
                    return Found(method=method, target=target)
        if exported is None and not self._children(path):
            raise WireError(f"{DAEMON}.Error.UnknownObject", f"there is no object {path}")
        raise WireError(
            f"{DAEMON}.Error.UnknownMethod",
            f"{path} has no method {message.interface or '(any interface)'}.{message.member}",
        )

    # -- the standard interfaces -------------------------------------------------------------

    def introspect(self, path: str) -> str:
        """The description of what is at a path, as XML."""
        exported = self._objects.get(path)
        node = intr.Node(path)
        node.interfaces = [each.described() for each, _ in self._interfaces(path, exported)]
        node.nodes = [intr.Node(name, is_root=False) for name in self._children(path)]
        return node.tostring()

    def managed(self) -> dict[str, dict[str, dict[str, Variant]]]:
        """Every object below the root, with its properties."""
        return {
            path: exported.values()
            for path, exported in self._objects.items()
            if path != self._root
        }

    def value(self, path: str, interface: str, name: str) -> Variant:
        """A property's value.

        Raises:
            WireError: there is no such property.
        """
        exported = self._with(path, interface)
        found = exported.interface.property(name)
        if found is None:
            raise WireError(
                f"{DAEMON}.Error.UnknownProperty",
                f"{exported.interface.name} has no property {name!r}",
            )
        return Variant(found.signature, found.value(exported.target))

    def values(self, path: str, interface: str) -> dict[str, Variant]:
        """All properties of an interface; none for an interface that has none."""
        exported = self._objects.get(path)
        if exported is None or interface not in ("", exported.interface.name):
            return {}
        return exported.interface.values(exported.target)

    def refuse_to_set(self, path: str, interface: str, name: str) -> None:
        """Properties cannot be set.

        Raises:
            WireError: always.
        """
        self.value(path, interface, name)
        raise WireError(f"{DAEMON}.Error.PropertyReadOnly", f"{name} can only be read")

    def _with(self, path: str, interface: str) -> Exported:
        exported = self._objects.get(path)
        if exported is None or interface not in ("", exported.interface.name):
            raise WireError(
                f"{DAEMON}.Error.UnknownInterface", f"{path} has no properties in {interface}"
            )
        return exported

    def _interfaces(
        self, path: str, exported: Exported | None
    ) -> Iterable[tuple[Interface, object]]:
        if exported is not None:
            yield exported.interface, exported.target
            yield from exported.also
        for interface in self._standard:
            wanted = (
                path == self._root
                if interface.name == OBJECT_MANAGER
                else exported is not None
                if interface.name == PROPERTIES
                else exported is not None or path == "/" or bool(self._children(path))
                if interface.name == INTROSPECTABLE
                else True
            )
            if wanted:
                yield interface, path

    def _children(self, path: str) -> list[str]:
        prefix = path.rstrip("/") + "/"
        return sorted(
            {
                other[len(prefix) :].partition("/")[0]
                for other in self._objects
                if other.startswith(prefix) and other != prefix
            }
        )


def _standard_interfaces(tree: ObjectTree) -> tuple[Interface, ...]:
    """The standard interfaces; their methods are called on a path."""
    return (
        Interface(
            name=INTROSPECTABLE,
            methods=(
                Method(
                    name="Introspect",
                    call=lambda path, _: (tree.introspect(path),),
                    gives=arguments("xml:s"),
                ),
            ),
        ),
        Interface(
            name=PROPERTIES,
            methods=(
                Method(
                    name="Get",
                    call=lambda path, _, i, n: (tree.value(path, i, n),),
                    takes=arguments("interface:s", "name:s"),
                    gives=arguments("value:v"),
                ),
                Method(
                    name="GetAll",
                    call=lambda path, _, i: (tree.values(path, i),),
                    takes=arguments("interface:s"),
                    gives=arguments("values:a{sv}"),
                ),
                Method(
                    name="Set",
                    call=lambda path, _, i, n, value: tree.refuse_to_set(path, i, n),
                    takes=arguments("interface:s", "name:s", "value:v"),
                ),
            ),
            signals=(
                Signal(
                    name="PropertiesChanged",
                    gives=arguments("interface:s", "changed:a{sv}", "invalidated:as"),
                ),
            ),
        ),
        Interface(
            name=OBJECT_MANAGER,
            methods=(
                Method(
                    name="GetManagedObjects",
                    call=lambda path, _: (tree.managed(),),
                    gives=arguments("objects:a{oa{sa{sv}}}"),
                ),
            ),
            signals=(
                Signal(name="InterfacesAdded", gives=arguments("path:o", "interfaces:a{sa{sv}}")),
                Signal(name="InterfacesRemoved", gives=arguments("path:o", "interfaces:as")),
            ),
        ),
        Interface(
            name=PEER,
            methods=(
                Method(name="Ping", call=lambda path, _: ()),
                Method(
                    name="GetMachineId",
                    call=lambda path, _: (tree.machine_id,),
                    gives=arguments("id:s"),
                ),
            ),
        ),
    )


__all__ = [
    "Argument",
    "Changes",
    "Exported",
    "Found",
    "Interface",
    "Method",
    "ObjectTree",
    "Property",
    "Signal",
    "WireError",
    "arguments",
]

"""``audiosession profiles`` and ``actions``: what a scenario file can be made of."""

from __future__ import annotations

import json

from rich.text import Text

from ..core.routing import Port
from ..hosts.simulated.profiles import PLUGGABLE, PROFILES
from ..scenario import ACTIONS
from ..scenario.actions import Action, Argument
from .exits import Exit
from .terminal import Terminal, json_out

_MOST_CHOICES = 4
"""How many values of an argument are listed; ``profiles`` lists those of the longer ones."""
_TYPES = {str: "text", float: "number", bool: "true/false", dict: "table"}


def print_json(value: object) -> None:
    """Prints one JSON document."""
    json_out().write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def show_profiles(*, as_json: bool) -> Exit:
    """The kinds of simulated device, and what can be plugged into them."""
    if as_json:
        print_json(
            {
                "profiles": [
                    {
                        "name": profile.name,
                        "title": profile.title,
                        "ports": [
                            {
                                "name": port.name,
                                "type": port.kind,
                                "input": port.is_input,
                                "output": port.is_output,
                            }
                            for port in profile.ports
                        ],
                        "capabilities": sorted(item.value for item in profile.capabilities),
                        "volume_steps": profile.volume_steps,
                    }
                    for profile in PROFILES.values()
                ],
                "pluggable": [
                    {
                        "name": name,
                        "ports": [
                            {"name": title, "type": kind, "input": is_input, "output": is_output}
                            for title, kind, is_input, is_output in ports
                        ],
                    }
                    for name, ports in PLUGGABLE.items()
                ],
            }
        )
        return Exit.OK
    terminal = Terminal.here()
    table = terminal.table("profile", "built in", "also has", "volume steps")
    table.columns[3].justify = "right"
    for profile in PROFILES.values():
        table.add_row(
            Text(profile.name, style="bold"),
            "\n".join(map(_port, profile.ports)),
            "\n".join(sorted(item.value for item in profile.extras)),
            str(profile.volume_steps),
        )
        if terminal.unicode:
            table.add_section()
    terminal.out.print(table)
    terminal.line()
    table = terminal.table("can be plugged in", "brings")
    for name, ports in PLUGGABLE.items():
        table.add_row(
            Text(name, style="bold"),
            ", ".join(
                f"{title} ({_direction(is_input, is_output)})"
                for title, _, is_input, is_output in ports
            ),
        )
    terminal.out.print(table)
    return Exit.OK


def show_actions(*, as_json: bool) -> Exit:
    """What a step of a scenario can do."""
    if as_json:
        print_json(
            [
                {
                    "do": name,
                    "app": action.on_app,
                    "text": _text(action),
                    "arguments": [
                        {
                            "name": key,
                            "type": _TYPES[argument.kind],
                            "required": argument.required,
                            "choices": list(argument.choices),
                        }
                        for key, argument in action.arguments.items()
                    ],
                }
                for name, action in ACTIONS.items()
            ]
        )
        return Exit.OK
    terminal = Terminal.here()
    for on_app, head in ((True, "do, to an app"), (False, "do, to the device")):
        table = terminal.table(head, "what happens", "arguments")
        table.columns[0].no_wrap = True
        for name, action in ACTIONS.items():
            if action.on_app is on_app:
                arguments = Text(", ").join(
                    _argument(key, argument) for key, argument in action.arguments.items()
                )
                table.add_row(Text(name, style="bold"), _text(action), arguments)
        terminal.out.print(table)
        terminal.line()
    terminal.out.print(
        "An argument with a * has to be given. Files are looked for beside the scenario.",
        style="dim",
    )
    return Exit.OK


def _text(action: Action) -> str:
    return action.text.replace("``", "")


def _argument(name: str, argument: Argument) -> Text:
    choices = argument.choices if len(argument.choices) <= _MOST_CHOICES else ()
    return Text(
        f"{name}{'*' if argument.required else ''}"
        + (f" ({' or '.join(choices)})" if choices else "")
    )


def _port(port: Port) -> str:
    return f"{port.name} ({_direction(port.is_input, port.is_output)})"


def _direction(is_input: bool, is_output: bool) -> str:
    return " and ".join(["in"] * is_input + ["out"] * is_output)

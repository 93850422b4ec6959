"""How a policy gives back what it took: one module a discipline, chosen by name."""

from __future__ import annotations

from ..policy import DisciplineName
from .base import Discipline
from .holds import HoldsDiscipline
from .matrix import MatrixDiscipline
from .stack import StackDiscipline

DISCIPLINES: dict[DisciplineName, type[Discipline]] = {
    DisciplineName.HOLDS: HoldsDiscipline,
    DisciplineName.STACK: StackDiscipline,
    DisciplineName.MATRIX: MatrixDiscipline,
}

__all__ = ["DISCIPLINES", "Discipline"]

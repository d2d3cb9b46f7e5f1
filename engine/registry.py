"""`Registry`: the components of one kind by their ids, ours first, then those of other packages.

A component (a learner, method, measure, reader, picture or gradient engine) is declared in its own
file and listed nowhere else. Each kind has one registry, which imports the files of its room when
it is first asked and then what installed packages offer by entry point. Catalog, forms, rules,
export, help index and tests all read the registry, so a new component is a new file.

A component of ours that does not hold is a fault and raises. One of another package is left out and
reported (`Registry.rejected`), so that somebody else's mistake never keeps Tunesmith from opening.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Generic, TypeVar

from engine.errors import InputError, TunesmithError

Component = TypeVar("Component")

LAST = 1000
"""Place in lists of a component that names none."""


@dataclass(frozen=True)
class Rejected:
    """A component of another package that could not be used.

    Attributes:
        kind: what it was to be, such as ``learner``.
        name: of its entry point.
        package: the distribution that offers it.
        why: what is wrong with it.
    """

    kind: str
    name: str
    package: str
    why: str

    @property
    def sentence(self) -> str:
        """Sentence for the user."""
        return str(
            TunesmithError(
                "extension.rejected",
                kind=self.kind,
                name=self.name,
                package=self.package,
                why=self.why.rstrip("."),
            )
        )


class MissingComponent(InputError, KeyError):
    """There is no component of an id: the plan was made with a package that is not installed."""

    __str__ = Exception.__str__  # a `KeyError` would quote the sentence


class Registry(Mapping[str, Component], Generic[Component]):
    """The components of one kind by id, in the order they are listed.

    It loads on first use, in whatever thread that is, and never changes afterwards.

    Args:
        kind: what a component is called, such as ``learner``.
        room: package of ours whose modules declare components, such as ``engine.learners``.
        base: what a component is an instance of.
        key: its id.
        classes: how a class found in a module becomes a component (``cls()``, or the class itself);
            without it, components are the instances of ``base`` that modules hold by name.
        order: its place in lists, the lowest first; equal ones by id.
        check: raises `ValueError`, in words, where a component lacks something.
        modules: names of the room's modules to look into; all of them by default.
    """

    def __init__(
        self,
        kind: str,
        room: str,
        base: type,
        *,
        key: Callable[[Component], str],
        classes: Callable[[type], Component] | None = None,
        order: Callable[[Component], float] = lambda _: LAST,
        check: Callable[[Component], None] = lambda _: None,
        modules: Iterable[str] | None = None,
    ) -> None:
        self.kind = kind
        self.group = f"tunesmith.{kind}s"
        self._room = room
        self._base = base
        self._key = key
        self._classes = classes
        self._order = order
        self._check = check
        self._modules = modules
        self._lock = threading.RLock()
        self._found: dict[str, Component] | None = None
        self._rejected: list[Rejected] = []

    # --- what there is ----------------------------------------------------------------------------

    def __getitem__(self, id: str) -> Component:
        try:
            return self._components[id]
        except KeyError:
            raise MissingComponent("component.missing", kind=self.kind, name=id) from None

    def __contains__(self, id: object) -> bool:
        return id in self._components

    def __iter__(self) -> Iterator[str]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The components of other packages that were left out, each with the reason."""
        self._components  # noqa: B018 - loads them
        return tuple(self._rejected)

    @property
    def _components(self) -> dict[str, Component]:
        with self._lock:
            if self._found is None:
                self._found = self._load()
            return self._found

    # --- finding them -----------------------------------------------------------------------------

    def _load(self) -> dict[str, Component]:
        ours: dict[str, Component] = {}
        for component in self._declared():
            self._adopt(component, ours)
        found = dict(sorted(ours.items(), key=lambda item: (self._order(item[1]), item[0])))
        for point in _entry_points(self.group):
            try:
                loaded = point.load()
                offered = loaded if isinstance(loaded, (tuple, list)) else (loaded,)
                # All of them or none, so that a package is never half there.
                together = dict(found)
                for one in offered:
                    self._adopt(self._made(one), together)
                found = together
            except (Exception, SystemExit) as error:  # whatever somebody else's import may do
                package = point.dist.name if point.dist is not None else point.value
                # The checks say in words what is wrong; of other errors the type helps, too.
                why = (
                    str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
                )
                self._rejected.append(Rejected(self.kind, point.name, package, why))
        return found

    def _declared(self) -> Iterator[Component]:
        """The components that the room's modules hold, each once."""
        seen: set[int] = set()
        for module in self._room_modules():
            for name, value in vars(module).items():
                if not name.startswith("_") and self._is_declared(value, module):
                    component = self._made(value)
                    if id(value) not in seen:
                        seen.add(id(value))
                        yield component

    def _room_modules(self) -> Iterator[ModuleType]:
        package = import_module(self._room)
        names = self._modules
        if names is None:
            names = sorted(info.name for info in iter_modules(package.__path__))
        for name in names:
            yield import_module(f"{self._room}.{name}")

    def _is_declared(self, value: Any, module: ModuleType) -> bool:
        """Whether ``module`` declares a component by ``value``.

        A class counts where it is written, and only if it can be used: one that is abstract, or has
        no card of its own, is a base for others.
        """
        if self._classes is None:
            return isinstance(value, self._base)
        return (
            isinstance(value, type)
            and issubclass(value, self._base)
            and value.__module__ == module.__name__
            and not inspect.isabstract(value)
            and "card" in vars(value)
        )

    def _made(self, value: Any) -> Component:
        if self._classes is not None and isinstance(value, type):
            return self._classes(value)
        return value

    def _adopt(self, component: Component, into: dict[str, Component]) -> None:
        """Check ``component`` and put it into ``into`` under its id."""
        usable = (
            issubclass(component, self._base)
            if isinstance(component, type)
            else isinstance(component, self._base)
        )
        if not usable:
            raise ValueError(f"it is no {self.kind}: {component!r}")
        self._check(component)
        name = self._key(component)
        if name in into:
            raise ValueError(f"there is already a {self.kind} with the id “{name}”")
        into[name] = component


def is_extended(kind: str) -> bool:
    """Whether an installed package offers components of ``kind``; loads none of them."""
    return bool(_entry_points(f"tunesmith.{kind}s"))


def _entry_points(group: str) -> Sequence[metadata.EntryPoint]:
    """Entry points of installed packages for ``group``, in a fixed order."""
    return sorted(metadata.entry_points(group=group), key=lambda point: (point.name, point.value))

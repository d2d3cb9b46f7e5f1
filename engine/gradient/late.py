"""JAX, loaded at its first use, so that engines can be listed, and their costs asked, without it.

Write ``from engine.gradient.late import jax, jnp, lax`` in a file that declares an engine, and use
them inside functions only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

if TYPE_CHECKING:
    import jax as jax
    import jax.numpy as jnp
    from jax import lax as lax
else:

    class _Late:
        """Stands for the module ``name`` and loads it when an attribute is read."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            return getattr(_loaded(self._name), attribute)

    @cache
    def _loaded(name: str) -> ModuleType:
        import_module("engine.gradient.wide")
        return import_module(name)

    jax, jnp, lax = _Late("jax"), _Late("jax.numpy"), _Late("jax.lax")


def jit(function: Function) -> Function:
    """Decorate ``function`` so that `jax.jit` compiles it at its first call, which loads JAX."""

    @cache
    def compiled() -> Callable[..., Any]:
        return jax.jit(function)

    @wraps(function)
    def call(*arguments: Any) -> Any:
        return compiled()(*arguments)

    return call  # type: ignore[return-value]

"""A property that is computed once, without a lock.

`functools.cached_property` of Python 3.11 holds a lock while it computes, one for all objects of a class. Threads wait
there for each other, and a process that is forked meanwhile waits for ever: the thread that would release the lock does
not exist in it.
"""

import functools
from typing import Any, TypeVar, overload

T = TypeVar("T")


class cached_property(functools.cached_property[T]):  # noqa: N801, used as `property` is
    """Use it as `functools.cached_property`. Threads that meet may compute the value twice; all get the first one.

    >>> class Circle:
    ...     @cached_property
    ...     def area(self) -> list[float]:
    ...         return [3.14]
    >>> circle = Circle()
    >>> circle.area is circle.area
    True
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> "cached_property[T]": ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
        """Return the value of an object. Once it is in the object's `__dict__`, Python finds it there."""
        if instance is None:
            return self
        values, name = instance.__dict__, str(self.attrname)
        if name not in values:
            return values.setdefault(name, self.func(instance))  # in one step
        return values[name]

"""Attributes of objects, classes and modules of the project."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read import records
from dagmig.airflow.read.airflow_objects import Dag, Group, Task
from dagmig.airflow.read.defining import Defining
from dagmig.airflow.read.evaluation import Raised
from dagmig.airflow.read.objects import (
    Bound,
    Class,
    Descriptor,
    Func,
    Instance,
    Method,
    Module,
    New,
    Ref,
    Super,
    Unsure,
)

NOTHING = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))


class Attributes(Defining):
    """Finds and sets what stands behind a dot."""

    def enters_itself(self, value: Any) -> bool:
        """Whether the class of an object of the project says what ``with`` does."""
        if isinstance(value, (Task, Group, Dag)):
            instance = self.natives.get(id(value))
            own = ("__enter__", "__exit__")
            return instance is not None and any(isinstance(instance.cls.find(n)[1], Class) for n in own)
        return self.class_of(value) is not None

    def object_attribute(self, owner: Any, name: str, node: ast.AST) -> Any:
        """An attribute of an object, a class, a module ...; ``NotImplemented`` where it is none of those."""
        match owner:
            case Module():
                return self.member_of(owner, name, node)
            case Instance():
                return self._of_instance(owner, owner, name, node)
            case Task() | Group() | Dag() if id(owner) in self.natives:
                instance = self.natives[id(owner)]
                if name in instance.attributes or isinstance(instance.cls.find(name)[1], Class):
                    return self._of_instance(instance, owner, name, node)
            case Class():
                return self._of_class(owner, name, node)
            case Super():
                return self._of_super(owner, name, node)
            case records.NamedTuple():
                return self._of_tuple(owner, name, node)
            case records.OwnDict():
                return self._of_dict(owner, name, node)
            case Descriptor(kind="property") if name in ("fget", "fset"):
                return owner.function if name == "fget" else owner.setter
            case records.Member() | records.TextMember() | records.NumberMember():
                return self._of_member(owner, name, node)
        return NotImplemented

    def _of_instance(self, instance: Instance, owner: Any, name: str, node: ast.AST) -> Any:
        found, cls = instance.cls.find(name)
        if isinstance(found, Descriptor) and found.kind == "property":
            return self._bind(found, owner, instance.cls, node)
        if name in instance.attributes:
            return instance.attributes[name]
        if name == "__class__":
            return instance.cls
        if name == "__dict__":
            return dict(instance.attributes)
        if isinstance(cls, Class):
            return self._bind(found, owner, instance.cls, node)
        if instance.native is not None and owner is instance:
            return self.attribute(instance.native, name, node)
        if isinstance(cls, Ref) or not instance.cls.is_known:
            return Unsure(node, f"`{name}` of an object of `{instance.cls.name}`")
        if (own := self.own_method(owner, "__getattr__")) is not None:
            return self.invoke(own, [owner, name], {}, node)
        raise Raised(AttributeError(name))

    def _of_class(self, cls: Class, name: str, node: ast.AST) -> Any:
        if name == "__name__":
            return cls.name
        if name == "__qualname__":
            return cls.qualname or Unsure(node, "the name of a class inside another scope")
        if name == "_fields" and cls.kind == "named tuple":
            return tuple(cls.fields)
        if name == "__members__" and cls.kind == "enum":
            return dict(cls.fields)
        found, owner = cls.find(name)
        if not isinstance(owner, Class):
            return NotImplemented
        if isinstance(found, Descriptor):
            if found.kind == "staticmethod":
                return found.function
            return Bound(found.function, cls) if found.kind == "classmethod" else found
        return found

    def _of_super(self, owner: Super, name: str, node: ast.AST) -> Any:
        real = owner.owner
        instance = self.natives.get(id(real), real)
        cls = real if isinstance(real, Class) else getattr(instance, "cls", None)
        if not isinstance(cls, Class) or owner.after not in cls.mro:
            return Unsure(node, "`super()`")
        found, source = cls.find(name, owner.after)
        if isinstance(source, Class):
            return self._bind(found, real, cls, node)
        if name == "__init__" and isinstance(real, Instance):
            return Bound(Func("__init__", NOTHING, self.main), owner)
        if isinstance(instance, Instance) and instance.native is not None:
            return Method(instance.native, name)
        if name == "__setattr__" and isinstance(instance, Instance):
            return New("functools.partial", [Ref("builtins.setattr"), instance], {}, node)
        return Unsure(node, f"`super().{name}`")

    def _of_tuple(self, owner: records.NamedTuple, name: str, node: ast.AST) -> Any:
        if name in owner.cls.fields:
            return owner[list(owner.cls.fields).index(name)]
        if name == "_fields":
            return tuple(owner.cls.fields)
        if name in ("_asdict", "_replace"):
            return Bound(Func(name, NOTHING, self.main), owner)
        found, source = owner.cls.find(name)
        return self._bind(found, owner, owner.cls, node) if isinstance(source, Class) else NotImplemented

    def _of_member(self, owner: Any, name: str, node: ast.AST) -> Any:
        if name in ("name", "value", "_value_", "_name_"):
            return owner.name if "name" in name else records.value_of(owner)
        found, cls = owner.cls.find(name)
        if isinstance(cls, Class) or (cls is not None and isinstance(owner, records.Member)):
            return self._bind(found, owner, owner.cls, node)
        return Unsure(node) if isinstance(owner, records.Member) else NotImplemented

    def _of_dict(self, owner: records.OwnDict, name: str, node: ast.AST) -> Any:
        if name in owner.attributes:
            return owner.attributes[name]
        found, cls = owner.cls.find(name)
        return self._bind(found, owner, owner.cls, node) if isinstance(cls, Class) else NotImplemented

    def _bind(self, found: Any, owner: Any, cls: Class, node: ast.AST) -> Any:
        match found:
            case Func():
                return Bound(found, owner)
            case Descriptor(kind="property", function=Func() as getter):
                return self.invoke(getter, [owner], {}, node)
            case Descriptor(kind="staticmethod"):
                return found.function
            case Descriptor(kind="classmethod", function=Func() as function):
                return Bound(function, cls)
            case Descriptor():
                return Unsure(node, "a descriptor of something unknown")
        return found

    def super_here(self, args: list[Any], node: ast.AST) -> Any:
        if args:
            after, owner = args[0], args[1] if len(args) > 1 else None
        elif self.receivers:
            after, owner = self.receivers[-1]
        else:
            return Unsure(node, "`super()`")
        return Super(after, owner) if isinstance(after, Class) else Unsure(node, "`super()`")

    def set_object_attribute(self, owner: Any, name: str, value: Any, node: ast.AST) -> bool:
        """Whether the owner is an object, class or module of the project, whose attribute was set."""
        instance = self.natives.get(id(owner)) if isinstance(owner, (Task, Group, Dag)) else owner
        match instance:
            case Instance():
                found, _ = instance.cls.find(name)
                if isinstance(found, Descriptor) and isinstance(found.setter, Func):
                    self.invoke(found.setter, [owner, value], {}, node)
                    return True
                if isinstance(found, Descriptor):
                    self.doubt(node, f"what setting `{name}` does is not known")
                self.touch(instance.attributes)
                instance.attributes[name] = value
                if instance.native is not None and owner is instance:
                    self.set_attribute(instance.native, name, value, node)
                return owner is instance
            case records.OwnDict():
                self.touch_env(instance.attributes)
                instance.attributes[name] = value
                return True
            case Class():
                self.touch(instance.members)
                instance.members[name] = value
                return True
            case Module():
                self.touch(instance.scope.names)
                instance.scope.names[name] = value
                return True
        return False

"""Terraform addresses are the public interface of a stack: people have state."""

from typing import TypeVar

from cdktf import TerraformElement

Element = TypeVar("Element", bound=TerraformElement)


def pinned(element: Element, name: str) -> Element:
    """`element`, with this name in its Terraform address. To be called before anything refers to the element."""
    element.override_logical_id(name)
    return element

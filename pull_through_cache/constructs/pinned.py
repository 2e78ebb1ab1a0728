"""Names in Terraform addresses."""

from typing import TypeVar

from cdktf import TerraformElement

Element = TypeVar("Element", bound=TerraformElement)


def pinned(element: Element, address: str | None) -> Element:
    """Gives `element` this name in its Terraform address; with None, it keeps the name that cdktf generates.

    Call it before anything refers to the element: cdktf does not rename it afterwards.
    """
    if address:
        element.override_logical_id(address)
    return element

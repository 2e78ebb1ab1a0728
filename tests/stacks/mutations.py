"""Files that are a change away from a deployment."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.stacks.deployments import Data

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["*", "${x}", "ROOT", "#{TfToken[TOKEN.1]}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutations(draw: st.DrawFn, data: Data) -> str:
    """A file that differs from a deployment by one or two changes, in its content or in its syntax."""
    data = deepcopy(data)
    for _ in range(draw(st.integers(1, 2))):
        places = list(_places(data))
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["replace", "take", "rename", "copy"]))
        if change == "replace" or isinstance(container, list):
            container[key] = draw(anything)
        elif change == "take":
            del container[key]
        elif change == "rename":
            container[draw(st.text(max_size=10) | st.sampled_from([key.upper(), key[:-1], f"{key}s"]))] = container.pop(
                key
            )
        else:
            container[key] = deepcopy(draw(st.sampled_from([inner[at] for inner, at in places])))
    text = json.dumps(data, indent=1, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + draw(st.text(max_size=5) | st.sampled_from(["&a ", "*a", "!!set ", "- ", "\t", "? "]))
            + text[at:]
        )
    return text


def _places(data: Any) -> Any:
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)

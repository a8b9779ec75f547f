"""A week as others are shown it, and parts of long lists, as the API gives them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bioklok.office.reflection import read
from bioklok.office.sharing import Shown
from bioklok.school.sharing import Part
from bioklok.web.api_models import CardsIn, Slice

_Item = TypeVar("_Item")
_Out = TypeVar("_Out")


def shown_week(shown: Shown) -> dict[str, Any]:
    """Return what is shown of a week: what was not shared is empty in it."""
    cards = read(shown.cards)
    given = CardsIn(
        noticed=list(cards.noticed),
        noticed_words=cards.noticed_words,
        experiment=cards.experiment,
        experiment_words=cards.experiment_words,
        looking_back=cards.looking_back,
    )
    return shown.week.to_dict() | {
        "parts": [one.value for one in shown.parts],
        "cards": given.model_dump() if Part.REFLECTION in shown.parts else None,
    }


def cut(
    items: Sequence[_Item],
    key: Callable[[_Item], str],
    out: Callable[[_Item], _Out],
    cursor: str,
    limit: int,
) -> Slice[_Out]:
    """Return the part of a list behind a cursor. `items` are in the order of their keys."""
    rest = [one for one in items if not cursor or key(one) > cursor]
    more = key(rest[limit - 1]) if len(rest) > limit else None
    return Slice(items=[out(one) for one in rest[:limit]], next=more)

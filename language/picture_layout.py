"""Places boxes in layers from top to bottom, so that arrows lead down and branches stand side by side.

An arrow that skips layers gets a place of its own in each, so that it never crosses a box; so does every
label. Arrows that lead back up are laid out turned round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SPACE = 26.0
"""Pixels between boxes side by side."""
GAP = 34.0
"""Pixels between layers, without labels."""
LINE = 13.0
"""Pixels of a label's line."""
TIP = 9.0
"""Pixels between a label and the box below it."""
_SWEEPS = 12
_STRAIGHT = 4.0
"""How much more an arrow resists to be bent than a box to be moved."""


@dataclass(frozen=True, slots=True)
class Box:
    """What has to be placed, in pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """Leads from a box to another; `label` lines stand on it, `width` pixels wide."""

    source: str
    target: str
    label: tuple[str, ...] = ()
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place in pixels, from the left and from the top."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """An arrow's way: it bends from the first point to the second, runs straight to the third, and so on;
    `label_at` is the middle of the label's upper side.
    """

    arrow: Arrow
    points: tuple[Point, ...]
    label_at: Point | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where boxes are (middle of the upper side), how arrows run, how large the whole is."""

    places: Mapping[str, Point]
    routes: tuple[Route, ...]
    width: float
    height: float


@dataclass(slots=True)
class _Node:
    """A box, or an arrow's place in a layer."""

    name: str
    box: Box
    layer: int
    x: float = 0.0
    thin: bool = False
    ups: list[_Node] = field(default_factory=list)
    downs: list[_Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Chain:
    arrow: Arrow
    turned: bool
    nodes: tuple[_Node, ...]


def laid_out(boxes: Mapping[str, Box], arrows: Sequence[Arrow]) -> Layout:
    """Places boxes and arrows, the first box uppermost; an arrow from a box to itself is left out."""
    arrows = [arrow for arrow in arrows if arrow.source != arrow.target]
    turned = _turned(list(boxes), arrows)
    layers_of = _layers_of(list(boxes), arrows, turned)
    nodes = {name: _Node(name, box, layers_of[name]) for name, box in boxes.items()}
    chains = [_chain(nodes, arrow, arrow in turned) for arrow in arrows]
    layers = _layers(nodes)
    _order(layers)
    _spread(layers)
    tops = _tops(layers, chains)
    return _finished(nodes, chains, tops)


def _turned(names: Sequence[str], arrows: Sequence[Arrow]) -> set[Arrow]:
    """Finds the arrows that lead back up."""
    leaving: dict[str, list[Arrow]] = {name: [] for name in names}
    for arrow in arrows:
        leaving[arrow.source].append(arrow)
    turned: set[Arrow] = set()
    done: set[str] = set()
    for root in names:
        open_: dict[str, int] = {root: 0} if root not in done else {}
        while open_:
            name = next(reversed(open_))
            if open_[name] == len(leaving[name]):
                del open_[name]
                done.add(name)
                continue
            arrow = leaving[name][open_[name]]
            open_[name] += 1
            if arrow.target in open_:
                turned.add(arrow)
            elif arrow.target not in done:
                open_[arrow.target] = 0
    return turned


def _ends(arrow: Arrow, *, turned: bool) -> tuple[str, str]:
    return (arrow.target, arrow.source) if turned else (arrow.source, arrow.target)


def _layers_of(names: Sequence[str], arrows: Sequence[Arrow], turned: set[Arrow]) -> dict[str, int]:
    """Gives each box its layer: below everything that leads to it, with room for labels where ways meet."""
    downs = [(*_ends(arrow, turned=arrow in turned), arrow) for arrow in arrows]
    meeting = {target for _, target, _ in downs if sum(one == target for _, one, _ in downs) > 1}
    layers = dict.fromkeys(names, 0)
    for _ in names:
        moved = False
        for source, target, arrow in downs:
            least = layers[source] + (2 if arrow.label and target in meeting else 1)
            if layers[target] < least:
                layers[target], moved = least, True
        if not moved:
            break
    return layers


def _chain(nodes: Mapping[str, _Node], arrow: Arrow, turned: bool) -> _Chain:
    upper, lower = _ends(arrow, turned=turned)
    first, last = nodes[upper], nodes[lower]
    between: list[_Node] = []
    for layer in range(first.layer + 1, last.layer):
        width = max(arrow.width, 12.0) if layer == first.layer + 1 else 12.0
        between.append(_Node(f"{upper}>{lower}", Box(width, 0.0), layer, thin=True))
    chain = (first, *between, last)
    for above, below in pairwise(chain):
        above.downs.append(below)
        below.ups.append(above)
    if not between and arrow.width > last.box.width:
        last.box = Box(arrow.width, last.box.height)
    return _Chain(arrow, turned, chain)


def _layers(nodes: Mapping[str, _Node]) -> list[list[_Node]]:
    """Sorts everything into layers, in the order in which a reader comes to it."""
    depth = max((node.layer for node in nodes.values()), default=-1) + 1
    layers: list[list[_Node]] = [[] for _ in range(depth)]
    seen: set[int] = set()
    stack = [node for node in reversed(list(nodes.values())) if not node.ups]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            layers[node.layer].append(node)
            stack += reversed(node.downs)
    return layers


def _order(layers: list[list[_Node]]) -> None:
    """Looks for the order with the fewest crossings."""
    _number(layers)
    best, least = [list(layer) for layer in layers], _crossings(layers)
    for number in range(_SWEEPS):
        if not least:
            break
        _reorder(layers, down=number % 2 == 0)
        _swap(layers)
        found = _crossings(layers)
        if found < least:
            best, least = [list(layer) for layer in layers], found
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order
    _number(layers)


def _number(layers: Sequence[Sequence[_Node]]) -> None:
    for layer in layers:
        for place, node in enumerate(layer):
            node.x = float(place)


def _reorder(layers: Sequence[list[_Node]], *, down: bool) -> None:
    """Moves everything in its layer towards the middle of what it hangs on."""
    for layer in layers[1:] if down else reversed(layers[:-1]):
        wanted = {id(node): _middle(node.ups if down else node.downs, node.x) for node in layer}
        layer.sort(key=lambda node: wanted[id(node)])
        for place, node in enumerate(layer):
            node.x = float(place)


def _swap(layers: Sequence[list[_Node]]) -> None:
    """Swaps neighbours where fewer ways cross then."""
    for layer in layers:
        for at in range(len(layer) - 1):
            left, right = layer[at], layer[at + 1]
            if _crossed(left, right) > _crossed(right, left):
                layer[at], layer[at + 1] = right, left
                left.x, right.x = right.x, left.x


def _crossed(left: _Node, right: _Node) -> int:
    """Counts how often the ways of two neighbours cross in this order."""
    return sum(
        one.x > other.x
        for ones, others in ((left.ups, right.ups), (left.downs, right.downs))
        for one in ones
        for other in others
    )


def _crossings(layers: Sequence[Sequence[_Node]]) -> int:
    return sum(
        one.x > other.x
        for layer in layers
        for number, left in enumerate(layer)
        for right in layer[number + 1 :]
        for one in left.downs
        for other in right.downs
    )


def _middle(neighbours: Sequence[_Node], otherwise: float) -> float:
    return sum(node.x for node in neighbours) / len(neighbours) if neighbours else otherwise


def _spread(layers: Sequence[list[_Node]]) -> None:
    """Gives everything its place from the left, as near as may be to what it hangs on."""
    for layer in layers:
        _place(layer, [0.0] * len(layer))
    for number in range(4 * _SWEEPS):
        down = number % 2 == 0
        for layer in layers if down else reversed(layers):
            _place(layer, [_wanted(node, down=down) for node in layer])
    for layer in layers:
        _place(layer, [_below(node) for node in layer])


def _below(node: _Node) -> float:
    """Gives the place right below what leads here alone; anything else stays."""
    alone = len(node.ups) == 1 and len(node.ups[0].downs) == 1
    return node.ups[0].x if alone else node.x


def _wanted(node: _Node, *, down: bool) -> float:
    near = node.ups if down else node.downs
    return _middle(near or (node.downs if down else node.ups), node.x)


def _place(layer: Sequence[_Node], wanted: Sequence[float]) -> None:
    """Puts a layer's boxes where they want to be, as far as they have room in this order (least squares)."""
    offset = 0.0
    groups: list[tuple[float, float, int]] = []
    offsets: list[float] = []
    for number, node in enumerate(layer):
        if number:
            offset += (layer[number - 1].box.width + node.box.width) / 2 + SPACE
        offsets.append(offset)
        weight = _STRAIGHT if node.thin else 1.0
        groups.append(((wanted[number] - offset) * weight, weight, 1))
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            (total, heavy, count), (more, weight, others) = groups[-2], groups.pop()
            groups[-1] = (total + more, heavy + weight, count + others)
    places = [total / weight for total, weight, count in groups for _ in range(count)]
    for node, place, moved in zip(layer, places, offsets, strict=True):
        node.x = place + moved


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer from the top: where its labels begin, its boxes begin, its boxes end."""

    labels: float
    top: float
    bottom: float


def _tops(layers: Sequence[Sequence[_Node]], chains: Sequence[_Chain]) -> list[_Layer]:
    """Gives each layer its place from the top, with room for the labels above it."""
    lines = [0] * len(layers)
    for chain in chains:
        below = chain.nodes[0].layer + 1
        if below < len(lines):
            lines[below] = max(lines[below], len(chain.arrow.label))
    found: list[_Layer] = []
    bottom = -GAP
    for number, layer in enumerate(layers):
        labels = bottom + GAP
        top = labels + (LINE * lines[number] + TIP if lines[number] else 0.0)
        bottom = top + max((node.box.height for node in layer), default=0.0)
        found.append(_Layer(labels, top, bottom))
    return found


def _finished(nodes: Mapping[str, _Node], chains: Sequence[_Chain], layers: Sequence[_Layer]) -> Layout:
    everything = [*nodes.values(), *(node for chain in chains for node in chain.nodes[1:-1])]
    left = min((node.x - node.box.width / 2 for node in everything), default=0.0)
    right = max((node.x + node.box.width / 2 for node in everything), default=0.0)
    for node in everything:
        node.x -= left
    places = {name: Point(node.x, layers[node.layer].top) for name, node in nodes.items()}
    routes = tuple(_route(chain, layers) for chain in chains)
    return Layout(places, routes, right - left, layers[-1].bottom if layers else 0.0)


def _route(chain: _Chain, layers: Sequence[_Layer]) -> Route:
    """Bends between layers, and runs straight down beside labels and boxes."""
    first, *others = chain.nodes
    points = [Point(first.x, layers[first.layer].top + first.box.height)]
    if points[0].y < layers[first.layer].bottom:
        points += [points[0], Point(first.x, layers[first.layer].bottom)]
    for node in others:
        layer = layers[node.layer]
        last = node is others[-1]
        points += [Point(node.x, layer.labels), Point(node.x, layer.top if last else layer.bottom)]
    label = chain.arrow.label
    below = layers[first.layer + 1] if label and first.layer + 1 < len(layers) else None
    at = Point(others[0].x, below.top - TIP - LINE * len(label)) if below is not None else None
    return Route(chain.arrow, tuple(reversed(points)) if chain.turned else tuple(points), at)

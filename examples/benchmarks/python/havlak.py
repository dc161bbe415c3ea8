"""A large control-flow graph with nested loops, which are found by Havlak's algorithm."""
from collections import deque

from program import Program


class Node:
    def __init__(self, number):
        self.number = number
        self.predecessors = []
        self.successors = []

    def connect_to(self, node):
        self.successors.append(node)
        node.predecessors.append(self)


class Graph:
    def __init__(self):
        self.nodes = []
        self.add_node()

    def add_node(self):
        node = Node(len(self.nodes))
        self.nodes.append(node)
        return node

    def diamond(self, start):
        """A choice of two ways that meet again; answers where."""
        left, right, end = self.add_node(), self.add_node(), self.add_node()
        start.connect_to(left)
        start.connect_to(right)
        left.connect_to(end)
        right.connect_to(end)
        return end

    def straight(self, count, start):
        node = start
        for _ in range(count):
            following = self.add_node()
            node.connect_to(following)
            node = following
        return node

    def loops_nested(self, depth, start):
        """A loop with a diamond in it, and there depth - 1 loops more; answers its end."""
        head = self.straight(1, start)
        body = self.diamond(head)
        if depth > 1:
            body = self.loops_nested(depth - 1, body)
        body.connect_to(head)
        return self.straight(1, body)


class Region:
    """Stands for a node, later for the whole loop that was found around it: union leads to what has swallowed it."""

    def __init__(self, node):
        self.node = node
        self.union = self
        self.header = None
        self.is_reducible = True

    def find(self):
        root = self
        while root.union is not root:
            root = root.union
        each = self
        while each.union is not root:
            following = each.union
            each.union = root
            each = following
        return root


class LoopFinder:
    def __init__(self, graph):
        self.graph = graph
        self.numbers = [None] * len(graph.nodes)
        self.lasts = [None] * len(graph.nodes)
        self.regions = []
        self.loops = 0
        self.irreducible = 0

    def find(self):
        self.number_from(self.graph.nodes[0])
        for index in range(len(self.regions) - 1, -1, -1):
            self.find_loop_at(index)

    def number_from(self, start):
        """Depth first, without recursion for graphs may be deep."""
        nodes = [start]
        counts = [0]
        self.enter(start)
        while nodes:
            node = nodes[-1]
            count = counts.pop()
            if count < len(node.successors):
                counts.append(count + 1)
                following = node.successors[count]
                if self.numbers[following.number] is None:
                    self.enter(following)
                    nodes.append(following)
                    counts.append(0)
            else:
                nodes.pop()
                self.lasts[self.numbers[node.number]] = len(self.regions) - 1

    def enter(self, node):
        self.numbers[node.number] = len(self.regions)
        self.regions.append(Region(node))

    def is_ancestor(self, ancestor, descendant):
        return ancestor <= descendant <= self.lasts[ancestor]

    def find_loop_at(self, index):
        header = self.regions[index]
        body = {region for region in self.back_edges_to(index) if region is not header}
        if not body and not self.has_self_loop(index):
            return
        worklist = deque(body)
        while worklist:
            for region in self.predecessors_of(worklist.popleft()):
                if not self.is_ancestor(index, self.numbers[region.node.number]):
                    header.is_reducible = False
                elif region is not header and region not in body:
                    body.add(region)
                    worklist.append(region)
        self.loops += 1
        if not header.is_reducible:
            self.irreducible += 1
        for each in body:
            each.header = header
            each.union = header

    def back_edges_to(self, index):
        for each in self.regions[index].node.predecessors:
            number = self.numbers[each.number]
            if number is not None and self.is_ancestor(index, number):
                yield self.regions[number].find()

    def has_self_loop(self, index):
        return any(region is self.regions[index] for region in self.back_edges_to(index))

    def predecessors_of(self, region):
        """Edges that come back from inside are not counted."""
        own = self.numbers[region.node.number]
        for each in region.node.predecessors:
            number = self.numbers[each.number]
            if number is not None and not self.is_ancestor(own, number):
                yield self.regions[number].find()

    def maximum_depth(self):
        """How many loops are within each other, at most."""
        maximum = 0
        for each in self.regions:
            depth = 0
            region = each.header
            while region is not None:
                depth += 1
                region = region.header
            maximum = max(maximum, depth)
        return maximum


def havlak(inner):
    graph = Graph()
    node = graph.diamond(graph.nodes[0])
    for _ in range(inner):
        node = graph.loops_nested(4, graph.straight(2, node))
    finder = LoopFinder(graph)
    finder.find()
    return f"#({finder.loops} {finder.irreducible} {finder.maximum_depth()})"


PROGRAMS = [Program("Havlak", 200, 10, havlak, lambda inner: f"#({inner * 4} 0 4)")]

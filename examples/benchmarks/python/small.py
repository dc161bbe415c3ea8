"""The programs that fit a screen: Fib, Sieve, Queens, Permute, Towers, Bounce, List, Storage, BinaryTrees."""
from program import Program, Random, times


def bench_fib(n):
    return 1 if n < 2 else bench_fib(n - 1) + bench_fib(n - 2) + 1


def fib_expected(inner):
    a = b = 1
    for _ in range(inner):
        a, b = b, a + b
    return 2 * a - 1


def primes_up_to(limit):
    is_prime = [True] * (limit + 1)
    count = 0
    for number in range(2, limit + 1):
        if is_prime[number]:
            count += 1
            for multiple in range(number + number, limit + 1, number):
                is_prime[multiple] = False
    return count


class Queens:
    def __init__(self, size):
        self.size = size
        self.free_columns = [True] * size
        self.free_rising = [True] * (2 * size)
        self.free_falling = [True] * (2 * size)
        self.solutions = 0

    def place(self, row):
        if row >= self.size:
            self.solutions += 1
            return
        for column in range(self.size):
            if self.is_free(row, column):
                self.set(row, column, False)
                self.place(row + 1)
                self.set(row, column, True)

    def is_free(self, row, column):
        return (self.free_columns[column] and self.free_rising[row + column]
                and self.free_falling[row - column + self.size])

    def set(self, row, column, value):
        self.free_columns[column] = value
        self.free_rising[row + column] = value
        self.free_falling[row - column + self.size] = value


def queens():
    board = Queens(8)
    board.place(0)
    return board.solutions


class Permute:
    def __init__(self):
        self.elements = list(range(1, 8))
        self.count = 0
        self.checksum = 0

    def permute(self, length):
        if length == 1:
            self.count += 1
            self.checksum += self.elements[0]
            return
        for i in range(length):
            self.swap(i, length - 1)
            self.permute(length - 1)
            self.swap(i, length - 1)

    def swap(self, i, j):
        element = self.elements[i]
        self.elements[i] = self.elements[j]
        self.elements[j] = element


def permute():
    program = Permute()
    program.permute(7)
    return f"{program.count}->{program.checksum}"


class Disk:
    def __init__(self, radius):
        self.radius = radius
        self.below = None


class Towers:
    def __init__(self, height):
        self.poles = [None, None, None]
        self.moves = 0
        for radius in range(height, 0, -1):
            self.put(Disk(radius), 0)

    def put(self, disk, pole):
        top = self.poles[pole]
        if top is not None and top.radius < disk.radius:
            raise ValueError("a disk cannot lie on a smaller one")
        disk.below = top
        self.poles[pole] = disk

    def take(self, pole):
        top = self.poles[pole]
        self.poles[pole] = top.below
        return top

    def move(self, count, source, target, other):
        if count == 0:
            return
        self.move(count - 1, source, other, target)
        self.put(self.take(source), target)
        self.moves += 1
        self.move(count - 1, other, target, source)

    def height(self, pole):
        height = 0
        disk = self.poles[pole]
        while disk is not None:
            height += 1
            disk = disk.below
        return height


def towers():
    program = Towers(13)
    program.move(13, 0, 1, 2)
    return program.moves if program.height(1) == 13 else -1


class Ball:
    def __init__(self, random):
        self.x = random.next() % 500
        self.y = random.next() % 500
        self.x_speed = random.next() % 300 - 150
        self.y_speed = random.next() % 300 - 150

    def move(self):
        """Flies for one step; tells whether it bounced."""
        bounced = False
        self.x += self.x_speed
        self.y += self.y_speed
        if self.x > 500:
            self.x = 500
            self.x_speed = -abs(self.x_speed)
            bounced = True
        if self.x < 0:
            self.x = 0
            self.x_speed = abs(self.x_speed)
            bounced = True
        if self.y > 500:
            self.y = 500
            self.y_speed = -abs(self.y_speed)
            bounced = True
        if self.y < 0:
            self.y = 0
            self.y_speed = abs(self.y_speed)
            bounced = True
        return bounced


def bounces():
    random = Random()
    balls = [Ball(random) for _ in range(100)]
    count = 0
    for _ in range(50):
        for ball in balls:
            if ball.move():
                count += 1
    return count


class Element:
    def __init__(self, following):
        self.next = following

    def length(self):
        return 1 if self.next is None else 1 + self.next.length()


def list_of_length(length):
    return None if length == 0 else Element(list_of_length(length - 1))


def is_shorter(one, other):
    while other is not None:
        if one is None:
            return True
        one = one.next
        other = other.next
    return False


def tak(x, y, z):
    if is_shorter(y, x):
        return tak(tak(x.next, y, z), tak(y.next, z, x), tak(z.next, x, y))
    return z


def takeuchi():
    return tak(list_of_length(15), list_of_length(10), list_of_length(6))


class Storage:
    def __init__(self):
        self.random = Random()
        self.count = 0

    def tree(self, depth):
        self.count += 1
        if depth == 1:
            return [None] * (self.random.next() % 10 + 1)
        node = [None] * 4
        for i in range(4):
            node[i] = self.tree(depth - 1)
        return node


def storage():
    program = Storage()
    program.tree(7)
    return program.count


class TreeNode:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        return 1 if self.left is None else 1 + self.left.count() + self.right.count()


def tree_of_depth(depth):
    if depth == 0:
        return TreeNode(None, None)
    return TreeNode(tree_of_depth(depth - 1), tree_of_depth(depth - 1))


def binary_trees(inner):
    lasting = tree_of_depth(inner)
    total = tree_of_depth(inner + 1).count()
    for depth in range(4, inner + 1, 2):
        for _ in range(1 << (inner - depth + 4)):
            total += tree_of_depth(depth).count()
    return total + lasting.count()


def binary_trees_expected(inner):
    total = (1 << (inner + 2)) - 1 + (1 << (inner + 1)) - 1
    for depth in range(4, inner + 1, 2):
        total += (1 << (inner - depth + 4)) * ((1 << (depth + 1)) - 1)
    return total


PROGRAMS = [
    Program("BinaryTrees", 10, 6, binary_trees, binary_trees_expected),
    Program("Bounce", 50, 1, lambda inner: times(inner, bounces), lambda inner: 1331),
    Program("Fib", 26, 10, bench_fib, fib_expected),
    Program("List", 50, 1, lambda inner: times(inner, takeuchi).length(), lambda inner: 10),
    Program("Permute", 20, 1, lambda inner: times(inner, permute), lambda inner: "5040->20160"),
    Program("Queens", 5, 1, lambda inner: times(inner, queens), lambda inner: 92),
    Program("Sieve", 100, 1, lambda inner: times(inner, lambda: primes_up_to(5000)), lambda inner: 669),
    Program("Storage", 20, 1, lambda inner: times(inner, storage), lambda inner: 5461),
    Program("Towers", 20, 1, lambda inner: times(inner, towers), lambda inner: 8191),
]

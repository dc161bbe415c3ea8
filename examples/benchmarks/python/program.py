"""What every port of a benchmark program is, and the numbers that some of them draw."""


class Program:
    """run(inner) does the work and answers something whose str is what Smalltalk prints for its answer."""

    def __init__(self, name, default_inner, small_inner, run, expected=None, is_right=None):
        self.name = name
        self.default_inner = default_inner
        self.small_inner = small_inner
        self.run = run
        self.is_right = is_right or (lambda answer, inner: str(answer) == str(expected(inner)))


class Random:
    """Very simple pseudo-random numbers, the same ones in every language."""

    def __init__(self):
        self.seed = 74755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65535
        return self.seed


def times(inner, work):
    """Does it so many times; answers the last answer."""
    answer = None
    for _ in range(inner):
        answer = work()
    return answer

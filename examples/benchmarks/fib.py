"""Recursive Fibonacci that counts its calls, as Integer>>benchFib does: nanoseconds a call, median of rounds."""
import statistics
import sys
import time


def fib(n):
    return 1 if n < 2 else fib(n - 1) + fib(n - 2) + 1


def main(n, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        calls = fib(n)
        times.append((time.perf_counter() - start) / calls * 1e9)
    print(calls, statistics.median(times))


main(int(sys.argv[1]), int(sys.argv[2]))

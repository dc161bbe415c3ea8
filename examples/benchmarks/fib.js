/** Recursive Fibonacci that counts its calls, as Integer>>benchFib does: nanoseconds a call, median of rounds. */
/** @param {number} n @returns {number} */
function fib(n) {
  return n < 2 ? 1 : fib(n - 1) + fib(n - 2) + 1;
}

const [n, rounds] = process.argv.slice(2).map(Number);
fib(20);
let calls = 0;
const times = [];
for (let i = 0; i < rounds; i++) {
  const start = performance.now();
  calls = fib(n);
  times.push(((performance.now() - start) / calls) * 1e6);
}
times.sort((a, b) => a - b);
console.log(calls, times[rounds >> 1]);

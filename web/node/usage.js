/** usage.js: wrong usage of a command: exit code 2. */
export class UsageError extends Error {
  exitCode = 2;
}

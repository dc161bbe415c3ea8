/** eval: the value of an expression. */
import { parseArgs } from 'node:util';
import { openImage, runAsAsked, vmOptions, vmOptionsHelp } from '../session.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst eval [OPTIONS] EXPRESSION

Evaluates statements in the default image and prints the value of the last as Smalltalk prints it. An error goes to
stderr with a stack trace, and the exit code is 1.

${vmOptionsHelp}
Examples:
  ./catalyst eval '100 factorial printString size'
  ./catalyst eval "| s | s := 0. 1 to: 10 do: [:i | s := s + i]. s"
`;

/** @param {string[]} argv */
export async function run(argv) {
  // No option has one dash, so what begins with one is an expression: '-3 abs'.
  const options = argv.filter((arg) => !/^-[^-]/.test(arg));
  const { values, positionals } = parseArgs({ args: options, options: vmOptions, allowPositionals: true });
  const [expression, ...extra] = [...positionals, ...argv.filter((arg) => !options.includes(arg))];
  if (expression === undefined) throw new UsageError("an expression is needed: ./catalyst eval '3 + 4'");
  if (extra.length > 0) throw new UsageError(`one expression is needed, quoted: ./catalyst eval '${[expression, ...extra].join(' ')}'`);
  return runAsAsked(openImage('default', ['eval', expression], values), values);
}

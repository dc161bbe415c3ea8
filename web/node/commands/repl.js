/** repl: read, evaluate, print. */
import { parseArgs } from 'node:util';
import { openImage, runAsAsked, vmOptions, vmOptionsHelp } from '../session.js';

export const help = `Usage: ./catalyst repl [OPTIONS]

Reads expressions from standard input, a line each, and prints their values. Variables that are assigned
stay for the following lines. End with Control-D.

${vmOptionsHelp}`;

/** @param {string[]} argv */
export async function run(argv) {
  const { values } = parseArgs({ args: argv, options: vmOptions });
  return runAsAsked(openImage('default', ['repl'], values), values);
}

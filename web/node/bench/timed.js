/**
 * timed.js: runs the default image once in this process, with the options and arguments given, and writes to standard error, as
 * JSON, how long it took without Node's own start and the compiling of the core, and what the VM counted.
 *
 *     node timed.js OPTION… -- ARGUMENT…
 */
import { parseArgs } from 'node:util';
import { openImage, runToEnd, vmOptions } from '../session.js';

const split = process.argv.indexOf('--');
const { values } = parseArgs({ args: process.argv.slice(2, split), options: vmOptions });
const start = performance.now();
const vm = openImage('default', process.argv.slice(split + 1), values);
const opened = performance.now();
const cpu = process.cpuUsage();
process.exitCode = await runToEnd(vm);
const end = performance.now();
const { user, system } = process.cpuUsage(cpu);
process.stderr.write(`\n${JSON.stringify({ ms: end - opened, openMs: opened - start, cpuMs: (user + system) / 1000, stats: vm.stats() })}\n`);

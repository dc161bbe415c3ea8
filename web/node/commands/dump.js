/** dump: what an image holds and how the VM sees it. */
import { parseArgs } from 'node:util';
import { openImage, refusalsText, vmOptions } from '../session.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst dump IMAGE --primitives [--json]
       ./catalyst dump IMAGE --refusals [--json]
       ./catalyst dump IMAGE Class>>selector [--stage bytecode|wat|wasm|wat@PC|wasm@PC] [--json]

--primitives   every primitive that the image's methods name, and whether the VM has it
--refusals     every method and block that would not be translated: the phase that refuses it, its name, the bytecode's
               pc and the reason; then how often which
Class>>selector, 'Class class>>selector': the method's bytecode, and its translation as WebAssembly text (wat) or
               hex (wasm), exactly as it is installed; with @PC the continuation from that bytecode on

IMAGE may be 'default'.
`;

/** @param {import('../../runtime/vm.js').NamedPrimitive[]} rows */
function printPrimitives(rows) {
  for (const { number, module, name, methods, have } of rows) {
    const what = number === 117 ? `${module ? module + ' ' : ''}${name}` : `${number}${name ? ' ' + name : ''}`;
    process.stdout.write(`${have ? 'yes    ' : 'missing'} ${String(methods).padStart(4)} method${methods === 1 ? ' ' : 's'}  ${what}\n`);
  }
  const missing = rows.filter((row) => !row.have).length;
  process.stdout.write(`${rows.length} primitives named, ${rows.length - missing} in the VM, ${missing} missing\n`);
}

/** @param {{tried: number, refused: {method: string, phase: string, pc: number, reason: string}[]}} survey */
function printRefusals({ tried, refused }) {
  for (const { method, phase, pc, reason } of refused) process.stdout.write(`${phase.padEnd(12)} ${method} (pc ${pc}): ${reason}\n`);
  process.stdout.write(`${tried} methods and blocks, ${refused.length} refused\n${refusalsText(refused)}`);
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { ...vmOptions, primitives: { type: 'boolean' }, refusals: { type: 'boolean' }, stage: { type: 'string' } },
    allowPositionals: true,
  });
  const [image, method] = positionals;
  if (image === undefined) throw new UsageError('an image is needed; ./catalyst dump --help shows the forms');
  const vm = openImage(image, [], values);
  if (values.primitives) {
    const rows = vm.primitives();
    if (values.json) process.stdout.write(JSON.stringify(rows) + '\n');
    else printPrimitives(rows);
    return 0;
  }
  if (values.refusals) {
    const survey = vm.refusals();
    if (values.json) process.stdout.write(JSON.stringify(survey) + '\n');
    else printRefusals(survey);
    return 0;
  }
  if (method === undefined) throw new UsageError('say what to dump: --primitives, --refusals or Class>>selector');
  const stage = values.stage ?? 'bytecode';
  if (!/^(bytecode|(wat|wasm)(@\d+)?)$/.test(stage)) throw new UsageError(`--stage ${stage}: one of bytecode, wat, wasm, wat@PC, wasm@PC`);
  const text = vm.dumpMethod(method, stage);
  process.stdout.write(text.endsWith('\n') ? text : text + '\n');
  return 0;
}

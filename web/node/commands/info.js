/** info: what an image is, before anything of it runs. */
import { parseArgs } from 'node:util';
import { imagePath, openImage, vmOptions } from '../session.js';
import { UsageError } from '../usage.js';

const CLASSES = 20;

export const help = `Usage: ./catalyst info IMAGE [--classes=N] [--json]

Says what an image is, and runs nothing of it: its format and byte order, the bytecode sets of its methods, the classes with the
most bytes of instances, its processes with their stacks, and the primitives and plugins that its methods name, with those
that this VM has not.

--classes=N    so many classes (default ${CLASSES})
--json         everything: all classes, processes and primitives

IMAGE may be 'default'. ./catalyst dump IMAGE --primitives lists the primitives one by one.
`;

const count = (/** @type {number} */ n) => n.toLocaleString('en');
const kilobytes = (/** @type {number} */ bytes) => `${count(Math.ceil(bytes / 1024))} KB`;

/** @param {import('../../runtime/vm.js').ImageInfo} info @param {import('../../runtime/vm.js').Census} census */
function bytecodeSets({ closures }, { methods, alternate_methods: sista }) {
  const v3 = closures ? 'V3 with closures' : 'V3, blocks without closures';
  const sets = [...(methods > sista ? [`${count(methods - sista)} methods in ${v3}`] : []), ...(sista > 0 ? [`${count(sista)} methods in SistaV1`] : [])];
  return sets.join(', ') || 'no methods';
}

/** The modules that named primitives belong to, with how many of theirs there are and are missing.
 * @param {import('../../runtime/vm.js').NamedPrimitive[]} primitives */
function plugins(primitives) {
  /** @type {Map<string, {named: number, missing: number}>} */
  const found = new Map();
  for (const { number, module, have } of primitives) {
    if (number !== NAMED) continue;
    const plugin = found.get(module) ?? { named: 0, missing: 0 };
    plugin.named++;
    if (!have) plugin.missing++;
    found.set(module, plugin);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([module, figures]) => ({ module, ...figures }));
}
/** The primitive number of all named primitives. */
const NAMED = 117;

/** @param {string} file @param {ReturnType<typeof describe>} image @param {number} limit */
function text(file, { info, census, primitives, plugins: modules }, limit) {
  const lines = [
    file,
    `format      ${info.format}: ${info.kind}; ${info.swapped ? 'big-endian' : 'little-endian'}${info.converted ? '; converted when it is loaded' : ''}`,
    `screen      ${info.width} x ${info.height} when it was saved`,
    `objects     ${count(info.objects)}, ${kilobytes(info.bytes)}`,
    `bytecode    ${bytecodeSets(info, census)}`,
    '',
    `${'instances'.padStart(10)} ${'size'.padStart(12)}  class`,
    ...census.classes.slice(0, limit).map(({ name, instances, bytes }) => `${count(instances).padStart(10)} ${kilobytes(bytes).padStart(12)}  ${name}`),
    ...(census.classes.length > limit ? [`${''.padStart(23)}  and ${count(census.classes.length - limit)} classes more`] : []),
    '',
  ];
  for (const { priority, state, stack } of census.processes) {
    if (stack.length === 0) continue;
    lines.push(`process of priority ${priority}, ${state}`, ...stack.map((line) => `    ${line}`));
  }
  const ended = census.processes.filter(({ stack }) => stack.length === 0).length;
  if (ended > 0) lines.push(`${count(ended)} processes that have ended`);
  const missing = primitives.filter(({ have }) => !have);
  const numbers = missing.filter(({ number }) => number !== NAMED).map(({ number, name }) => `${number}${name ? ` (${name})` : ''}`);
  lines.push('', `primitives  ${primitives.length} named by methods, ${missing.length} of them missing here`);
  if (numbers.length > 0) lines.push(`missing     numbers ${numbers.join(', ')}`);
  lines.push('plugins');
  for (const { module, named, missing: lost } of modules)
    lines.push(`    ${(module || '(of the VM itself)').padEnd(28)} ${String(named).padStart(3)} primitives${lost > 0 ? `, ${lost} missing` : ''}`);
  return lines.join('\n') + '\n';
}

/** @param {import('../../runtime/vm.js').VM} vm */
function describe(vm) {
  const census = vm.census();
  census.classes.sort((a, b) => b.bytes - a.bytes);
  census.processes.sort((a, b) => b.priority - a.priority);
  const primitives = vm.primitives();
  return { info: vm.imageInfo(), census, primitives, plugins: plugins(primitives) };
}

/** @param {string[]} argv */
export async function run(argv) {
  const { values, positionals } = parseArgs({ args: argv, options: { ...vmOptions, classes: { type: 'string' } }, allowPositionals: true });
  const [image, ...more] = positionals;
  if (image === undefined || more.length > 0) throw new UsageError('one image is needed: ./catalyst info IMAGE');
  const limit = values.classes === undefined ? CLASSES : Number(values.classes);
  if (!(Number.isInteger(limit) && limit >= 0)) throw new UsageError(`--classes=${values.classes}: a number of classes is needed`);
  const described = describe(openImage(image, [], values));
  process.stdout.write(values.json ? JSON.stringify({ file: imagePath(image), ...described }) + '\n' : text(imagePath(image), described, limit));
  return 0;
}

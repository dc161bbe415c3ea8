/** convert: an image of any format that can be read, as a file of the format that this VM writes. */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { imagePath, openImage, vmOptions } from '../session.js';
import { UsageError } from '../usage.js';

export const help = `Usage: ./catalyst convert IMAGE -o OTHER

Reads an image of any format that this VM knows, in either byte order, of 32 or 64 bits, and writes it as a little-endian
Spur image of 32 bits: format 6521, or 7033 where its methods use two bytecode sets. Nothing of it runs.

An image from before Spur (6502, 6504, 6505) keeps its own method headers and Characters, which its own code computes with. It
is written as 16520 or 16521, which no VM but this one reads, so that none takes it for a 6521.
`;

/** @param {string[]} argv */
export async function run(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { ...vmOptions, output: { type: 'string', short: 'o' } },
    allowPositionals: true,
  });
  const [image, ...more] = positionals;
  if (image === undefined || more.length > 0 || values.output === undefined)
    throw new UsageError('an image and a file to write are needed: ./catalyst convert IMAGE -o OTHER');
  const output = path.resolve(values.output);
  if (fs.existsSync(output) && fs.realpathSync(output) === fs.realpathSync(imagePath(image)))
    throw new UsageError('the image would replace itself; -o wants another file');
  const vm = openImage(image, [], { ...values, 'allow-write': [...(values['allow-write'] ?? []), path.dirname(output)] });
  const before = vm.imageInfo();
  vm.save(output);
  const after = openImage(output, [], values).imageInfo();
  process.stdout.write(
    `${before.format}${before.swapped ? ', big-endian' : ''}, ${before.objects.toLocaleString('en')} objects -> ` +
      `${output}: ${after.format}, ${after.objects.toLocaleString('en')} objects\n${after.kind}\n`,
  );
  return 0;
}

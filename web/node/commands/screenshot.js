/** screenshot: what an image shows after a while. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writePng } from '../png.js';
import { openImage, parseDuration, runAsAsked, vmOptions, vmOptionsHelp } from '../session.js';
import { UsageError } from '../usage.js';

const DEFAULT_SECONDS = 5;
const DEFAULT_DISPLAY = '1024x768';

export const help = `Usage: ./catalyst screenshot IMAGE [--after TIME] -o FILE.png [OPTIONS] [-- ARGS]

Runs an image with a virtual display (--display=WxH; ${DEFAULT_DISPLAY} without it) for that long (such as 500ms or 5s;
${DEFAULT_SECONDS}s without it), or until it quits, and writes what it shows.

${vmOptionsHelp}
Examples:
  ./catalyst screenshot cuis.image -o cuis.png
  ./catalyst screenshot squeak.image --after 10s --display=800x600x8 -o squeak.png
`;

/** @param {string[]} argv */
export async function run(argv) {
  const split = argv.indexOf('--');
  const { values, positionals } = parseArgs({
    args: split < 0 ? argv : argv.slice(0, split),
    options: { ...vmOptions, after: { type: 'string' }, output: { type: 'string', short: 'o' } },
    allowPositionals: true,
  });
  const [image, ...more] = positionals;
  if (image === undefined || more.length > 0) throw new UsageError('one image is needed; ./catalyst screenshot --help shows the form');
  if (values.output === undefined) throw new UsageError('-o FILE.png is needed: where the picture shall go');
  const seconds = values.after === undefined ? DEFAULT_SECONDS : parseDuration('--after', values.after) / 1000;
  const asked = { display: DEFAULT_DISPLAY, ...values, seconds: String(seconds) };
  const vm = openImage(image, split < 0 ? [] : argv.slice(split + 1), asked);
  const code = await runAsAsked(vm, asked);
  const { display } = vm;
  if (display === undefined) throw new UsageError('a display is needed'); // there is one: see above
  await writePng(path.resolve(values.output), display.picture);
  const { width, height } = display.picture;
  process.stderr.write(`${values.output}: ${width} × ${height}${display.frames === 0 ? ', and nothing was shown' : ''}\n`);
  return code;
}

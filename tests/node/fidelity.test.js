/** fidelity.test.js: real images look and behave as on their native VM: started, looked at, used with mouse and keys, saved by themselves,
 * started again and looked at. Interpreted their pictures are compared with golden ones, translated with those, pixel by pixel.
 *
 * A golden picture (tests/golden) has a pixel for each square of `cell` pixels: their mean. CATALYST_ACCEPT=1 writes them anew.
 * CATALYST_FIDELITY=full runs more modes. Scratch is looked for in the folder CATALYST_SCRATCH, and where Debian installs it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { PNG } from 'pngjs';
import { root } from '../../web/node/paths.js';
import { catalyst, imageCopy, temporaryFolder } from './helpers.js';
import { colours, means } from './pictures.js';

/** Of a golden picture's pixels, one in so many may differ, and only those, by more than so much of 255. */
const TOLERANCE = { parts: 1000, difference: 8 };

const full = process.env.CATALYST_FIDELITY === 'full';
/** All code of an image is more than is kept otherwise. */
const ALWAYS = ['--translate=always', '--option=module_limit=100000', '--option=code_limit=1000000000'];
const MODES = [ALWAYS, ...(full ? [['--translate=hot'], [...ALWAYS, '--option=bail_stress=7']] : [])];

/** @typedef {{screenshot?: string, [key: string]: unknown}} Step */
/** @typedef {{name: string, cell: number, find: (t: import('node:test').TestContext) => string | null, args?: string[], options?: string[],
 *   use: Step[], again: Step[], saved?: string, check: (pictures: Record<string, PNG>, folder: string) => void}} Image */

/** @param {PNG} picture @param {string} name @param {number} cell */
function compareWithGolden(picture, name, cell) {
  const file = path.join(root, 'tests/golden', name);
  const seen = means(picture, cell);
  if (process.env.CATALYST_ACCEPT === '1') {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, PNG.sync.write(seen, { colorType: 2, deflateLevel: 9 }));
  }
  const golden = PNG.sync.read(fs.readFileSync(file));
  assert.deepEqual([seen.width, seen.height], [golden.width, golden.height], name);
  let different = 0;
  for (let i = 0; i < seen.data.length; i += 4)
    if ([0, 1, 2].some((j) => Math.abs(seen.data[i + j] - golden.data[i + j]) > TOLERANCE.difference)) different++;
  assert.ok(different <= (seen.width * seen.height) / TOLERANCE.parts, `${name}: ${different} of ${seen.width * seen.height} differ`);
}

/** Uses an image in one mode; its pictures by name. @param {import('node:test').TestContext} t @param {Image} image @param {string[]} mode */
function use(t, { name, find, args = [], options = [], use: steps, again, saved, check }, mode) {
  const file = find(t);
  if (file === null) return null;
  const folder = path.dirname(file);
  for (const [script, image, ...more] of /** @type {[Step[], string, ...string[]][]} */ ([
    [steps, file, ...options],
    [again, saved === undefined ? file : path.join(folder, saved)],
  ])) {
    fs.writeFileSync(path.join(folder, 'script.json'), JSON.stringify(script));
    const command = ['run', '--clock=virtual', '--script=script.json', ...mode, ...more, image, '--', ...(script === steps ? args : [])];
    const { code, err } = catalyst(command, { cwd: folder, timeout: 600_000 });
    assert.equal(code, 0, `${name} ${mode.join(' ')}: ${err}`);
  }
  const pictures = Object.fromEntries(
    [...steps, ...again].flatMap(({ screenshot }) => screenshot ?? []).map((picture) => [picture, PNG.sync.read(fs.readFileSync(path.join(folder, picture)))]),
  );
  check(pictures, folder);
  return pictures;
}

const cmd = (/** @type {string} */ key) => ({ key, modifiers: ['cmd'] });

/** @type {Image} */
const cuis = {
  name: 'cuis',
  cell: 8,
  find: (t) => imageCopy(t, 'cuis-5.0-3121.image'),
  use: [
    { at: 3000, screenshot: 'desktop.png' },
    { click: [200, 600] },
    { screenshot: 'menu.png' },
    { click: [246, 518], comment: 'Open…' },
    { click: [306, 563], comment: 'Workspace' },
    { after: 1000, type: '3 + 4' },
    cmd('a'),
    cmd('p'),
    { after: 1000, screenshot: 'printed.png' },
    cmd('a'),
    { type: "'seven.txt' asFileEntry forceWriteStreamDo: [:s | s print: 3 + 4]. Transcript clear" },
    cmd('a'),
    cmd('d'),
    { after: 1000, drag: [[400, 12], [500, 112], [600, 212]] },
    { after: 1000, click: [200, 600] },
    { click: [246, 518] },
    { click: [306, 583], comment: 'Browser' },
    { after: 1000, click: [176, 32], comment: 'Kernel-Objects' },
    { after: 1000, click: [296, 32], comment: 'the first class' },
    { after: 1000, screenshot: 'used.png' },
    { click: [100, 700] },
    { screenshot: 'quitting.png' },
    { click: [180, 732], comment: 'Save and Quit' },
    { after: 60_000, quit: 9 },
  ],
  again: [{ at: 3000, screenshot: 'again.png' }, { quit: 0 }],
  check: (pictures, folder) => {
    assert.equal(fs.readFileSync(path.join(folder, 'seven.txt'), 'latin1'), '7');
    const printed = colours(pictures['printed.png'], 194, 26, 208, 40);
    assert.ok((printed.get('a2cfec') ?? 0) > 50, 'the 7 is selected, behind what was typed');
  },
};

/** @type {Image} */
const mini = {
  name: 'mini',
  cell: 4,
  find: (t) => imageCopy(t, 'mini-2.2.image'),
  use: [
    { at: 1500, screenshot: 'desktop.png' },
    { click: [300, 400] },
    { after: 500, click: [300, 400] },
    cmd('a'),
    { type: '3 + 4' },
    cmd('a'),
    cmd('p'),
    { after: 500, screenshot: 'used.png' },
    { move: [800, 600] },
    { after: 300, press: 'left' },
    { after: 500, screenshot: 'menu.png' },
    { move: [844, 696], comment: 'save and quit' },
    { after: 300, release: 'left' },
    { after: 60_000, quit: 9 },
  ],
  again: [{ at: 1500, screenshot: 'again.png' }, { quit: 0 }],
  check: () => {},
};

/** The folder of Scratch 1.4, or null (and the test is skipped). @param {import('node:test').TestContext} t */
function scratchCopy(t) {
  const from = process.env.CATALYST_SCRATCH ?? '/usr/share/scratch';
  if (!fs.existsSync(path.join(from, 'Scratch.image'))) {
    t.skip('no Scratch 1.4 here (Debian package scratch, or CATALYST_SCRATCH)');
    return null;
  }
  const to = temporaryFolder(t);
  fs.copyFileSync(path.join(from, 'Scratch.image'), path.join(to, 'Scratch.image'));
  fs.copyFileSync(path.join(from, 'Projects/Games/2 PacMan.sb'), path.join(to, 'game.sb'));
  return path.join(to, 'Scratch.image');
}

/** The part of Scratch's window in which a project runs. @param {PNG} picture */
const stage = (picture) => colours(picture, 536, 72, 1012, 430);

/** @type {Image} */
const scratch = {
  name: 'scratch',
  cell: 64,
  find: scratchCopy,
  args: ['game.sb'],
  options: ['--save=saved.image'],
  use: [
    { at: 3000, screenshot: 'opened.png' },
    { click: [964, 54], comment: 'the green flag' },
    { after: 700, screenshot: 'running.png' },
    { after: 700, screenshot: 'later.png' },
    { key: 'ArrowDown' },
    { after: 700, screenshot: 'down.png' },
    { click: [992, 54], comment: 'the red sign' },
    { click: [223, 18], comment: 'File' },
    { screenshot: 'menu.png' },
    { quit: 0 },
  ],
  saved: 'saved.image',
  again: [{ at: 2000, screenshot: 'again.png' }, { quit: 0 }],
  check: (pictures) => {
    const [opened, running, later] = ['opened.png', 'running.png', 'later.png'].map((name) => pictures[name]);
    assert.ok((stage(opened).get('00ce42') ?? 0) > 30_000, 'the maze');
    assert.ok(!running.data.equals(opened.data) && !later.data.equals(running.data), 'it runs');
  },
};

for (const image of [cuis, mini, scratch])
  test(`${image.name}: used, saved, started again; interpreted and translated`, (t) => {
    const interpreted = use(t, image, ['--no-translate']);
    if (interpreted === null) return;
    for (const [name, picture] of Object.entries(interpreted)) compareWithGolden(picture, `${image.name}-${name}`, image.cell);
    for (const mode of MODES)
      for (const [name, picture] of Object.entries(use(t, image, mode) ?? {}))
        assert.ok(picture.data.equals(interpreted[name].data), `${image.name} ${name}: ${mode[0]} shows what --no-translate does`);
  });

/** screenshot.test.js: what real images show. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { PNG } from 'pngjs';
import { catalyst, imageCopy } from './helpers.js';
import { colours } from './pictures.js';

/** @param {import('node:test').TestContext} t @param {string} name @param {string[]} options @returns {PNG | null} */
function screenshot(t, name, options) {
  const image = imageCopy(t, name);
  if (image === null) return null;
  const file = path.join(path.dirname(image), 'x.png');
  const { code, err } = catalyst(['screenshot', image, '-o', file, ...options], { cwd: path.dirname(image) });
  assert.equal(code, 0, err);
  return PNG.sync.read(fs.readFileSync(file));
}

for (const mode of ['--no-translate', '--translate=always']) {
  test(`Cuis shows its desktop, ${mode}`, (t) => {
    const png = screenshot(t, 'cuis-5.0-3121.image', ['--after', '20s', '--clock=processor', mode]);
    if (png === null) return;
    assert.deepEqual([png.width, png.height], [1024, 768]);
    assert.ok(colours(png, 400, 500, 900, 700).size > 500, 'a picture behind the windows');
    // Black glyphs of 16 bits are 1, not 0, which would be transparent; in the smaller colour map that is a first step of blue.
    assert.ok((colours(png, 560, 60, 800, 95).get('0000f6') ?? 0) > 500, 'the heading of the text, in blue');
    assert.ok((colours(png, 10, 350, 360, 480).get('ffffff') ?? 0) === 350 * 130, 'the Transcript is white');
  });

  test(`Squeak 2.2 shows its browser, ${mode}`, (t) => {
    const png = screenshot(t, 'mini-2.2.image', ['--after', '4s', '--clock=processor', mode]);
    if (png === null) return;
    assert.deepEqual([...colours(png, 0, 0, 1024, 768).keys()].sort(), ['000000', 'ffffff']);
    assert.equal(colours(png, 600, 0, 1024, 768).get('ffffff'), 424 * 768, 'nothing right of the windows');
    const title = colours(png, 265, 3, 366, 16);
    assert.ok((title.get('000000') ?? 0) > 300 && (title.get('ffffff') ?? 0) > 700, 'the title System Browser');
  });
}

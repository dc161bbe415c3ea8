/** devices.test.js: the registry of virtual hardware: one table in the core, the hosts and the documents; permissions by name. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { nodeDevices } from '../../web/node/devices/index.js';
import { NodeHost } from '../../web/node/host.js';
import { root } from '../../web/node/paths.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import * as display from '../../web/runtime/devices/display.js';
import { DEVICES, PERMISSIONS } from '../../web/runtime/devices/table.js';
import { PageHost } from '../../web/runtime/page_host.js';
import { VM } from '../../web/runtime/vm.js';
import { fakeWindow } from './fake_page.js';
import { catalyst, enumOf, temporaryFolder } from './helpers.js';

const read = (/** @type {string} */ file) => fs.readFileSync(path.join(root, file), 'utf8');

/** @param {Partial<import('../../web/node/host.js').HostOptions>} [options] */
const devices = (options = {}) =>
  new VM(coreModule(), new NodeHost({ imagePath: '', args: [], permissions: new NodePermissions({}), ...options })).devices();

test('core and hosts have the same devices and permissions', () => {
  const rows = devices();
  assert.deepEqual(Object.fromEntries(rows.map((row) => [row.name, row.permission])), { ...DEVICES });
  assert.deepEqual(Object.fromEntries(rows.filter((row) => row.permission !== '').map((row) => [row.permission, row.default])), { ...PERMISSIONS });
  for (const { name, file } of rows) assert.ok(fs.existsSync(path.join(root, 'vm/devices', file)), name);
  const names = Object.keys(DEVICES).sort();
  assert.deepEqual(Object.keys(nodeDevices()).sort(), names);
  assert.deepEqual(Object.keys(new PageHost({ args: [], print: () => {}, log: () => {}, window: fakeWindow() }).devices).sort(), names);
});

test('a device is there, and something serves it, or it says why not', () => {
  for (const { name, state, host, reason } of devices()) {
    assert.equal(host === '', state === 'absent', name);
    assert.equal(reason === '', state === 'present', name);
  }
});

test('docs/devices.md lists the devices', () => {
  const rows = devices().map(({ name, permission, default: granted, file, purpose }) =>
    `| ${name} | ${permission || '–'} | ${granted ? 'yes' : 'no'} | \`${file}\` | ${purpose} |`);
  const table = read('docs/devices.md').split('\n').filter((line) => /^\| \w+ \| (\w+|–) \| (yes|no) \|/.test(line));
  assert.deepEqual(table, rows);
});

test('the hosts have the operations of the core', () => {
  assert.deepEqual(enumOf('display.h', 'dev_display_operation', 'DISPLAY_'), display.DISPLAY);
  assert.deepEqual(enumOf('cursor.h', 'dev_cursor_operation', 'CURSOR_'), display.CURSOR);
});

test('doctor --devices', () => {
  const plain = catalyst(['doctor', '--devices']);
  assert.match(plain.out, /^clock +present/m);
  assert.match(plain.out, /^display +absent +display: granted +no display was asked for/m);
  const { code, out } = catalyst(['doctor', '--devices', '--json', '--display=640x480', '--deny=environment']);
  assert.equal(code, 0);
  const rows = JSON.parse(out);
  const row = (/** @type {string} */ name) => rows.find((/** @type {{name: string}} */ each) => each.name === name);
  assert.deepEqual([row('display').state, row('display').host], ['present', 'virtual display, 640 × 480']);
  assert.deepEqual([row('environment').granted, row('files').granted], [false, true]);
});

test('what is denied is not there', (t) => {
  const cwd = temporaryFolder(t);
  fs.writeFileSync(path.join(cwd, 'mine'), 'mine');
  const outcome = (/** @type {string[]} */ ...options) => catalyst(['eval', ...options, `['mine' asPath contents] on: Error do: [:e | #refused]`], { cwd }).out;
  assert.equal(outcome(), "'mine'\n");
  assert.equal(outcome('--deny=files'), '#refused\n');
  assert.equal(outcome('--deny=files', '--allow=files', `--allow-read=${cwd}`), '#refused\n');
  assert.equal(catalyst(['eval', '--deny=environment', '3 + 4']).out, '7\n');
  assert.deepEqual(catalyst(['eval', '--deny=streams', '3 + 4']), { code: 1, out: '', err: '' });
  const wrong = catalyst(['eval', '--allow=everything', '3 + 4']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /there is no permission 'everything': files, /);
});

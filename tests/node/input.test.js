/** input.test.js: scripted input reaches an image, by events and by polling; --record writes what is seen. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { PNG } from 'pngjs';
import * as clipboard from '../../web/runtime/devices/clipboard.js';
import * as drop from '../../web/runtime/devices/drop.js';
import * as input from '../../web/runtime/devices/input.js';
import { momentsOf } from '../../web/runtime/devices/script.js';
import { catalyst, enumOf, imageCopy, temporaryFolder } from './helpers.js';
import { colours } from './pictures.js';

test('the hosts have the numbers of the core', () => {
  for (const [name, prefix, numbers] of /** @type {const} */ ([
    ['dev_event_type', 'EVENT_', input.EVENT],
    ['dev_button', 'BUTTON_', input.BUTTON],
    ['dev_modifier', 'MODIFIER_', input.MODIFIER],
    ['dev_key_action', 'KEY_', input.KEY],
    ['dev_drop_action', 'DROP_', input.DROP],
    ['dev_window_action', 'WINDOW_', input.WINDOW],
  ]))
    assert.deepEqual(enumOf('events.h', name, prefix), { ...numbers }, name);
  assert.deepEqual(enumOf('drop.h', 'dev_drop_operation', 'DROP_'), { ...drop.DROP_OPERATION });
  assert.deepEqual(enumOf('clipboard.h', 'dev_clipboard_operation', 'CLIPBOARD_'), { ...clipboard.CLIPBOARD });
});

test('keys have their MacRoman and Unicode', () => {
  assert.deepEqual(input.keyCodes('a'), { code: 97, unicode: 97 });
  assert.deepEqual(input.keyCodes('ä'), { code: 0x8a, unicode: 0xe4 });
  assert.deepEqual(input.keyCodes('\u{1F600}'), { code: 0, unicode: 0x1f600 });
  assert.deepEqual(input.keyCodes('ArrowUp'), { code: 30, unicode: 30 });
});

test('a step of a script that cannot be played is named', () => {
  for (const [steps, pattern] of /** @type {[unknown, RegExp][]} */ ([
    [{}, /^a list of steps is needed$/],
    [[{ click: [1, 2] }, { clack: [1, 2] }], /^step 2: there is no 'clack': move, /],
    [[{ at: 10 }], /^step 1: one of move, .* is needed$/],
    [[{ click: [1] }], /^step 1: click: two numbers are needed/],
    [[{ click: [1, 2], button: 'green' }], /^step 1: there is no button 'green': red, /],
    [[{ key: 'Entre' }], /^step 1: there is no key 'Entre'/],
    [[{ type: 'x', modifiers: ['hyper'] }], /^step 1: there is no modifier 'hyper'/],
    [[{ at: 'soon', key: 'x' }], /^step 1: at, after and wait are numbers/],
    [[{ drag: [[1, 2]] }], /^step 1: drag: at least two points/],
  ]))
    assert.throws(() => momentsOf(steps), { message: pattern });
});

test('a step happens at its time, or some time after the one before', () => {
  const times = (/** @type {unknown} */ steps) => momentsOf(steps).map(({ at }) => at);
  assert.deepEqual(times([{ at: 1000, move: [1, 1] }, { after: 10, move: [2, 2] }, { at: 500, move: [3, 3] }]), [500, 1000, 1010]);
  assert.deepEqual(times([{ at: 0, click: [1, 1] }]), [0, 80, 160]);
  assert.deepEqual(times([{ at: 0, type: 'ab' }]), [40, 80]);
});

/** A program that prints what comes in, for a second. */
const LISTENER = `Object subclass: #Listener instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Test'!
!Listener methodsFor: 'primitives'!
next: anArray
	<primitive: 94>
	^nil!
semaphore: anIndex
	<primitive: 93>
	^nil!
where
	<primitive: 90>
	^nil!
buttons
	<primitive: 107>
	^nil!
key
	<primitive: 108>
	^nil!
screen
	<primitive: 106>
	^nil!
file: anIndex
	<primitive: 'primitiveDropRequestFileName' module: 'DropPlugin'>
	^nil!
show: aString
	Stdio stdout nextPutAll: aString; nl; flush! !
`;
const EVENTS = `| listener event |
listener := Listener new.
event := Array new: 8.
listener semaphore: 0.
1 to: 100 do: [:i |
	(Delay forMilliseconds: 10) wait.
	[listener next: event. (event at: 1) = 0] whileFalse: [
		listener show: ((event copyWithout: 2) asArray printString).
		(event at: 1) = 5 ifTrue: [listener show: listener screen printString].
		((event at: 1) = 3 and: [(event at: 3) = 4]) ifTrue: [
			listener show: (listener file: 1) asPath contents.
			listener show: (listener file: 2) printString]]]!
`;
const POLLS = `| listener key |
listener := Listener new.
1 to: 100 do: [:i |
	(Delay forMilliseconds: 10) wait.
	[(key := listener key) isNil] whileFalse: [listener show: key printString].
	listener buttons = 4 ifTrue: [listener show: listener where printString. ^self]]!
`;

/** @param {import('node:test').TestContext} t @param {string} program @param {unknown} script @param {string[]} options */
function play(t, program, script, ...options) {
  const cwd = temporaryFolder(t);
  fs.writeFileSync(path.join(cwd, 'program.st'), LISTENER + program.replace('event copyWithout: 2', '#(1 3 4 5 6 7 8) collect: [:i | event at: i]'));
  fs.writeFileSync(path.join(cwd, 'script.json'), JSON.stringify(script));
  return catalyst(['run', '--clock=processor', '--script=script.json', ...options, 'program.st'], { cwd });
}

test('an image that takes events gets them', (t) => {
  const elsewhere = path.join(temporaryFolder(t), 'dropped.txt');
  fs.writeFileSync(elsewhere, 'what was dropped');
  const { code, out, err } = play(t, EVENTS, [
    { at: 300, click: [70, 50], button: 'right' },
    { after: 20, key: 'ä', modifiers: ['shift', 'ctrl'] },
    { after: 20, wheel: [0, -1] },
    { after: 20, resize: [640, 480] },
    { after: 20, drop: [elsewhere], to: [9, 8] },
  ]);
  assert.equal(err, '');
  assert.equal(code, 0);
  assert.deepEqual(out.trimEnd().split('\n'), [
    '#(1 70 50 0 0 0 0)', '#(1 70 50 2 0 1 0)', '#(1 70 50 0 0 0 0)',
    '#(2 138 1 3 228 0 0)', '#(2 138 0 3 228 0 0)', '#(2 138 2 3 228 0 0)',
    '#(2 31 1 2 31 0 0)', '#(2 31 0 2 31 0 0)', '#(2 31 2 2 31 0 0)',
    '#(5 1 0 0 640 480 0)', '640@480',
    '#(1 9 8 0 0 0 0)', '#(3 1 9 8 0 1 0)', '#(3 2 9 8 0 1 0)', '#(3 4 9 8 0 1 0)', 'what was dropped', 'nil',
  ]);
});

test('an image that polls finds keys and mouse', (t) => {
  const { code, out, err } = play(t, POLLS, [{ at: 300, type: 'Hi' }, { after: 20, key: 'p', modifiers: ['cmd'] }, { after: 20, click: [70, 50] }]);
  assert.equal(err, '');
  assert.equal(code, 0);
  assert.deepEqual(out.trimEnd().split('\n'), ['72', '105', `${(8 << 8) + 112}`, '70@50']);
});

test('without permission there is no input, and what is dropped is not read', (t) => {
  const denied = play(t, EVENTS, [{ at: 0, key: 'x' }], '--deny=input');
  assert.equal(denied.code, 2);
  assert.match(denied.err, /--script needs the permission input/);
  const elsewhere = path.join(temporaryFolder(t), 'dropped.txt');
  fs.writeFileSync(elsewhere, 'what was dropped');
  assert.doesNotMatch(play(t, EVENTS, [{ at: 300, drop: [elsewhere], to: [9, 8] }], '--deny=drop').out, /what was dropped/);
});

test('a script can end a program; one that is none is an error in a file', (t) => {
  assert.equal(play(t, EVENTS, [{ at: 100, quit: 7 }]).code, 7);
  const { code, err } = play(t, EVENTS, [{ at: 100, quiet: 7 }]);
  assert.equal(code, 3);
  assert.match(err, /script\.json: step 1: there is no 'quiet'/);
});

test('frames are recorded, and when what changed', (t) => {
  const image = imageCopy(t, 'mini-2.2.image');
  if (image === null) return;
  const cwd = path.dirname(image);
  const { code, err } = catalyst(['run', '--clock=processor', '--display=640x480', '--record=frames', '--seconds=2', image], { cwd });
  assert.equal(err, '');
  assert.equal(code, 0);
  const frames = JSON.parse(fs.readFileSync(path.join(cwd, 'frames/frames.json'), 'utf8'));
  const names = frames.map((/** @type {{file: string}} */ frame) => frame.file);
  assert.deepEqual(fs.readdirSync(path.join(cwd, 'frames')).sort(), [...names, 'frames.json']);
  assert.deepEqual(frames[0].rects, [{ x: 0, y: 0, width: 640, height: 480 }]);
  const last = PNG.sync.read(fs.readFileSync(path.join(cwd, 'frames', names.at(-1))));
  assert.deepEqual([last.width, last.height], [640, 480]);
  assert.ok((colours(last, 0, 0, 640, 480).get('000000') ?? 0) > 5000, 'windows');
});

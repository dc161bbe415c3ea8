/** device_states.test.js: what a snapshot keeps of the devices, in a file beside the image. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, temporaryFolder } from './helpers.js';

/** Copies a text, saves itself as kept.image, and there says what is to be pasted. @param {string} text */
const program = (text) => `Object subclass: #Pasting instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Test'!
!Pasting class methodsFor: 'primitives'!
text
	<primitive: 141>
	^ nil!
text: aString
	<primitive: 141>
	^ nil! !
${text === '' ? '' : `Pasting text: '${text}'!`}
Smalltalk imageName: 'kept.image'.
(Smalltalk snapshot: true andQuit: false)
	ifTrue: [Stdio stdout nextPutAll: 'pasted: ' , Pasting text; nl; flush].
Smalltalk quit: 0!
`;

test('a saved image finds its devices as they were', (t) => {
  const cwd = temporaryFolder(t);
  const file = (/** @type {string} */ name) => path.join(cwd, name);
  const save = (/** @type {string} */ text) => {
    fs.writeFileSync(file('copy.st'), program(text));
    const { code, err } = catalyst(['run', 'copy.st'], { cwd });
    assert.equal(code, 0, err);
  };
  const pasted = () => catalyst(['run', 'kept.image'], { cwd }).out;
  save('Kept text');
  assert.ok(fs.existsSync(file('kept.devices')));
  assert.equal(pasted(), 'pasted: Kept text\n');

  const states = fs.readFileSync(file('kept.devices'));
  for (const [what, bytes] of /** @type {[string, Buffer][]} */ ([
    ['cut off', states.subarray(0, states.length - 3)],
    ['of another image', Buffer.concat([states.subarray(0, 8), Buffer.alloc(8), states.subarray(16)])],
    ['something else', Buffer.from('no states')],
    ['empty', Buffer.alloc(0)],
  ])) {
    fs.writeFileSync(file('kept.devices'), bytes);
    assert.equal(pasted(), 'pasted: \n', what);
  }
  fs.rmSync(file('kept.devices'));
  assert.equal(pasted(), 'pasted: \n');

  save('Other');
  save('');
  assert.ok(!fs.existsSync(file('kept.devices')), 'none is there where all are as new');
  assert.deepEqual(fs.readdirSync(cwd).sort(), ['copy.st', 'kept.image']);
});

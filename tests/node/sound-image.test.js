/** sound-image.test.js: an image plays through SoundPlugin, and a WAV file has what it played. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, temporaryFolder } from './helpers.js';

const PLAYER = `Object subclass: #Player instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Test'!
!Player methodsFor: 'primitives'!
start: frames rate: samplesPerSecond stereo: aBoolean
	<primitive: 'primitiveSoundStart' module: 'SoundPlugin'>
	^ #failed!
space
	<primitive: 'primitiveSoundAvailableSpace' module: 'SoundPlugin'>
	^ #failed!
play: frames from: samples startingAt: frame
	<primitive: 'primitiveSoundPlaySamples' module: 'SoundPlugin'>
	^ #failed!
stop
	<primitive: 'primitiveSoundStop' module: 'SoundPlugin'>
	^ #failed! !
| player samples played |
player := Player new.
samples := WordArray new: 500.
1 to: 500 do: [:i | samples at: i put: i * 2 - 2 + (i * 2 - 1 * 65536)].
Stdio stdout nextPutAll: (player start: 256 rate: 8000 stereo: false) class name; nl.
Stdio stdout nextPutAll: player space printString; nl.
played := 0.
[played < 1000] whileTrue: [
	played := played + (player play: (1000 - played min: 256) from: samples startingAt: played + 1).
	(Delay forMilliseconds: 5) wait].
player stop.
Stdio stdout nextPutAll: player space printString; nl; flush!
`;

for (const mode of ['--no-translate', '--translate=always'])
  test(`an image plays a thousand samples, ${mode}`, (t) => {
    const cwd = temporaryFolder(t);
    fs.writeFileSync(path.join(cwd, 'program.st'), PLAYER);
    const { code, out, err } = catalyst(['run', mode, '--clock=processor', '--record-sound=out.wav', 'program.st'], { cwd });
    assert.equal(err, '');
    assert.equal(code, 0);
    assert.equal(out, 'Player\n512\n#failed\n');
    const bytes = fs.readFileSync(path.join(cwd, 'out.wav'));
    assert.equal(bytes.readUInt32LE(24), 8000);
    const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + 44 + 2000));
    assert.deepEqual([...samples], Array.from({ length: 1000 }, (_, i) => i));
  });

/** services.test.js: devices of named operations: values and messages, and what serves them under Node.js, against servers and folders of the test. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { nodeDevices } from '../../web/node/devices/index.js';
import * as machine from '../../web/node/devices/machine.js';
import { WebSocketClient, frame, parse } from '../../web/node/devices/websocket_client.js';
import { NodeHost } from '../../web/node/host.js';
import { NodePermissions } from '../../web/node/permissions.js';
import { coreModule } from '../../web/node/session.js';
import { VirtualDisplay } from '../../web/runtime/devices/display.js';
import { http as httpService } from '../../web/runtime/devices/http.js';
import { MESSAGE, SERVICE, service } from '../../web/runtime/devices/service.js';
import { Locks, channels, locks } from '../../web/runtime/devices/together.js';
import { decode, encode, valueOf } from '../../web/runtime/devices/values.js';
import { websocket } from '../../web/runtime/devices/websocket.js';
import { ERR } from '../../web/runtime/errors.js';
import { VM } from '../../web/runtime/vm.js';
import { catalyst, enumOf, temporaryFolder } from './helpers.js';
import { Client } from './service_client.js';

test('the hosts have the numbers of the core', () => {
  assert.deepEqual(enumOf('service.h', 'dev_service_operation', 'SERVICE_'), { ...SERVICE });
  assert.deepEqual(enumOf('service.h', 'dev_message_kind', 'MESSAGE_'), { ...MESSAGE });
});

test('values are as they were', () => {
  const value = [null, true, false, 0, -1, 2 ** 31 - 1, 2 ** 31, -0, 0.5, NaN, 'Grüße', Uint8Array.of(1, 2), [[], ['x']]];
  assert.deepEqual(decode(encode(value)), value);
  const whole = encode(value);
  for (let n = 0; n < whole.length; n++) assert.throws(() => decode(whole.subarray(0, n)), RangeError);
  assert.deepEqual(valueOf({ a: undefined, b: new Map([['k', 1]]), c: () => 3 }), ['a', null, 'b', [['k', 1]], 'c', null]);
});

test('the operations of the core are those of the hosts', () => {
  const rows = new VM(coreModule(), new NodeHost({ imagePath: '', args: [], permissions: new NodePermissions({}) })).devices();
  const all = nodeDevices({ display: new VirtualDisplay({ width: 10, height: 10 }) });
  for (const { name, operations } of rows) {
    const { opener } = /** @type {any} */ (all[name]);
    if (opener === undefined) continue;
    assert.deepEqual(Object.keys(opener({ event() {}, onClose() {}, expect() {} })).sort(), [...operations].sort(), name);
  }
});

test('answers come at once or later, and failures say why', async () => {
  const client = new Client(service('test', ({ event }) => ({
    now: (/** @type {number} */ a, /** @type {number} */ b) => a + b,
    later: async () => 'later',
    fails: () => assert.fail('so'),
    failsLater: async () => assert.fail('so too'),
    tells: () => event('a', 1),
  })));
  assert.equal(await client.call('now', 3, 4), 7);
  assert.equal(await client.call('later'), 'later');
  await assert.rejects(client.call('fails'), { message: 'so' });
  await assert.rejects(client.call('failsLater'), { message: 'so too' });
  await client.call('tells');
  assert.deepEqual(client.events, [['a', 1]]);
  assert.equal(client.raw('constructor'), ERR.UNSUPPORTED);
  client.close();
});

test('what nobody fetches does not grow for ever', () => {
  /** @type {(...value: unknown[]) => void} */
  let tell = () => {};
  const client = new Client(service('test', ({ event }) => ((tell = event), {})), { deaf: true });
  for (let i = 0; i < 5000; i++) tell(i);
  client.fetch();
  assert.equal(client.events.length, 1024);
  assert.equal(client.events.at(-1), 4999);
});

/** A server for the time of a test. @param {import('node:test').TestContext} t @param {http.RequestListener} listener */
async function serve(t, listener) {
  const server = http.createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => (server.close(), server.closeAllConnections()));
  return { server, port: /** @type {import('node:net').AddressInfo} */ (server.address()).port };
}

test('http asks a server', async (t) => {
  const { port } = await serve(t, (request, response) => {
    if (request.url === '/slow') return;
    let body = '';
    request.on('data', (piece) => (body += piece)).on('end', () =>
      response.writeHead(request.method === 'POST' ? 201 : 200, { 'X-Seen': request.headers['x-test'] ?? '' }).end(`${request.method} ${body}`));
  });
  const client = new Client(httpService('fetch', fetch));
  const [status, , headers, body, url] = await client.call('request', 'POST', `http://127.0.0.1:${port}/x`, ['X-Test', 'yes'], 'hello');
  assert.equal(status, 201);
  assert.equal(headers[headers.indexOf('x-seen') + 1], 'yes');
  assert.equal(Buffer.from(body).toString(), 'POST hello');
  assert.equal(url, `http://127.0.0.1:${port}/x`);
  const slow = client.call('request', 'GET', `http://127.0.0.1:${port}/slow`);
  assert.ok(client.expects());
  assert.equal(await client.call('cancel', 2), true);
  await assert.rejects(slow, /abort/i);
  await assert.rejects(client.call('request', 'GET', 'file:///etc/passwd'), /only http and https/);
  await assert.rejects(client.call('request', 'GET', 'http://127.0.0.1:1/'), /fetch failed/);
  client.close();
});

test('frames of WebSocket', () => {
  for (const n of [0, 1, 125, 126, 65535, 65536]) {
    const sent = frame(2, new Uint8Array(n).fill(7));
    sent[1] &= 0x7f; // as a server's, with the mask for its first bytes
    const got = parse(sent);
    assert.equal(got?.payload.length, n);
    assert.equal(parse(sent.subarray(0, 1)), null);
  }
  assert.throws(() => parse(Buffer.of(0x82, 0x80, 0, 0, 0, 0)), /must not mask/);
  assert.throws(() => parse(Buffer.of(0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0)), /too long/);
});

test('websocket takes and sends messages', async (t) => {
  const { server, port } = await serve(t, (_request, response) => response.writeHead(404).end());
  const serverFrame = (/** @type {number} */ opcode, /** @type {Buffer} */ payload) => Buffer.concat([Buffer.of(0x80 | opcode, payload.length), payload]);
  server.on('upgrade', (request, socket) => {
    const accept = crypto.createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.write(serverFrame(9, Buffer.from('ping')));
    socket.on('data', (bytes) => {
      // Frames may come together.
      for (let at = 0; at < bytes.length; ) {
        const [opcode, length, mask] = [bytes[at] & 15, bytes[at + 1] & 127, bytes.subarray(at + 2, at + 6)];
        const payload = Buffer.from(bytes.subarray(at + 6, at + 6 + length).map((/** @type {number} */ byte, /** @type {number} */ i) => byte ^ mask[i % 4]));
        at += 6 + length;
        if (opcode === 8) socket.end(serverFrame(8, payload));
        else if (opcode !== 10) socket.write(Buffer.concat([Buffer.of(opcode, 1), payload.subarray(0, 1), serverFrame(0, payload.subarray(1))]));
      }
    });
  });
  const client = new Client(websocket('test', WebSocketClient));
  const number = await client.call('open', `ws://127.0.0.1:${port}/`);
  assert.ok(client.expects());
  await client.call('send', number, 'Grüße');
  assert.deepEqual(await client.nextEvent(), [number, 'message', 'Grüße']);
  await client.call('send', number, Uint8Array.of(1, 2, 3));
  assert.deepEqual(await client.nextEvent(), [number, 'message', Uint8Array.of(1, 2, 3)]);
  await client.call('close', number, 1000, 'done');
  assert.deepEqual(await client.nextEvent(), [number, 'closed', 1000, 'done']);
  await assert.rejects(client.call('send', number, 'x'), /no connection has the number/);
  await assert.rejects(client.call('open', 'ws://127.0.0.1:1/'), /no connection could be made/);
  await assert.rejects(client.call('open', `http://127.0.0.1:${port}/`), /only ws and wss/);
  assert.equal(client.expects(), false);
  client.close();
});

test('channels connect the VMs of a process', async () => {
  const [one, other] = [1, 2].map(() => new Client(channels('test', /** @type {any} */ (BroadcastChannel))));
  for (const each of [one, other]) await each.call('open', 'c');
  await one.call('post', 'c', ['x', 1]);
  assert.deepEqual(await other.nextEvent(), ['c', ['x', 1]]);
  assert.deepEqual(one.events, []);
  await assert.rejects(one.call('post', 'd', 1), /no channel 'd' is open/);
  one.close();
  other.close();
});

test('locks are held by one at a time', async () => {
  const manager = new Locks();
  const [one, other] = [1, 2].map(() => new Client(locks('test', manager)));
  assert.equal(await one.call('acquire', 'a'), true);
  assert.equal(await other.call('tryAcquire', 'a'), false);
  assert.equal(await other.call('tryAcquire', 'b'), true);
  const waiting = other.call('acquire', 'a');
  await one.call('release', 'a');
  assert.equal(await waiting, true);
  assert.deepEqual(await other.call('held'), ['b', 'a']);
  await assert.rejects(other.call('acquire', 'a'), /held here already/);
  other.close();
  assert.equal(await one.call('acquire', 'a'), true);
  one.close();
});

/** Files as Linux has them. @param {string} folder @param {Record<string, string | number>} files */
function files(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), `${text}\n`);
  }
}

test('a battery, and sensors, as Linux tells of them', async (t) => {
  const folder = temporaryFolder(t);
  assert.equal(machine.battery(folder).absent, 'this machine has no battery');
  files(folder, { 'AC/type': 'Mains', 'BAT0/type': 'Battery', 'BAT0/capacity': 75, 'BAT0/status': 'Discharging', 'BAT0/energy_now': 30, 'BAT0/energy_full': 40, 'BAT0/power_now': 15 });
  const battery = new Client(machine.battery(folder));
  assert.deepEqual(await battery.call('state'), [0.75, false, null, 7200]);
  files(folder, { 'BAT0/status': 'Charging' });
  assert.deepEqual(await battery.call('state'), [0.75, true, 2400, null]);
  battery.close();
  files(folder, { 'iio:device0/in_accel_x_raw': 10, 'iio:device0/in_accel_y_raw': 0, 'iio:device0/in_accel_z_raw': -20, 'iio:device0/in_accel_scale': 0.5, 'iio:device1/in_illuminance_input': 300 });
  const found = machine.sensors(folder);
  assert.deepEqual(await new Client(found.accelerometer).call('read'), [5, 0, -10]);
  assert.equal(await new Client(found.light).call('read'), 300);
  assert.equal(found.gyroscope.absent, 'this machine has no such sensor');
});

test('what changes is told', async () => {
  let now = 1;
  const client = new Client(service('test', (session) => ({ watch: machine.watching(session, () => now, 5) })));
  await client.call('watch');
  now = 2;
  assert.equal(await client.nextEvent(), 2);
  client.close();
});

test('a program uses the network when it may', async (t) => {
  const { port } = await serve(t, (request, response) => response.end(`you asked for ${request.url}`));
  const ask = `(Device named: 'http' do: [:d | (d call: 'request' with: 'GET' with: 'http://127.0.0.1:${port}/x') fourth asString])`;
  const run = (/** @type {string[]} */ ...args) =>
    new Promise((resolve) => import('node:child_process').then(({ execFile }) =>
      execFile(process.execPath, ['--no-warnings', 'web/node/cli.js', 'eval', ...args], (_error, out, err) => resolve({ out, err }))));
  assert.equal((await run('--allow=network', ask)).out, "'you asked for /x'\n");
  const posted = `(HttpRequest post: 'x' to: 'http://127.0.0.1:${port}/y') send contents`;
  assert.equal((await run('--allow=network', posted)).out, "'you asked for /y'\n");
  assert.match((await run(ask)).err, /DeviceDenied: http: not permitted; --allow=network permits it/);
  assert.match(catalyst(['eval', "Socket connectTo: '127.0.0.1' port: 1"]).err, /DeviceDenied: sockets: not permitted; --allow=network permits it/);
  assert.match(catalyst(['run', '--allow=network', 'default', '--', 'test', 'SocketTest']).out, /^5 passed, 0 failed$/m);
});

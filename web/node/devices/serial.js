/** serial.js: serial lines under Node.js: vm/devices/serial.c. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import tty from 'node:tty';
import { absent, service } from '../../runtime/devices/service.js';

const PORT = /^tty(S|USB|ACM|AMA)\d+$/;
const RATES = [50, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600];

/** @param {string} [folder] @param {RegExp} [pattern] */
export function serial(folder = '/dev', pattern = PORT) {
  const ports = () => {
    try {
      return fs.readdirSync(folder).filter((name) => pattern.test(name)).sort();
    } catch {
      return [];
    }
  };
  if (ports().length === 0) return absent('this machine has no serial line');
  return service(`${folder}/tty…, with stty`, ({ event, onClose, expect }) => {
    /** @type {Map<number, {input: tty.ReadStream, fd: number}>} */
    const open = new Map();
    let last = 0;
    const close = (/** @type {number} */ number) => {
      const line = open.get(number);
      open.delete(number);
      line?.input.destroy();
      expect(open.size > 0);
      return line !== undefined;
    };
    onClose(() => [...open.keys()].forEach(close));
    return {
      ports,
      open(/** @type {string} */ name, /** @type {number} */ rate) {
        if (!ports().includes(name)) throw new Error(`there is no serial line '${name}'`);
        if (!RATES.includes(rate)) throw new Error(`${rate} bits per second: one of ${RATES.join(', ')}`);
        const file = path.join(folder, name);
        execFileSync('stty', ['-F', file, String(rate), 'raw', '-echo', 'cs8', '-cstopb', '-parenb'], { stdio: 'pipe', timeout: 5000 });
        const fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NOCTTY | fs.constants.O_NONBLOCK);
        const number = ++last;
        const input = new tty.ReadStream(fd);
        input.on('data', (bytes) => event(number, bytes));
        const gone = () => open.has(number) && (event(number, null), close(number));
        input.on('error', gone).on('end', gone);
        open.set(number, { input, fd });
        expect(true);
        return number;
      },
      send(/** @type {number} */ number, /** @type {Uint8Array} */ bytes) {
        const line = open.get(number);
        if (line === undefined) throw new Error(`no serial line has the number ${number}`);
        return new Promise((resolve, reject) => fs.write(line.fd, bytes, (error, count) => (error ? reject(error) : resolve(count))));
      },
      close,
    };
  });
}

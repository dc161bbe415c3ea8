/** machine.js: the machine under Node.js: battery, processors, network, storage, sensors, as Linux tells of them in files, and Node.js. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { absent, service } from '../../runtime/devices/service.js';

/** How often something is looked at that does not tell when it changes; milliseconds. */
const LOOK_MS = 2000;

/** Tells when the answer is another than before. @param {import('../../runtime/devices/service.js').Session} session @param {() => unknown} look
 * @param {number} [every] */
export function watching({ event, onClose, expect }, look, every = LOOK_MS) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  let before = '';
  onClose(() => clearInterval(timer));
  return () => {
    before = JSON.stringify(look());
    timer ??= setInterval(() => {
      const now = look();
      if (JSON.stringify(now) !== before) event(now);
      before = JSON.stringify(now);
    }, every);
    expect(true);
  };
}

/** The text of a small file; null where there is none. @param {string[]} parts */
function fact(...parts) {
  try {
    return fs.readFileSync(path.join(...parts), 'utf8').trim();
  } catch {
    return null;
  }
}
/** @param {string[]} parts */
const figure = (...parts) => {
  const text = fact(...parts);
  return text === null || !Number.isFinite(Number(text)) ? null : Number(text);
};
/** @param {string} folder */
function entries(folder) {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const POWER = '/sys/class/power_supply';

/** @param {string} [folder] */
export function battery(folder = POWER) {
  const found = entries(folder).find((name) => fact(folder, name, 'type') === 'Battery');
  if (found === undefined) return absent('this machine has no battery');
  const now = (/** @type {string} */ unit) => figure(folder, found, `${unit}_now`);
  const state = () => {
    const status = fact(folder, found, 'status');
    const percent = figure(folder, found, 'capacity');
    const [left, full, rate] = [now('energy') ?? now('charge'), figure(folder, found, 'energy_full') ?? figure(folder, found, 'charge_full'), now('power') ?? now('current')];
    const hours = (/** @type {number | null} */ amount) => (amount === null || !rate ? null : Math.round((3600 * amount) / rate));
    return [
      percent === null ? null : percent / 100, status === 'Charging' || status === 'Full',
      status === 'Charging' && full !== null && left !== null ? hours(full - left) : null, status === 'Discharging' ? hours(left) : null,
    ];
  };
  return service(`${folder}/${found}`, (session) => ({ state, watch: watching(session, state) }));
}

export const machine = () =>
  service('node:os', () => ({
    processors: () => os.availableParallelism(),
    memory: () => [os.totalmem(), os.freemem()],
    load: () => (process.platform === 'win32' ? null : os.loadavg()[0]),
    name: () => `${os.type()} ${os.release()} ${os.arch()}`,
  }));

export function connection() {
  const state = () => [Object.values(os.networkInterfaces()).some((all) => all?.some(({ internal }) => !internal)), null, null];
  return service('node:os', (session) => ({ state, watch: watching(session, state) }));
}

/** @param {string} folder */
export const storage = (folder) =>
  service('node:fs, of the working folder', () => ({
    estimate() {
      const { bsize, blocks, bfree, bavail } = fs.statfsSync(folder);
      return [bsize * (blocks - bfree), bsize * (blocks - bfree + bavail)];
    },
    persist: () => true,
  }));

const SENSORS = '/sys/bus/iio/devices';
const MICROTESLA_PER_GAUSS = 100;
const AXES = ['x', 'y', 'z'];

/** What a sensor of Linux measures, and what its figures have to be multiplied by. @type {Record<string, {channels: string[], unit: number}>} */
const KINDS = {
  accelerometer: { channels: AXES.map((axis) => `in_accel_${axis}`), unit: 1 },
  gyroscope: { channels: AXES.map((axis) => `in_anglvel_${axis}`), unit: 1 },
  magnetometer: { channels: AXES.map((axis) => `in_magn_${axis}`), unit: MICROTESLA_PER_GAUSS },
  light: { channels: ['in_illuminance'], unit: 1 },
};
const SENSOR_MS = 100;

/** The sensors that Linux knows. @param {string} [folder] @returns {Record<string, import('../../runtime/devices/service.js').DeviceHost>} */
export function sensors(folder = SENSORS) {
  const all = entries(folder);
  const found = Object.entries(KINDS).map(([kind, { channels, unit }]) => {
    /** @param {string} name @param {string} channel */
    const read = (name, channel) => {
      const raw = figure(folder, name, `${channel}_raw`) ?? figure(folder, name, `${channel}_input`);
      const scale = figure(folder, name, `${channel}_scale`) ?? figure(folder, name, `${channel.replace(/_[xyz]$/, '')}_scale`) ?? 1;
      return raw === null ? null : raw * scale * unit;
    };
    const where = all.find((name) => read(name, channels[0]) !== null);
    if (where === undefined) return [kind, absent('this machine has no such sensor')];
    const values = () => (channels.length === 1 ? read(where, channels[0]) : channels.map((channel) => read(where, channel)));
    return [kind, service(`${folder}/${where}`, (session) => ({ read: values, watch: watching(session, values, SENSOR_MS) }))];
  });
  return Object.fromEntries([...found, ['orientation', absent('this machine has no such sensor')]]);
}

/** machine.js: what a page knows of its machine: battery, processors, network, screens, storage. `w` is the page's window, or what stands for it in a test. */
import { absent, service } from '../service.js';

/** Events of the given names, each with what `look` finds then.
 * @param {import('../service.js').Session} session @param {any} target @param {string[]} names @param {() => unknown} look */
export function watching({ event, onClose, expect }, target, names, look) {
  let watched = false;
  const tell = () => event(look());
  onClose(() => names.forEach((name) => target.removeEventListener(name, tell)));
  return () => {
    if (!watched) names.forEach((name) => target.addEventListener(name, tell));
    watched = true;
    expect(true);
  };
}

/** @param {number} seconds */
const finite = (seconds) => (Number.isFinite(seconds) ? seconds : null);

/** @param {any} w @returns {Record<string, import('../service.js').DeviceHost>} */
export function pageMachine(w) {
  const { navigator, screen, document } = w;
  const battery = (/** @type {any} */ b) => [b.level, b.charging, finite(b.chargingTime), finite(b.dischargingTime)];
  const connection = () => [navigator.onLine, navigator.connection?.type ?? navigator.connection?.effectiveType ?? null, navigator.connection?.downlink ?? null];
  const screens = () => [[
    screen.availLeft ?? 0, screen.availTop ?? 0, screen.width, screen.height, w.devicePixelRatio ?? 1, screen.colorDepth ?? 24, true, 'the screen of this page',
  ]];
  return {
    battery: navigator.getBattery === undefined
      ? absent('this browser does not tell of a battery')
      : service('navigator.getBattery', (session) => ({
        state: async () => battery(await navigator.getBattery()),
        watch: async () => {
          const b = await navigator.getBattery();
          watching(session, b, ['levelchange', 'chargingchange'], () => battery(b))();
        },
      })),
    machine: service('navigator', () => ({
      processors: () => navigator.hardwareConcurrency ?? 1,
      memory: () => [navigator.deviceMemory === undefined ? null : navigator.deviceMemory * 2 ** 30, null],
      load: () => null,
      name: () => navigator.userAgent,
    })),
    connection: service('navigator', (session) => ({ state: connection, watch: watching(session, w, ['online', 'offline'], connection) })),
    screens: service('screen', (session) => ({ list: screens, watch: watching(session, w, ['resize'], screens) })),
    scale: service('devicePixelRatio', (session) => ({ factor: () => w.devicePixelRatio, watch: watching(session, w, ['resize'], () => w.devicePixelRatio) })),
    visibility: service('document.visibilityState', (session) => {
      const isVisible = () => document.visibilityState === 'visible';
      return { isVisible, watch: watching(session, document, ['visibilitychange'], isVisible) };
    }),
    storage: navigator.storage?.estimate === undefined
      ? absent('this browser does not tell of its storage')
      : service('navigator.storage', () => ({
        estimate: async () => {
          const { usage, quota } = await navigator.storage.estimate();
          return [usage ?? null, quota ?? null];
        },
        persist: () => navigator.storage.persist(),
      })),
    wakelock: navigator.wakeLock === undefined
      ? absent('this browser has no wake lock')
      : service('navigator.wakeLock', ({ onClose }) => {
        /** @type {any} */
        let lock = null;
        const release = async () => {
          await lock?.release();
          lock = null;
        };
        onClose(() => void release());
        return {
          acquire: async () => void (lock ??= await navigator.wakeLock.request('screen')),
          release,
          isHeld: () => lock !== null && !lock.released,
        };
      }),
    vibration: navigator.vibrate === undefined
      ? absent('this browser does not shake the machine')
      : service('navigator.vibrate', () => ({
        pulse: (/** @type {number[]} */ times) => navigator.vibrate(times),
        stop: () => navigator.vibrate(0),
      })),
  };
}

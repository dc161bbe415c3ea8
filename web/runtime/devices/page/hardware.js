/** hardware.js: what is plugged into a page's machine, or near it: gamepads, instruments, lines, the USB, radio. */
import { absent, service } from '../service.js';

/** Things by number, from 1: what a person has allowed the page, and what was opened. @template T */
class Numbered {
  /** @param {string} what */
  constructor(what) {
    this.what = what;
    /** @type {T[]} */
    this.things = [];
  }
  /** @param {T} thing */
  numberOf(thing) {
    const at = this.things.indexOf(thing);
    return at >= 0 ? at + 1 : this.things.push(thing);
  }
  /** @param {number} number @returns {T} */
  at(number) {
    const thing = this.things[number - 1];
    if (thing === undefined) throw new Error(`no ${this.what} has the number ${number}`);
    return thing;
  }
}

/** @param {any} value @param {string} what @param {() => import('../service.js').DeviceHost} make */
const where = (value, what, make) => (value === undefined || value === null ? absent(`this browser ${what}`) : make());
/** @param {DataView} data */
const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();

/** @param {any} navigator @param {any} w */
const gamepad = (navigator, w) =>
  service('navigator.getGamepads', ({ event, onClose, expect }) => {
    const pads = () => [...navigator.getGamepads()].filter((pad) => pad !== null);
    const pad = (/** @type {number} */ number) => {
      const found = pads().find(({ index }) => index + 1 === number);
      if (found === undefined) throw new Error(`no gamepad has the number ${number}`);
      return found;
    };
    const came = (/** @type {any} */ { gamepad: { index, id } }) => event('connected', index + 1, id);
    const went = (/** @type {any} */ { gamepad: { index, id } }) => event('disconnected', index + 1, id);
    onClose(() => (w.removeEventListener('gamepadconnected', came), w.removeEventListener('gamepaddisconnected', went)));
    return {
      list: () => pads().map(({ index, id, buttons, axes }) => [index + 1, id, buttons.length, axes.length]),
      read: (/** @type {number} */ number) => [pad(number).buttons.map((/** @type {{value: number}} */ { value }) => value), [...pad(number).axes]],
      watch: () => {
        w.addEventListener('gamepadconnected', came);
        w.addEventListener('gamepaddisconnected', went);
        expect(true);
      },
      rumble: async (/** @type {number} */ number, /** @type {number} */ strength, /** @type {number} */ ms) =>
        void (await pad(number).vibrationActuator?.playEffect('dual-rumble', { duration: ms, strongMagnitude: strength, weakMagnitude: strength })),
    };
  });

/** @param {any} navigator */
const midi = (navigator) =>
  service('navigator.requestMIDIAccess', ({ event, onClose, expect }) => {
    /** @type {Promise<any> | undefined} */
    let access;
    /** @type {Map<string, any>} */
    const open = new Map();
    const ports = async () => {
      const { inputs, outputs } = await (access ??= navigator.requestMIDIAccess());
      return [...inputs.values(), ...outputs.values()];
    };
    const port = async (/** @type {string} */ id) => {
      const found = (await ports()).find((each) => each.id === id);
      if (found === undefined) throw new Error(`there is no port '${id}'`);
      return found;
    };
    const close = (/** @type {string} */ id) => {
      const found = open.get(id);
      open.delete(id);
      expect(open.size > 0);
      if (found?.type === 'input') found.onmidimessage = null;
      return found?.close();
    };
    onClose(() => [...open.keys()].forEach(close));
    return {
      ports: async () => (await ports()).map(({ id, type, name }) => [id, type, name]),
      open: async (/** @type {string} */ id) => {
        const found = await port(id);
        await found.open();
        open.set(id, found);
        expect(true);
        if (found.type === 'input') found.onmidimessage = (/** @type {any} */ { data, timeStamp }) => event(id, data, timeStamp);
      },
      close: async (/** @type {string} */ id) => void (await close(id)),
      send: async (/** @type {string} */ id, /** @type {Uint8Array} */ bytes, /** @type {number | null} */ later) =>
        void (await port(id)).send(bytes, later ? performance.now() + later : undefined),
    };
  });

/** @param {any} navigator */
const serial = (navigator) =>
  service('navigator.serial', ({ event, onClose, expect }) => {
    /** @type {Map<string, any>} */
    const ports = new Map();
    /** @type {Map<number, {port: any, reader: any}>} */
    const open = new Map();
    let last = 0;
    const close = async (/** @type {number} */ number) => {
      const line = open.get(number);
      open.delete(number);
      expect(open.size > 0);
      await line?.reader.cancel();
      line?.reader.releaseLock();
      await line?.port.close();
      return line !== undefined;
    };
    const read = async (/** @type {number} */ number, /** @type {any} */ reader) => {
      try {
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) event(number, piece.value);
      } finally {
        if (open.has(number)) event(number, null);
      }
    };
    onClose(() => [...open.keys()].forEach((number) => void close(number)));
    return {
      async ports() {
        ports.clear();
        for (const [i, port] of (await navigator.serial.getPorts()).entries()) ports.set(`port ${i + 1}`, port);
        return [...ports.keys()];
      },
      async open(/** @type {string} */ name, /** @type {number} */ baudRate) {
        const port = ports.get(name) ?? (await navigator.serial.requestPort());
        await port.open({ baudRate });
        const number = ++last;
        const reader = port.readable.getReader();
        open.set(number, { port, reader });
        expect(true);
        void read(number, reader);
        return number;
      },
      async send(/** @type {number} */ number, /** @type {Uint8Array} */ bytes) {
        const line = open.get(number);
        if (line === undefined) throw new Error(`no serial line has the number ${number}`);
        const writer = line.port.writable.getWriter();
        await writer.write(bytes);
        writer.releaseLock();
        return bytes.length;
      },
      close,
    };
  });

/** @param {any} navigator */
const usb = (navigator) =>
  service('navigator.usb', () => {
    /** @type {Numbered<any>} */
    const all = new Numbered('USB device');
    return {
      list: async () => (await navigator.usb.getDevices()).map((/** @type {any} */ each) => [all.numberOf(each), each.vendorId, each.productId, each.productName ?? '']),
      open: async (/** @type {number} */ number) => {
        const device = all.at(number);
        await device.open();
        if (device.configuration === null) await device.selectConfiguration(1);
        await device.claimInterface(0);
      },
      close: (/** @type {number} */ number) => all.at(number).close(),
      transferIn: async (/** @type {number} */ number, /** @type {number} */ endpoint, /** @type {number} */ length) => bytesOf((await all.at(number).transferIn(endpoint, length)).data),
      transferOut: async (/** @type {number} */ number, /** @type {number} */ endpoint, /** @type {Uint8Array} */ bytes) => (await all.at(number).transferOut(endpoint, bytes)).bytesWritten,
    };
  });

/** @param {any} navigator */
const hid = (navigator) =>
  service('navigator.hid', ({ event, onClose, expect }) => {
    /** @type {Numbered<any>} */
    const all = new Numbered('device');
    onClose(() => all.things.forEach((each) => (each.oninputreport = null)));
    return {
      list: async () => (await navigator.hid.getDevices()).map((/** @type {any} */ each) => [all.numberOf(each), each.vendorId, each.productId, each.productName ?? '']),
      open: async (/** @type {number} */ number) => {
        const device = all.at(number);
        await device.open();
        device.oninputreport = (/** @type {any} */ { reportId, data }) => event(number, reportId, bytesOf(data));
        expect(true);
      },
      close: (/** @type {number} */ number) => all.at(number).close(),
      send: (/** @type {number} */ number, /** @type {number} */ report, /** @type {Uint8Array} */ bytes) => all.at(number).sendReport(report, bytes),
    };
  });

/** @param {any} navigator */
const bluetooth = (navigator) =>
  service('navigator.bluetooth', () => {
    /** @type {Numbered<any>} */
    const all = new Numbered('device');
    const characteristic = async (/** @type {number} */ number, /** @type {string} */ of, /** @type {string} */ name) =>
      (await (await all.at(number).gatt.connect()).getPrimaryService(of)).getCharacteristic(name);
    return {
      isAvailable: () => navigator.bluetooth.getAvailability(),
      request: async (/** @type {string} */ of) => {
        const device = await navigator.bluetooth.requestDevice({ filters: [{ services: [of] }] });
        return [all.numberOf(device), device.name ?? ''];
      },
      read: async (/** @type {number} */ number, /** @type {string} */ of, /** @type {string} */ name) => bytesOf(await (await characteristic(number, of, name)).readValue()),
      write: async (/** @type {number} */ number, /** @type {string} */ of, /** @type {string} */ name, /** @type {Uint8Array} */ bytes) =>
        (await characteristic(number, of, name)).writeValue(bytes),
    };
  });

/** @param {any} w @returns {Record<string, import('../service.js').DeviceHost>} */
export function pageHardware(w) {
  const { navigator } = w;
  return {
    gamepad: where(navigator.getGamepads, 'has no gamepads', () => gamepad(navigator, w)),
    midi: where(navigator.requestMIDIAccess, 'has no Web MIDI', () => midi(navigator)),
    serial: where(navigator.serial, 'has no Web Serial', () => serial(navigator)),
    usb: where(navigator.usb, 'has no WebUSB', () => usb(navigator)),
    hid: where(navigator.hid, 'has no WebHID', () => hid(navigator)),
    bluetooth: where(navigator.bluetooth, 'has no Web Bluetooth', () => bluetooth(navigator)),
  };
}

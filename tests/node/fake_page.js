/** fake_page.js: a page's window for tests: keeps what was asked of it, and plays back what a browser would say. */

/** What listens, and what is told. */
class Target {
  constructor() {
    /** @type {Map<string, Set<(event: any) => void>>} */
    this.listeners = new Map();
  }
  /** @param {string} name @param {(event: any) => void} listener @param {{once?: boolean}} [how] */
  addEventListener(name, listener, { once = false } = {}) {
    const heard = once ? (/** @type {any} */ event) => (this.removeEventListener(name, heard), listener(event)) : listener;
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(heard));
  }
  /** @param {string} name @param {(event: any) => void} listener */
  removeEventListener(name, listener) {
    this.listeners.get(name)?.delete(listener);
  }
  /** @param {string} name @param {any} [event] */
  tell(name, event = {}) {
    for (const each of [...(this.listeners.get(name) ?? [])]) each(event);
  }
}

/** A window with everything that the devices know of. */
export function fakeWindow() {
  /** @type {any[][]} */
  const asked = [];
  const note = (/** @type {string} */ what, /** @type {any} */ answer) => (/** @type {any[]} */ ...args) => (asked.push([what, ...args]), answer);
  const later = (/** @type {string} */ what, /** @type {any} */ answer) => async (/** @type {any[]} */ ...args) => (asked.push([what, ...args]), answer);
  const battery = Object.assign(new Target(), { level: 0.5, charging: true, chargingTime: 60, dischargingTime: Infinity });
  const pad = { index: 0, id: 'Pad', buttons: [{ value: 1 }, { value: 0 }], axes: [0.5, -1], vibrationActuator: { playEffect: later('rumble', 'complete') } };
  const port = { id: 'in-1', type: 'input', name: 'Keys', open: later('midi.open', null), close: later('midi.close', null), onmidimessage: null };
  const output = { id: 'out-1', type: 'output', name: 'Synth', send: note('midi.send', undefined), open: later('midi.open', null), close: later('midi.close', null) };
  /** @type {((piece: any) => void)[]} */
  const readers = [];
  const line = {
    open: later('serial.open', null), close: later('serial.close', null),
    readable: { getReader: () => ({ read: () => new Promise((resolve) => readers.push(resolve)), cancel: async () => readers.splice(0).forEach((each) => each({ done: true })), releaseLock() {} }) },
    writable: { getWriter: () => ({ write: later('serial.write', null), releaseLock() {} }) },
  };
  const usb = {
    vendorId: 1, productId: 2, productName: 'Thing', configuration: null, open: later('usb.open', null), close: later('usb.close', null), selectConfiguration: later('usb.configuration', null),
    claimInterface: later('usb.claim', null), transferIn: later('usb.in', { data: new DataView(Uint8Array.of(1, 2).buffer) }), transferOut: later('usb.out', { bytesWritten: 3 }),
  };
  const hid = { vendorId: 3, productId: 4, productName: 'Knob', open: later('hid.open', null), close: later('hid.close', null), sendReport: later('hid.send', null), oninputreport: null };
  const characteristic = { readValue: later('bluetooth.read', new DataView(Uint8Array.of(9).buffer)), writeValue: later('bluetooth.write', null) };
  const radio = { name: 'Band', gatt: { connect: async () => ({ getPrimaryService: async () => ({ getCharacteristic: async () => characteristic }) }) } };
  const track = { stop: note('track.stop', undefined) };
  const picture = Uint8ClampedArray.of(1, 2, 3, 255);
  class OffscreenCanvas {
    getContext() {
      return { drawImage() {}, getImageData: () => ({ data: picture.slice() }), putImageData: note('canvas.put', undefined) };
    }
    convertToBlob = later('canvas.blob', 'a PNG');
  }
  class Sensor {
    x = 1;
    y = 2;
    z = 3;
    illuminance = 100;
    start() {
      setTimeout(() => /** @type {any} */ (this).onreading());
    }
    stop() {}
  }
  class Notification {
    static requestPermission = async () => 'granted';
    /** @param {any[]} args */
    constructor(...args) {
      asked.push(['note', ...args]);
      w.note = this;
    }
    close() {
      /** @type {any} */ (this).onclose();
    }
  }
  class SpeechRecognition {
    start() {
      setTimeout(() => /** @type {any} */ (this).onresult({ results: [[{ transcript: 'hello', confidence: 0.9 }]] }));
    }
    abort() {}
  }
  class AudioContext {
    currentTime = 1;
    sampleRate = 22050;
    destination = 'ears';
    resume = later('audio.resume', null);
    close = later('audio.close', null);
    /** @param {number} channels @param {number} length @param {number} rate */
    createBuffer(channels, length, rate) {
      const data = Array.from({ length: channels }, () => new Float32Array(length));
      asked.push(['audio.buffer', rate, data]);
      return { getChannelData: (/** @type {number} */ channel) => data[channel] };
    }
    createBufferSource() {
      return { connect() {}, start: note('audio.start', undefined), stop: note('audio.stop', undefined) };
    }
    createScriptProcessor() {
      return (w.processor = { connect: note('processor.connect', undefined) });
    }
    createMediaStreamSource() {
      return { connect: note('microphone.connect', undefined) };
    }
  }
  const frame = () => ({
    contentDocument: { title: '', body: { append: note('paper', undefined) }, createElement: () => ({ decode: async () => {} }) },
    contentWindow: { print: note('print', undefined) }, remove() {},
  });
  const video = () => ({ play: async () => {}, videoWidth: 1, videoHeight: 1 });
  const navigator = {
    language: 'en', userAgent: 'Fake 1.0', hardwareConcurrency: 8, deviceMemory: 4, onLine: true, connection: { type: 'wifi', downlink: 10 },
    getBattery: async () => battery,
    storage: { estimate: async () => ({ usage: 1, quota: 10 }), persist: async () => true },
    wakeLock: { request: later('wakelock', { released: false, release: later('wakelock.release', null) }) },
    vibrate: note('vibrate', true),
    getGamepads: () => [null, pad].filter((each) => each !== null),
    requestMIDIAccess: async () => ({ inputs: new Map([['in-1', port]]), outputs: new Map([['out-1', output]]) }),
    serial: { getPorts: async () => [line], requestPort: async () => line },
    usb: { getDevices: async () => [usb] },
    hid: { getDevices: async () => [hid] },
    bluetooth: { getAvailability: async () => true, requestDevice: later('bluetooth.request', radio) },
    mediaDevices: { getUserMedia: later('media', { getTracks: () => [track] }), enumerateDevices: async () => [{ kind: 'videoinput', label: 'Front' }, { kind: 'audioinput', label: 'Mic' }] },
    geolocation: {
      getCurrentPosition: (/** @type {any} */ found) => found({ coords: { latitude: 52, longitude: 13, accuracy: 5, altitude: null } }),
      watchPosition: (/** @type {any} */ found) => (found({ coords: { latitude: 53, longitude: 14, accuracy: 5, altitude: 30 } }), 7),
      clearWatch: note('geolocation.clear', undefined),
    },
    clipboard: { read: async () => [{ types: ['image/png'], getType: async () => 'blob' }], write: later('clipboard.write', null), readText: async () => 'text', writeText: later('clipboard.text', null) },
    share: later('share', null),
  };
  /** @type {any} */
  const w = Object.assign(new Target(), {
    asked, navigator, battery, pad, port, hid, readers, OffscreenCanvas, Notification, SpeechRecognition, AudioContext, WebSocket, BroadcastChannel, fetch, URL: { createObjectURL: () => 'blob:' },
    screen: { width: 800, height: 600, colorDepth: 24, availLeft: 0, availTop: 0 }, devicePixelRatio: 2, print() {},
    document: Object.assign(new Target(), { visibilityState: 'visible', createElement: (/** @type {string} */ name) => (name === 'video' ? video() : frame()), body: { append() {} } }),
    DeviceMotionEvent: class {}, DeviceOrientationEvent: class {}, Magnetometer: Sensor, AmbientLightSensor: Sensor, ImageData: class {}, ClipboardItem: class {},
    createImageBitmap: async () => ({ width: 1, height: 1 }),
    SpeechSynthesisUtterance: class {
      /** @param {string} text */
      constructor(text) {
        this.text = text;
      }
    },
    speechSynthesis: { getVoices: () => [{ name: 'Ann', lang: 'en' }], cancel: note('silence', undefined), speak: (/** @type {any} */ said) => (asked.push(['speak', said.text, said.rate]), said.onend()) },
  });
  return w;
}
class WebSocket {}

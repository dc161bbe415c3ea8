/** senses.js: what a page sees, hears, feels and says: camera, place, motion, light, notes, speech, paper, pictures of the clipboard. */
import { absent, service } from '../service.js';

/** @param {any} value @param {string} what @param {() => import('../service.js').DeviceHost} make */
const where = (value, what, make) => (value === undefined || value === null ? absent(`this browser ${what}`) : make());

/** RGBA bytes of what can be drawn. @param {any} w @param {any} source @param {number} width @param {number} height */
function pixelsOf(w, source, width, height) {
  const context = new w.OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(source, 0, 0, width, height);
  return [width, height, new Uint8Array(context.getImageData(0, 0, width, height).data.buffer)];
}
/** A PNG file of RGBA bytes. @param {any} w @param {number} width @param {number} height @param {Uint8Array} bytes */
function pictureOf(w, width, height, bytes) {
  if (!(width > 0 && height > 0 && bytes.length === 4 * width * height)) throw new Error(`${bytes.length} bytes are no picture of ${width} × ${height}`);
  const canvas = new w.OffscreenCanvas(width, height);
  canvas.getContext('2d').putImageData(new w.ImageData(new Uint8ClampedArray(bytes), width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** @param {any} w */
const camera = (w) =>
  service('navigator.mediaDevices', ({ onClose }) => {
    /** @type {any} */
    let stream = null;
    const { mediaDevices } = w.navigator;
    const stop = () => {
      stream?.getTracks().forEach((/** @type {any} */ track) => track.stop());
      stream = null;
    };
    onClose(stop);
    return {
      list: async () => (await mediaDevices.enumerateDevices()).filter(({ kind = '' }) => kind === 'videoinput').map(({ label = '' }) => label),
      take: async (/** @type {number} */ width, /** @type {number} */ height) => {
        stream ??= await mediaDevices.getUserMedia({ video: { width, height } });
        const video = w.document.createElement('video');
        video.srcObject = stream;
        video.muted = true;
        await video.play();
        return pixelsOf(w, video, video.videoWidth, video.videoHeight);
      },
      stop,
    };
  });

/** @param {any} geolocation */
const place = (geolocation) =>
  service('navigator.geolocation', ({ event, onClose, expect }) => {
    /** @type {number | undefined} */
    let watched;
    const facts = ({ coords: { latitude = 0, longitude = 0, accuracy = 0, altitude = null } }) => [latitude, longitude, accuracy, altitude];
    onClose(() => watched !== undefined && geolocation.clearWatch(watched));
    return {
      position: () => new Promise((resolve, reject) => geolocation.getCurrentPosition((/** @type {any} */ at) => resolve(facts(at)), (/** @type {any} */ { message }) => reject(new Error(message)))),
      watch: () => {
        watched ??= geolocation.watchPosition((/** @type {any} */ at) => event(facts(at)), () => {});
        expect(true);
      },
    };
  });

/** A sensor that tells by events of the window. @param {any} w @param {string} name @param {(event: any) => (number | null)[]} values */
const motion = (w, name, values) =>
  where(w[`${name === 'devicemotion' ? 'DeviceMotion' : 'DeviceOrientation'}Event`], `does not tell of ${name}`, () =>
    service(name, ({ event, onClose, expect }) => {
      /** @type {(heard: any) => void} */
      const tell = (heard) => event(values(heard));
      onClose(() => w.removeEventListener(name, tell));
      return {
        read: () => new Promise((resolve) => w.addEventListener(name, (/** @type {any} */ heard) => resolve(values(heard)), { once: true })),
        watch: () => {
          w.addEventListener(name, tell);
          expect(true);
        },
      };
    }));

/** A sensor of the Generic Sensor API. @param {any} Sensor @param {string} name @param {(sensor: any) => unknown} values */
const sensor = (Sensor, name, values) =>
  where(Sensor, `has no ${name}`, () =>
    service(name, ({ event, onClose, expect }) => {
      const make = () => {
        const made = new Sensor({ frequency: 10 });
        onClose(() => made.stop());
        made.start();
        return made;
      };
      return {
        read: () => new Promise((resolve, reject) => {
          const made = make();
          made.onreading = () => (made.stop(), resolve(values(made)));
          made.onerror = (/** @type {any} */ { error }) => reject(error);
        }),
        watch: () => {
          const made = make();
          made.onreading = () => event(values(made));
          expect(true);
        },
      };
    }));

/** @param {any} Notification */
const notifications = (Notification) =>
  service('Notification', ({ event, onClose, expect }) => {
    /** @type {Map<string, any>} */
    const shown = new Map();
    let last = 0;
    const close = (/** @type {string} */ tag) => shown.get(tag)?.close();
    onClose(() => [...shown.keys()].forEach(close));
    return {
      show: async (/** @type {string} */ title, /** @type {string} */ body, tag = `note ${++last}`) => {
        if ((await Notification.requestPermission()) !== 'granted') throw new Error('the person does not want notes');
        const note = new Notification(title, { body, tag });
        note.onclick = () => event(tag, 'clicked');
        note.onclose = () => {
          shown.delete(tag);
          expect(shown.size > 0);
          event(tag, 'closed');
        };
        shown.set(tag, note);
        expect(true);
        return tag;
      },
      close,
    };
  });

/** @param {any} w */
const speech = (w) =>
  service('speechSynthesis', ({ onClose }) => {
    const { speechSynthesis } = w;
    onClose(() => speechSynthesis.cancel());
    return {
      speak: (/** @type {string} */ text, voice = '', rate = 1, pitch = 1) =>
        new Promise((resolve, reject) => {
          const said = new w.SpeechSynthesisUtterance(text);
          Object.assign(said, { rate: rate ?? 1, pitch: pitch ?? 1, onend: () => resolve(true), onerror: (/** @type {any} */ { error }) => reject(new Error(error)) });
          const found = speechSynthesis.getVoices().find(({ name = '' }) => name === voice);
          if (found !== undefined) said.voice = found;
          speechSynthesis.speak(said);
        }),
      voices: () => speechSynthesis.getVoices().map(({ name = '', lang = '' }) => [name, lang]),
      cancel: () => speechSynthesis.cancel(),
    };
  });

/** @param {any} Recognition */
const recognition = (Recognition) =>
  service('SpeechRecognition', ({ onClose }) => {
    /** @type {any} */
    let listener = null;
    const cancel = () => listener?.abort();
    onClose(cancel);
    return {
      listen: (language = '') =>
        new Promise((resolve, reject) => {
          listener = new Recognition();
          listener.lang = language ?? '';
          listener.onresult = ({ results = [[{ transcript: '', confidence: 0 }]] }) => resolve([results[0][0].transcript, results[0][0].confidence]);
          listener.onerror = (/** @type {any} */ { error }) => reject(new Error(error));
          listener.onend = () => reject(new Error('nothing was said'));
          listener.start();
        }),
      cancel,
    };
  });

/** @param {any} w */
const printer = (w) =>
  service('print', () => {
    /** Prints a page of its own, so that this one is as it was. @param {string} title @param {(body: any, document: any) => unknown} fill */
    const print = async (title, fill) => {
      const frame = w.document.createElement('iframe');
      frame.hidden = true;
      w.document.body.append(frame);
      frame.contentDocument.title = title;
      await fill(frame.contentDocument.body, frame.contentDocument);
      frame.contentWindow.print();
      frame.remove();
    };
    return {
      text: (/** @type {string} */ title, /** @type {string} */ text) => print(title, (body, document) => {
        const lines = document.createElement('pre');
        lines.textContent = text;
        body.append(lines);
      }),
      picture: (/** @type {string} */ title, /** @type {number} */ width, /** @type {number} */ height, /** @type {Uint8Array} */ bytes) => print(title, async (body, document) => {
        const picture = document.createElement('img');
        picture.src = w.URL.createObjectURL(await pictureOf(w, width, height, bytes));
        body.append(picture);
        await picture.decode();
      }),
    };
  });

/** @param {any} w */
const clipboardImage = (w) =>
  service('navigator.clipboard', () => {
    const { clipboard } = w.navigator;
    const item = async () => (await clipboard.read())[0];
    return {
      read: async () => {
        const found = await item();
        const type = found?.types.find((/** @type {string} */ each) => each.startsWith('image/'));
        if (type === undefined) return null;
        const bitmap = await w.createImageBitmap(await found.getType(type));
        return pixelsOf(w, bitmap, bitmap.width, bitmap.height);
      },
      write: async (/** @type {number} */ width, /** @type {number} */ height, /** @type {Uint8Array} */ bytes) =>
        clipboard.write([new w.ClipboardItem({ 'image/png': await pictureOf(w, width, height, bytes) })]),
      formats: async () => (await item())?.types ?? [],
    };
  });

/** @param {any} w @returns {Record<string, import('../service.js').DeviceHost>} */
export function pageSenses(w) {
  const { navigator } = w;
  const axes = (/** @type {any} */ { x, y, z }) => [x, y, z];
  return {
    camera: where(navigator.mediaDevices?.getUserMedia, 'lets no page see', () => camera(w)),
    geolocation: where(navigator.geolocation, 'does not know where it is', () => place(navigator.geolocation)),
    accelerometer: motion(w, 'devicemotion', ({ accelerationIncludingGravity: a }) => axes(a ?? {})),
    gyroscope: motion(w, 'devicemotion', ({ rotationRate: r }) => [r?.beta, r?.gamma, r?.alpha].map((degrees) => (degrees ?? 0) * (Math.PI / 180))),
    orientation: motion(w, 'deviceorientation', ({ alpha, beta, gamma }) => [alpha, beta, gamma]),
    magnetometer: sensor(w.Magnetometer, 'Magnetometer', axes),
    light: sensor(w.AmbientLightSensor, 'AmbientLightSensor', ({ illuminance }) => illuminance),
    notifications: where(w.Notification, 'shows no notes', () => notifications(w.Notification)),
    speech: where(w.speechSynthesis, 'does not speak', () => speech(w)),
    recognition: where(w.SpeechRecognition ?? w.webkitSpeechRecognition, 'does not listen', () => recognition(w.SpeechRecognition ?? w.webkitSpeechRecognition)),
    printer: where(w.print, 'does not print', () => printer(w)),
    clipboard_image: where(navigator.clipboard?.read, 'does not let pages see the clipboard', () => clipboardImage(w)),
    share: where(navigator.share, 'gives nothing to other programs', () =>
      service('navigator.share', () => ({ send: (/** @type {string} */ title, /** @type {string} */ text, /** @type {string | undefined} */ url) => navigator.share({ title, text, ...(url ? { url } : {}) }) }))),
  };
}

/** table.js: the devices and the permissions they need, as vm/devices/devices.def has them. */

/** Device → permission; '' where none is needed. @type {Readonly<Record<string, string>>} */
export const DEVICES = Object.freeze({
  clock: '', timezone: '', files: 'files', streams: 'streams', attributes: '', environment: 'environment', locale: '',
  random: '', log: '', code: '', display: 'display', cursor: 'display', events: '', keyboard: 'input', pointer: 'input',
  wheel: 'input', window: 'input', drop: 'drop', clipboard: 'clipboard',
  sound_out: 'sound', sound_in: 'microphone', sockets: 'network', resolver: 'network',
  battery: 'power', machine: 'machine', connection: 'network', http: 'network', websocket: 'network', screens: 'screens',
  scale: 'display', fullscreen: 'display', visibility: 'display', touch: 'input', pen: 'input', composition: 'input',
  gamepad: 'gamepad', midi: 'midi', serial: 'serial', usb: 'usb', hid: 'hid', bluetooth: 'bluetooth', camera: 'camera',
  geolocation: 'geolocation', accelerometer: 'sensors', gyroscope: 'sensors', magnetometer: 'sensors', orientation: 'sensors',
  light: 'sensors', notifications: 'notifications', speech: 'speech', recognition: 'microphone', wakelock: 'wakelock',
  storage: 'storage', locks: 'locks', channels: 'channels', printer: 'print', clipboard_image: 'clipboard', vibration: 'vibration',
  share: 'share',
});

/** Permission → whether a program has it without asking. @type {Readonly<Record<string, boolean>>} */
export const PERMISSIONS = Object.freeze({
  files: true, streams: true, environment: true, display: true, input: true, drop: true, clipboard: false, sound: true, microphone: false,
  network: false,
  power: true, machine: true, screens: true, gamepad: true, midi: false, serial: false, usb: false, hid: false, bluetooth: false,
  camera: false, geolocation: false, sensors: false, notifications: false, speech: true, wakelock: true, storage: true, locks: true,
  channels: true, print: false, vibration: true, share: false,
});

/** table.js: the devices and the permissions they need, as vm/devices/devices.def has them. */

/** Device → permission; '' where none is needed. @type {Readonly<Record<string, string>>} */
export const DEVICES = Object.freeze({
  clock: '', timezone: '', files: 'files', streams: 'streams', attributes: '', environment: 'environment', locale: '',
  random: '', log: '', code: '', display: 'display', cursor: 'display', events: '', keyboard: 'input', pointer: 'input',
  wheel: 'input', window: 'input', drop: 'drop', clipboard: 'clipboard',
  sound_out: 'sound', sound_in: 'microphone',
});

/** Permission → whether a program has it without asking. @type {Readonly<Record<string, boolean>>} */
export const PERMISSIONS = Object.freeze({
  files: true, streams: true, environment: true, display: true, input: true, drop: true, clipboard: false, sound: true, microphone: false,
});

/** permissions.js: what a program may use, by the names of table.js. Nothing else decides it. */
import { DEVICES, PERMISSIONS } from './table.js';

/** The names of a list such as `display,clipboard`. @param {string[]} lists @returns {string[]} */
const namesOf = (lists) => lists.flatMap((list) => list.split(',')).map((name) => name.trim()).filter((name) => name !== '');

export class Permissions {
  /** @param {{allow?: string[], deny?: string[]}} [lists]  what is denied is not allowed, whatever else is said */
  constructor({ allow = [], deny = [] } = {}) {
    const granted = Object.keys(PERMISSIONS).filter((name) => PERMISSIONS[name]);
    for (const name of namesOf([...allow, ...deny]))
      if (!(name in PERMISSIONS)) throw new RangeError(`there is no permission '${name}': ${Object.keys(PERMISSIONS).join(', ')}`);
    this.granted = new Set([...granted, ...namesOf(allow)]);
    for (const name of namesOf(deny)) this.granted.delete(name);
  }

  /** @param {string} permission */
  grants(permission) {
    return permission === '' || this.granted.has(permission);
  }

  /** @param {string} device */
  grantsDevice(device) {
    return device in DEVICES && this.grants(DEVICES[device]);
  }
}

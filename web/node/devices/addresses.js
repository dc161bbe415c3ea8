/** addresses.js: IPv4 addresses as numbers, the first part in the highest byte. */
import os from 'node:os';

/** @param {string} text  also such as ::ffff:127.0.0.1; 0 where it is no IPv4 address */
export function addressOf(text) {
  const parts = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  return parts.reduce((sum, part) => (sum * 256 + part) >>> 0, 0);
}

/** @param {number} address */
export const addressText = (address) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** An address that others may know this machine by. */
export function ownAddress() {
  const all = Object.values(os.networkInterfaces()).flatMap((each) => each ?? []);
  return addressOf(all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1');
}

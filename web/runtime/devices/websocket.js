/** websocket.js: connections that take and send messages: vm/devices/websocket.c. */
import { service } from './service.js';

const MOST_CONNECTIONS = 64;

/** @param {string} host @param {{new (url: string, protocols?: string[]): any}} Socket  WebSocket, or one like it */
export const websocket = (host, Socket) =>
  service(host, ({ event, onClose, expect }) => {
    /** @type {Map<number, any>} */
    const open = new Map();
    let last = 0;
    const changed = () => expect(open.size > 0);
    onClose(() => open.forEach((socket) => socket.close()));
    /** @param {number} number */
    const at = (number) => {
      const socket = open.get(number);
      if (socket === undefined) throw new Error(`no connection has the number ${number}`);
      return socket;
    };
    return {
      open: (/** @type {string} */ url, /** @type {string[]} */ protocols = []) =>
        new Promise((resolve, reject) => {
          if (open.size >= MOST_CONNECTIONS) throw new Error(`there are ${MOST_CONNECTIONS} connections already`);
          if (!/^wss?:$/.test(new URL(url).protocol)) throw new Error(`${url}: only ws and wss are addresses of such connections`);
          const socket = new Socket(url, protocols ?? []);
          const number = ++last;
          socket.binaryType = 'arraybuffer';
          open.set(number, socket);
          changed();
          socket.onopen = () => resolve(number);
          socket.onmessage = (/** @type {{data: string | ArrayBuffer}} */ { data }) => event(number, 'message', typeof data === 'string' ? data : new Uint8Array(data));
          socket.onerror = () => reject(new Error(`${url}: no connection could be made`));
          socket.onclose = (/** @type {{code: number, reason: string}} */ { code, reason }) => {
            if (open.delete(number)) event(number, 'closed', code, reason);
            changed();
            reject(new Error(`${url}: the connection was closed (${code})`));
          };
        }),
      send: (/** @type {number} */ number, /** @type {string | Uint8Array} */ data) => void at(number).send(data),
      close: (/** @type {number} */ number, /** @type {number} */ code = 1000, /** @type {string} */ reason = '') => void at(number).close(code ?? 1000, reason ?? ''),
    };
  });

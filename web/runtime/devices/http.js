/** http.js: requests to servers of the web: vm/devices/http.c. Node.js and pages fetch alike. */
import { service } from './service.js';

/** No answer is longer; bytes. */
const MOST_BODY = 1 << 26;

/** @param {Response} response @param {AbortController} abort */
async function bodyOf(response, abort) {
  const reader = response.body?.getReader();
  /** @type {Uint8Array[]} */
  const pieces = [];
  let size = 0;
  for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
    pieces.push(piece.value);
    size += piece.value.length;
    if (size > MOST_BODY) {
      abort.abort();
      throw new Error(`the answer is longer than ${MOST_BODY} bytes`);
    }
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}

/** What went wrong, with the reason that fetch keeps to itself. @param {unknown} error */
function explained(error) {
  const { message, cause } = /** @type {Error & {cause?: Error}} */ (error);
  return new Error(cause?.message ? `${message}: ${cause.message}` : message);
}

/** @param {string} host @param {typeof fetch} fetcher */
export const http = (host, fetcher) =>
  service(host, ({ onClose }) => {
    /** @type {Map<number, AbortController>} */
    const running = new Map();
    let requests = 0;
    onClose(() => running.forEach((abort) => abort.abort()));
    return {
      async request(/** @type {string} */ method, /** @type {string} */ url, /** @type {string[]} */ headers = [], /** @type {Uint8Array | string | null} */ body = null) {
        if (!/^https?:$/.test(new URL(url).protocol)) throw new Error(`${url}: only http and https can be asked`);
        const number = ++requests;
        const abort = new AbortController();
        running.set(number, abort);
        try {
          /** @type {[string, string][]} */
          const pairs = (headers ?? []).flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1] ?? '']] : []));
          const response = await fetcher(url, { method, headers: pairs, body: /** @type {BodyInit | null} */ (body), signal: abort.signal });
          return [response.status, response.statusText, [...response.headers].flat(), await bodyOf(response, abort), response.url];
        } catch (error) {
          throw explained(error);
        } finally {
          running.delete(number);
        }
      },
      cancel(/** @type {number} */ number) {
        running.get(number)?.abort();
        return running.has(number);
      },
    };
  });

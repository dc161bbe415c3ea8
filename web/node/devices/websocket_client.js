/** websocket_client.js: WebSocket (RFC 6455) for a Node.js that has none: the client's side, as much of the interface as websocket.js uses. */
import crypto from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

/** What the server hashes with the key (RFC 6455, 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPCODE = Object.freeze({ MORE: 0, TEXT: 1, BYTES: 2, CLOSE: 8, PING: 9, PONG: 10 });
const [FINAL, MASKED, OPCODE_BITS, LENGTH_BITS] = [0x80, 0x80, 0x0f, 0x7f];
const [LENGTH_16, LENGTH_64] = [126, 127];
const MASK_BYTES = 4;
const MOST_BYTES = 1 << 26;
const CODE = Object.freeze({ NONE: 1005, LOST: 1006, WRONG: 1002, TOO_BIG: 1009 });

/** A client's frame: masked. @param {number} opcode @param {Uint8Array} payload */
export function frame(opcode, payload) {
  const n = payload.length;
  const extra = n < LENGTH_16 ? 0 : n < 65536 ? 2 : 8;
  const head = Buffer.alloc(2 + extra + MASK_BYTES);
  head[0] = FINAL | opcode;
  head[1] = MASKED | (extra === 0 ? n : extra === 2 ? LENGTH_16 : LENGTH_64);
  if (extra === 2) head.writeUInt16BE(n, 2);
  if (extra === 8) head.writeBigUInt64BE(BigInt(n), 2);
  const mask = crypto.randomBytes(MASK_BYTES);
  mask.copy(head, 2 + extra);
  return Buffer.concat([head, Buffer.from(payload.map((byte, i) => byte ^ mask[i % MASK_BYTES]))]);
}

/** The frame at the start of the bytes, and how long it is; null while it is not whole. @param {Buffer} bytes */
export function parse(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & LENGTH_BITS;
  const extra = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
  if (bytes.length < 2 + extra) return null;
  const n = extra === 2 ? bytes.readUInt16BE(2) : extra === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (n > MOST_BYTES) throw new RangeError('a message is too long');
  if ((bytes[1] & MASKED) !== 0) throw new TypeError('a server must not mask');
  const end = 2 + extra + n;
  return bytes.length < end ? null : { final: (bytes[0] & FINAL) !== 0, opcode: bytes[0] & OPCODE_BITS, payload: bytes.subarray(2 + extra, end), length: end };
}

export class WebSocketClient {
  /** @param {string} url @param {string[]} [protocols] */
  constructor(url, protocols = []) {
    this.onopen = () => {};
    this.onmessage = (/** @type {{data: string | ArrayBuffer}} */ _message) => {};
    this.onerror = () => {};
    this.onclose = (/** @type {{code: number, reason: string}} */ _end) => {};
    this.binaryType = 'arraybuffer';
    /** @type {import('node:net').Socket | import('node:stream').Duplex | null} */
    this.socket = null;
    this.bytes = Buffer.alloc(0);
    /** The pieces of a message that has not ended. @type {Buffer[]} */
    this.pieces = [];
    this.kind = 0;
    this.ended = false;
    this.connect_(new URL(url), protocols);
  }

  /** @param {URL} url @param {string[]} protocols */
  connect_(url, protocols) {
    const key = crypto.randomBytes(16).toString('base64');
    const headers = {
      Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key,
      ...(protocols.length > 0 ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {}),
    };
    const secure = url.protocol === 'wss:';
    const target = new URL(url.href.replace(/^ws/, 'http'));
    const request = (secure ? https : http).request(target, { headers });
    this.request = request;
    request.on('error', () => this.fail_());
    request.on('response', (response) => {
      response.destroy();
      this.fail_();
    });
    request.on('upgrade', ({ headers: answer }, socket, rest) => {
      const accept = crypto.createHash('sha1').update(key + GUID).digest('base64');
      if (answer['sec-websocket-accept'] !== accept) {
        socket.destroy();
        this.fail_();
        return;
      }
      this.socket = socket;
      socket.on('data', (piece) => this.take_(piece));
      socket.on('error', () => this.end_(CODE.LOST, ''));
      socket.on('close', () => this.end_(CODE.LOST, ''));
      this.onopen();
      this.take_(rest);
    });
    request.end();
  }

  fail_() {
    if (!this.ended) this.onerror();
    this.end_(CODE.LOST, '');
  }

  /** @param {number} code @param {string} reason */
  end_(code, reason) {
    if (this.ended) return;
    this.ended = true;
    this.onclose({ code, reason });
  }

  /** @param {Buffer} piece */
  take_(piece) {
    this.bytes = Buffer.concat([this.bytes, piece]);
    try {
      for (let next = parse(this.bytes); next !== null && !this.ended; next = parse(this.bytes)) {
        this.bytes = this.bytes.subarray(next.length);
        this.frame_(next);
      }
    } catch (error) {
      this.socket?.destroy();
      this.end_(error instanceof RangeError ? CODE.TOO_BIG : CODE.WRONG, /** @type {Error} */ (error).message);
    }
  }

  /** @param {{final: boolean, opcode: number, payload: Buffer}} frame */
  frame_({ final, opcode, payload }) {
    if (opcode === OPCODE.PING) this.socket?.write(frame(OPCODE.PONG, payload));
    else if (opcode === OPCODE.CLOSE) {
      const [code, reason] = payload.length >= 2 ? [payload.readUInt16BE(0), payload.toString('utf8', 2)] : [CODE.NONE, ''];
      this.socket?.end(frame(OPCODE.CLOSE, payload.subarray(0, 2)));
      this.end_(code, reason);
    } else if (opcode <= OPCODE.BYTES) {
      if (opcode !== OPCODE.MORE) this.kind = opcode;
      this.pieces.push(payload);
      if (this.pieces.reduce((sum, { length }) => sum + length, 0) > MOST_BYTES) throw new RangeError('a message is too long');
      if (!final) return;
      const whole = Buffer.concat(this.pieces);
      this.pieces = [];
      this.onmessage({ data: this.kind === OPCODE.TEXT ? whole.toString('utf8') : new Uint8Array(whole).buffer });
    }
  }

  /** @param {string | Uint8Array} data */
  send(data) {
    if (this.socket === null || this.ended) throw new Error('the connection is not open');
    this.socket.write(typeof data === 'string' ? frame(OPCODE.TEXT, Buffer.from(data)) : frame(OPCODE.BYTES, data));
  }

  /** @param {number} [code] @param {string} [reason] */
  close(code = 1000, reason = '') {
    if (this.socket === null) {
      this.request?.destroy();
      return;
    }
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code, 0);
    payload.write(reason, 2);
    this.socket.end(frame(OPCODE.CLOSE, payload));
    this.end_(code, reason);
  }
}

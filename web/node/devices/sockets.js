/** sockets.js: TCP and UDP under Node.js, from the host's side of vm/devices/sockets.h. */
import dgram from 'node:dgram';
import net from 'node:net';
import os from 'node:os';
import { putBytes, putWords, words } from '../../runtime/devices/words.js';
import { ERR } from '../../runtime/errors.js';
import { addressOf, addressText } from './addresses.js';

/** enum dev_socket_operation, dev_socket_status, dev_socket_kind. */
export const SOCKET = Object.freeze({
  CREATE: 1, DESTROY: 2, STATUS: 3, CONNECT: 4, LISTEN: 5, ACCEPT: 6, CLOSE: 7, ABORT: 8, AVAILABLE: 9, RECEIVE: 10, SEND: 11, SEND_DONE: 12,
  ERROR: 13, LOCAL_NAME: 14, REMOTE_NAME: 15, SET_OPTION: 16, GET_OPTION: 17, SEND_TO: 18, RECEIVE_FROM: 19,
});
export const STATUS = Object.freeze({ UNCONNECTED: 0, WAITING: 1, CONNECTED: 2, OTHER_END_CLOSED: 3, THIS_END_CLOSED: 4 });
const KIND = Object.freeze({ TCP: 0, UDP: 1 });

const ID_SHIFT = 8;
/** An image has no more of them, and no more waits in one: bytes, datagrams, connections. */
const LIMIT = Object.freeze({ SOCKETS: 512, WAITING: 1 << 20, UNSENT: 1 << 18, PIECE: 1 << 16, DATAGRAMS: 256, BACKLOG: 128 });

/** The semaphores of a socket: what happens to it, something to read, room to write. @typedef {{changed: number, readable: number, writable: number}} Semaphores */
/** @typedef {import('../../runtime/devices/imports.js').Signal} Signal */

/** @param {Error} error */
const errorNumber = (error) => {
  const { errno, code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (typeof errno === 'number') return Math.abs(errno);
  return os.constants.errno[/** @type {keyof typeof os.constants.errno} */ (code)] ?? 1;
};

/** What all sockets have. */
class Socket {
  /** @param {Semaphores} semaphores @param {Signal} signal */
  constructor(semaphores, signal) {
    this.semaphores = semaphores;
    this.signal_ = signal;
    this.error = 0;
    this.destroyed = false;
  }

  /** @param {(keyof Semaphores)[]} what */
  tell(...what) {
    if (this.destroyed) return;
    for (const semaphore of new Set(what.map((each) => this.semaphores[each]))) if (semaphore !== 0) this.signal_(semaphore);
  }

  /** @param {Error} error */
  failed(error) {
    this.error = errorNumber(error);
    this.tell('changed', 'readable', 'writable');
  }

  destroy() {
    this.destroyed = true;
    this.abort();
  }
  abort() {}
}

/** A TCP connection, or a socket that waits for one. */
class TCPSocket extends Socket {
  /** @param {Semaphores} semaphores @param {Signal} signal @param {net.Socket} [connected] */
  constructor(semaphores, signal, connected) {
    super(semaphores, signal);
    /** @type {net.Socket | null} */
    this.socket = null;
    /** @type {net.Server | null} */
    this.server = null;
    this.becomesConnection = false;
    /** Accepted connections that nobody has taken yet. @type {net.Socket[]} */
    this.accepted = [];
    /** What has come. @type {Buffer[]} */
    this.pieces = [];
    this.waiting = 0;
    this.state = /** @type {number} */ (STATUS.UNCONNECTED);
    this.ended = false;
    if (connected) this.use_(connected, STATUS.CONNECTED);
  }

  /** @param {net.Socket} socket @param {number} state */
  use_(socket, state) {
    this.socket = socket;
    this.state = state;
    socket.on('data', (piece) => {
      this.pieces.push(piece);
      this.waiting += piece.length;
      if (this.waiting > LIMIT.WAITING) socket.pause();
      this.tell('readable');
    });
    socket.on('end', () => {
      this.ended = true;
      this.tell('changed', 'readable');
    });
    socket.on('error', (error) => {
      this.state = STATUS.UNCONNECTED;
      this.failed(error);
    });
    socket.on('close', () => {
      if (this.state === STATUS.THIS_END_CLOSED) this.state = STATUS.UNCONNECTED;
      else this.ended = true;
      this.tell('changed', 'readable', 'writable');
    });
    socket.on('drain', () => this.tell('writable'));
    socket.resume();
  }

  /** While something waits that was sent before the other end closed, it is as if it had not. */
  get status() {
    if (this.server !== null && this.accepted.length > 0) return STATUS.CONNECTED;
    return this.state === STATUS.CONNECTED && this.ended && this.waiting === 0 ? STATUS.OTHER_END_CLOSED : this.state;
  }

  /** @param {number} address @param {number} port */
  connect(address, port) {
    if (this.socket !== null || this.server !== null) return ERR.EXISTS;
    this.error = 0;
    const socket = net.connect({ host: addressText(address), port, family: 4, allowHalfOpen: true });
    this.use_(socket, STATUS.WAITING);
    socket.on('connect', () => {
      this.state = STATUS.CONNECTED;
      this.tell('changed', 'writable');
    });
    return 0;
  }

  /** Without a backlog the socket itself becomes the first connection. @param {number} address @param {number} port @param {number} backlog */
  listen(address, port, backlog) {
    if (this.socket !== null || this.server !== null) return ERR.EXISTS;
    this.error = 0;
    this.becomesConnection = backlog <= 1;
    this.state = STATUS.WAITING;
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.connected_(socket));
    this.server = server;
    server.on('error', (error) => {
      this.state = STATUS.UNCONNECTED;
      this.failed(error);
    });
    const many = Math.min(Math.max(backlog, 1), LIMIT.BACKLOG);
    if (address === 0) server.listen({ port, backlog: many });
    else server.listen({ port, backlog: many, host: addressText(address) });
    return 0;
  }

  /** @param {net.Socket} socket */
  connected_(socket) {
    if (this.becomesConnection) {
      this.server?.close();
      this.server = null;
      this.use_(socket, STATUS.CONNECTED);
    } else if (this.accepted.length >= LIMIT.BACKLOG) {
      socket.destroy();
      return;
    } else {
      socket.on('error', () => (this.accepted = this.accepted.filter((each) => each !== socket)));
      this.accepted.push(socket);
    }
    this.tell('changed');
  }

  /** @param {Semaphores} semaphores @returns {TCPSocket | null} */
  accept(semaphores) {
    const socket = this.accepted.shift();
    socket?.removeAllListeners('error');
    return socket === undefined ? null : new TCPSocket(semaphores, this.signal_, socket);
  }

  get available() {
    return this.waiting;
  }

  /** @param {Uint8Array} output */
  receive(output) {
    let done = 0;
    while (done < output.length && this.pieces.length > 0) {
      const [piece] = this.pieces;
      const part = piece.subarray(0, output.length - done);
      output.set(part, done);
      done += part.length;
      if (part.length === piece.length) this.pieces.shift();
      else this.pieces[0] = piece.subarray(part.length);
    }
    this.waiting -= done;
    if (this.waiting <= LIMIT.WAITING) this.socket?.resume();
    return done;
  }

  /** @param {Uint8Array} input */
  send(input) {
    if (this.state !== STATUS.CONNECTED || this.socket === null || !this.socket.writable) return ERR.FAILED;
    if (!this.sendDone) return 0;
    const piece = input.slice(0, LIMIT.PIECE);
    this.socket.write(piece, () => this.tell('writable'));
    return piece.length;
  }

  get sendDone() {
    return this.state === STATUS.CONNECTED && this.socket !== null && this.socket.writableLength < LIMIT.UNSENT;
  }

  close() {
    if (this.server !== null) return this.abort();
    if (this.state === STATUS.WAITING) return this.abort();
    if (this.socket === null || this.state === STATUS.UNCONNECTED) return 0;
    this.state = STATUS.THIS_END_CLOSED;
    // What comes from now on nobody reads. When all has been sent, it is not waited for the other end.
    this.socket.end(() => this.socket?.destroy());
    this.socket.resume();
    return 0;
  }

  abort() {
    this.state = STATUS.UNCONNECTED;
    this.server?.close();
    this.server = null;
    for (const each of this.accepted) each.destroy();
    this.accepted = [];
    this.socket?.destroy();
    return 0;
  }

  get localName() {
    const { address = '', port = 0 } = /** @type {Partial<net.AddressInfo>} */ (this.server?.address() ?? this.socket?.address() ?? {});
    return [addressOf(address), port];
  }
  get remoteName() {
    return [addressOf(this.socket?.remoteAddress ?? ''), this.socket?.remotePort ?? 0];
  }

  /** @param {string} name @param {number} value */
  setOption(name, value) {
    if (name === 'TCP_NODELAY') this.socket?.setNoDelay(value !== 0);
    else if (name === 'SO_KEEPALIVE') this.socket?.setKeepAlive(value !== 0);
    else if (!['SO_REUSEADDR', 'SO_LINGER', 'SO_SNDBUF', 'SO_RCVBUF'].includes(name)) return ERR.NOT_FOUND;
    return value & 0x7fffffff;
  }
  /** @param {string} name */
  getOption(name) {
    return { SO_SNDBUF: LIMIT.UNSENT, SO_RCVBUF: LIMIT.WAITING, SO_REUSEADDR: 1 }[name] ?? ERR.NOT_FOUND;
  }

  sendTo() {
    return /** @type {number} */ (ERR.UNSUPPORTED);
  }
  receiveFrom() {
    return /** @type {number} */ (ERR.UNSUPPORTED);
  }

  get expects() {
    return this.state === STATUS.WAITING || this.state === STATUS.THIS_END_CLOSED || (this.state === STATUS.CONNECTED && !this.ended);
  }
}

/** A socket for datagrams: connected when a partner is named, ready as soon as it has a port. */
class UDPSocket extends Socket {
  /** @param {Semaphores} semaphores @param {Signal} signal */
  constructor(semaphores, signal) {
    super(semaphores, signal);
    /** @type {{bytes: Buffer, address: number, port: number}[]} */
    this.datagrams = [];
    this.bound = false;
    this.open = true;
    /** @type {number[]} */
    this.partner = [0, 0];
    this.socket = dgram.createSocket('udp4');
    this.socket.on('message', (bytes, { address, port }) => {
      if (this.datagrams.length < LIMIT.DATAGRAMS) this.datagrams.push({ bytes, address: addressOf(address), port });
      this.tell('readable');
    });
    this.socket.on('listening', () => this.tell('changed', 'writable'));
    this.socket.on('error', (error) => this.failed(error));
  }

  get status() {
    return this.open && this.bound ? STATUS.CONNECTED : STATUS.UNCONNECTED;
  }
  /** @param {number} address @param {number} port */
  connect(address, port) {
    this.partner = [address, port];
    return this.listen(0, 0);
  }
  /** @param {number} address @param {number} port */
  listen(address, port) {
    if (!this.bound) this.socket.bind({ port, address: address === 0 ? undefined : addressText(address) });
    this.bound = true;
    return 0;
  }
  accept() {
    return null;
  }
  get available() {
    return this.datagrams[0]?.bytes.length ?? 0;
  }
  /** @param {Uint8Array} output */
  receive(output) {
    const bytes = this.datagrams.shift()?.bytes.subarray(0, output.length) ?? Buffer.alloc(0);
    return putBytes(output, bytes);
  }
  /** @param {Uint8Array} output */
  receiveFrom(output) {
    const next = this.datagrams.shift();
    if (next === undefined) return putWords(output, [0, 0, 0]);
    const head = putWords(output, [next.address, next.port, this.datagrams.length > 0 ? 1 : 0]);
    putBytes(output.subarray(head), next.bytes);
    return head + next.bytes.length;
  }
  /** @param {Uint8Array} input */
  send(input) {
    return this.sendTo(this.partner[0], this.partner[1], input);
  }
  /** @param {number} address @param {number} port @param {Uint8Array} bytes */
  sendTo(address, port, bytes) {
    if (port === 0 || !this.open) return ERR.FAILED;
    this.bound = true;
    this.socket.send(bytes.slice(), port, addressText(address), (error) => (error ? this.failed(error) : this.tell('writable')));
    return bytes.length;
  }
  get sendDone() {
    return this.open;
  }
  close() {
    return this.abort();
  }
  abort() {
    if (this.open) this.socket.close();
    this.open = false;
    return 0;
  }
  get localName() {
    try {
      const { address, port } = this.socket.address();
      return [addressOf(address), port];
    } catch {
      return [0, 0]; // it has no port yet
    }
  }
  get remoteName() {
    return this.partner;
  }
  /** @param {string} name @param {number} value */
  setOption(name, value) {
    if (name !== 'SO_BROADCAST') return ERR.NOT_FOUND;
    this.listen(0, 0);
    this.socket.once('listening', () => this.socket.setBroadcast(value !== 0));
    return value & 0x7fffffff;
  }
  getOption() {
    return ERR.NOT_FOUND;
  }
  get expects() {
    return this.open && this.bound;
  }
}

/** The sockets of one image. */
export class NodeSockets {
  /** @param {Signal} signal */
  constructor(signal) {
    this.signal = signal;
    /** @type {Map<number, TCPSocket | UDPSocket>} */
    this.sockets = new Map();
    this.last = 0;
  }

  /** @param {TCPSocket | UDPSocket | null} socket */
  add_(socket) {
    if (socket === null) return ERR.WOULD_BLOCK;
    this.sockets.set(++this.last, socket);
    return this.last;
  }

  /** @param {Uint8Array} input */
  create_(input) {
    const [kind, changed, readable, writable] = words(input);
    if (this.sockets.size >= LIMIT.SOCKETS) return ERR.NO_SPACE;
    if (kind === KIND.TCP) return this.add_(new TCPSocket({ changed, readable, writable }, this.signal));
    return kind === KIND.UDP ? this.add_(new UDPSocket({ changed, readable, writable }, this.signal)) : ERR.UNSUPPORTED;
  }

  /** @param {TCPSocket | UDPSocket} socket @param {Uint8Array} input */
  accept_(socket, input) {
    const [, changed, readable, writable] = words(input);
    return this.sockets.size >= LIMIT.SOCKETS ? ERR.NO_SPACE : this.add_(socket.accept({ changed, readable, writable }));
  }

  /** @type {import('../../runtime/devices/imports.js').Opened['call']} */
  call(request, input, output) {
    const operation = request & ((1 << ID_SHIFT) - 1);
    const id = request >>> ID_SHIFT;
    if (operation === SOCKET.CREATE) return this.create_(input);
    const socket = this.sockets.get(id);
    if (socket === undefined) return ERR.BAD_HANDLE;
    const text = (/** @type {number} */ from) => Buffer.from(input.subarray(from)).toString('latin1');
    const [first, second, third] = words(input.subarray(0, 12));
    switch (operation) {
      case SOCKET.DESTROY: {
        this.sockets.delete(id);
        socket.destroy();
        return 0;
      }
      case SOCKET.STATUS: return socket.status;
      case SOCKET.CONNECT: return socket.connect(first >>> 0, second);
      case SOCKET.LISTEN: return socket.listen(first >>> 0, second, third);
      case SOCKET.ACCEPT: return this.accept_(socket, input);
      case SOCKET.CLOSE: return socket.close();
      case SOCKET.ABORT: return socket.abort();
      case SOCKET.AVAILABLE: return socket.available;
      case SOCKET.RECEIVE: return socket.receive(output);
      case SOCKET.SEND: return socket.send(input);
      case SOCKET.SEND_DONE: return socket.sendDone ? 1 : 0;
      case SOCKET.ERROR: return socket.error;
      case SOCKET.LOCAL_NAME: return putWords(output, socket.localName);
      case SOCKET.REMOTE_NAME: return putWords(output, socket.remoteName);
      case SOCKET.SET_OPTION: return socket.setOption(text(4), first);
      case SOCKET.GET_OPTION: return socket.getOption(text(0));
      case SOCKET.SEND_TO: return socket.sendTo(first >>> 0, second, input.subarray(8));
      case SOCKET.RECEIVE_FROM: return socket.receiveFrom(output);
      default: return ERR.UNSUPPORTED;
    }
  }

  expects() {
    return [...this.sockets.values()].some((socket) => socket.expects);
  }

  close() {
    for (const socket of this.sockets.values()) socket.destroy();
    this.sockets.clear();
  }
}

/** richards.js: Martin Richards' simulation of an operating system's kernel: six tasks send each other packets. */
import { program } from './program.js';

class Packet {
  /** @param {number} task @param {boolean} isWork */
  constructor(task, isWork) {
    /** @type {Packet | null} */
    this.next = null;
    this.task = task;
    this.isWork = isWork;
    this.datum = 0;
    this.data = [0, 0, 0, 0];
  }
  /** Puts it at the end of a queue; answers the queue's first packet. @param {Packet | null} queue @returns {Packet} */
  appendTo(queue) {
    this.next = null;
    if (queue === null) return this;
    let last = queue;
    while (last.next !== null) last = last.next;
    last.next = this;
    return queue;
  }
}

class Task {
  constructor() {
    /** @type {System} */
    this.system = /** @type {any} */ (null);
    this.id = 0;
    this.priority = 0;
    /** @type {Task | null} */
    this.next = null;
    /** @type {Packet | null} */
    this.queue = null;
    this.isWaiting = false;
    this.isHeld = false;
    this.hasPacket = false;
  }
  canRun() {
    return !this.isHeld && (this.hasPacket || !this.isWaiting);
  }
  /** A task that waits takes the packet that woke it. @returns {Task | null} */
  run() {
    let packet = null;
    if (this.isWaiting && this.hasPacket) {
      packet = this.queue;
      this.queue = /** @type {Packet} */ (packet).next;
      this.isWaiting = false;
      this.hasPacket = this.queue !== null;
    }
    return this.handle(packet);
  }
  /** @param {Packet | null} packet @returns {Task | null} who runs next */
  handle(packet) {
    throw new Error(`no task handles ${packet}`);
  }
  /** @param {Packet} packet @param {Task} from @returns {Task} who of the two runs next */
  take(packet, from) {
    if (this.queue !== null) {
      packet.appendTo(this.queue);
      return from;
    }
    this.queue = packet.appendTo(null);
    this.hasPacket = true;
    return this.priority > from.priority ? this : from;
  }
  wait() {
    this.isWaiting = true;
    return this;
  }
  hold() {
    this.isHeld = true;
    return this.next;
  }
  release() {
    this.isHeld = false;
  }
}

/** Runs when nobody else can, and releases one device or the other by the bits of a shift register. */
class Idler extends Task {
  constructor() {
    super();
    this.bits = 1;
    this.count = 10000;
  }
  /** @override @returns {Task | null} */
  handle() {
    if (--this.count === 0) return this.system.holdCurrent();
    const isEven = (this.bits & 1) === 0;
    this.bits >>= 1;
    if (isEven) return this.system.release(5);
    this.bits ^= 0xd008;
    return this.system.release(6);
  }
}

/** Fills packets with letters and sends them to one handler and the other in turn. */
class Worker extends Task {
  constructor() {
    super();
    this.handler = 3;
    this.letter = 0;
  }
  /** @override @param {Packet | null} packet @returns {Task | null} */
  handle(packet) {
    if (packet === null) return this.wait();
    this.handler = this.handler === 3 ? 4 : 3;
    packet.task = this.handler;
    packet.datum = 0;
    for (let i = 0; i < 4; i++) {
      this.letter = (this.letter % 26) + 1;
      packet.data[i] = this.letter + 64;
    }
    return this.system.send(packet);
  }
}

/** Gives the letters of the worker's packets, one by one, to its device, and a packet that is done back to the worker. */
class Handler extends Task {
  constructor() {
    super();
    /** @type {Packet | null} */
    this.work = null;
    /** @type {Packet | null} */
    this.devicePackets = null;
  }
  /** @override @param {Packet | null} packet @returns {Task | null} */
  handle(packet) {
    if (packet !== null) {
      if (packet.isWork) this.work = packet.appendTo(this.work);
      else this.devicePackets = packet.appendTo(this.devicePackets);
    }
    const work = this.work;
    if (work === null) return this.wait();
    const position = work.datum;
    if (position >= 4) {
      this.work = work.next;
      return this.system.send(work);
    }
    const toDevice = this.devicePackets;
    if (toDevice === null) return this.wait();
    this.devicePackets = toDevice.next;
    toDevice.datum = work.data[position];
    work.datum = position + 1;
    return this.system.send(toDevice);
  }
}

/** Takes a packet, holds until the idler releases it, and sends it back. */
class Device extends Task {
  constructor() {
    super();
    /** @type {Packet | null} */
    this.pending = null;
  }
  /** @override @param {Packet | null} packet @returns {Task | null} */
  handle(packet) {
    if (packet !== null) {
      this.pending = packet;
      return this.system.holdCurrent();
    }
    const pending = this.pending;
    if (pending === null) return this.wait();
    this.pending = null;
    return this.system.send(pending);
  }
}

class System {
  constructor() {
    /** @type {Task[]} */
    this.tasks = [];
    /** @type {Task | null} */
    this.first = null;
    /** @type {Task | null} */
    this.current = null;
    this.sent = 0;
    this.held = 0;
    this.add(new Idler(), 1, 0, null, false);
    this.add(new Worker(), 2, 1000, packets(2, 2, true), true);
    this.add(new Handler(), 3, 2000, packets(3, 5, false), true);
    this.add(new Handler(), 4, 3000, packets(3, 6, false), true);
    this.add(new Device(), 5, 4000, null, true);
    this.add(new Device(), 6, 5000, null, true);
  }
  /** @param {Task} task @param {number} id @param {number} priority @param {Packet | null} queue @param {boolean} isWaiting */
  add(task, id, priority, queue, isWaiting) {
    task.system = this;
    task.id = id;
    task.priority = priority;
    task.queue = queue;
    task.next = this.first;
    task.isWaiting = isWaiting;
    task.hasPacket = queue !== null;
    this.tasks[id] = task;
    this.first = task;
  }
  run() {
    this.current = this.first;
    while (this.current !== null) this.current = this.current.canRun() ? this.current.run() : this.current.next;
  }
  get running() {
    return /** @type {Task} */ (this.current);
  }
  /** @param {Packet} packet */
  send(packet) {
    const receiver = this.tasks[packet.task];
    this.sent++;
    packet.task = this.running.id;
    return receiver.take(packet, this.running);
  }
  holdCurrent() {
    this.held++;
    return this.running.hold();
  }
  /** @param {number} id */
  release(id) {
    const task = this.tasks[id];
    task.release();
    return task.priority > this.running.priority ? task : this.running;
  }
}

/** @param {number} count @param {number} task @param {boolean} isWork */
function packets(count, task, isWork) {
  /** @type {Packet | null} */
  let queue = null;
  for (let i = 0; i < count; i++) queue = new Packet(task, isWork).appendTo(queue);
  return queue;
}

/** @param {number} inner */
function richards(inner) {
  let system = new System();
  system.run();
  for (let i = 1; i < inner; i++) {
    system = new System();
    system.run();
  }
  return `${system.sent}->${system.held}`;
}

export default program('Richards', 5, 1, richards, () => '23246->9297');

"""Martin Richards' simulation of an operating system's kernel: six tasks send each other packets."""
from program import Program


class Packet:
    def __init__(self, task, is_work):
        self.next = None
        self.task = task
        self.is_work = is_work
        self.datum = 0
        self.data = [0, 0, 0, 0]

    def append_to(self, queue):
        """Puts it at the end of a queue; answers the queue's first packet."""
        self.next = None
        if queue is None:
            return self
        last = queue
        while last.next is not None:
            last = last.next
        last.next = self
        return queue


class Task:
    def __init__(self):
        self.system = self.next = self.queue = None
        self.id = self.priority = 0
        self.is_waiting = self.is_held = self.has_packet = False

    def can_run(self):
        return not self.is_held and (self.has_packet or not self.is_waiting)

    def run(self):
        """A task that waits takes the packet that woke it."""
        packet = None
        if self.is_waiting and self.has_packet:
            packet = self.queue
            self.queue = packet.next
            self.is_waiting = False
            self.has_packet = self.queue is not None
        return self.handle(packet)

    def take(self, packet, sender):
        """Answers who of the two runs next."""
        if self.queue is not None:
            packet.append_to(self.queue)
            return sender
        self.queue = packet.append_to(None)
        self.has_packet = True
        return self if self.priority > sender.priority else sender

    def wait(self):
        self.is_waiting = True
        return self

    def hold(self):
        self.is_held = True
        return self.next

    def release(self):
        self.is_held = False


class Idler(Task):
    """Runs when nobody else can, and releases one device or the other by the bits of a shift register."""

    def __init__(self):
        super().__init__()
        self.bits = 1
        self.count = 10000

    def handle(self, _):
        self.count -= 1
        if self.count == 0:
            return self.system.hold_current()
        is_even = self.bits & 1 == 0
        self.bits >>= 1
        if is_even:
            return self.system.release(5)
        self.bits ^= 0xD008
        return self.system.release(6)


class Worker(Task):
    """Fills packets with letters and sends them to one handler and the other in turn."""

    def __init__(self):
        super().__init__()
        self.handler = 3
        self.letter = 0

    def handle(self, packet):
        if packet is None:
            return self.wait()
        self.handler = 4 if self.handler == 3 else 3
        packet.task = self.handler
        packet.datum = 0
        for i in range(4):
            self.letter = self.letter % 26 + 1
            packet.data[i] = self.letter + 64
        return self.system.send(packet)


class Handler(Task):
    """Gives the letters of the worker's packets, one by one, to its device, and a packet that is done back to the worker."""

    def __init__(self):
        super().__init__()
        self.work = self.device_packets = None

    def handle(self, packet):
        if packet is not None:
            if packet.is_work:
                self.work = packet.append_to(self.work)
            else:
                self.device_packets = packet.append_to(self.device_packets)
        work = self.work
        if work is None:
            return self.wait()
        position = work.datum
        if position >= 4:
            self.work = work.next
            return self.system.send(work)
        to_device = self.device_packets
        if to_device is None:
            return self.wait()
        self.device_packets = to_device.next
        to_device.datum = work.data[position]
        work.datum = position + 1
        return self.system.send(to_device)


class Device(Task):
    """Takes a packet, holds until the idler releases it, and sends it back."""

    def __init__(self):
        super().__init__()
        self.pending = None

    def handle(self, packet):
        if packet is not None:
            self.pending = packet
            return self.system.hold_current()
        pending = self.pending
        if pending is None:
            return self.wait()
        self.pending = None
        return self.system.send(pending)


def packets(count, task, is_work):
    queue = None
    for _ in range(count):
        queue = Packet(task, is_work).append_to(queue)
    return queue


class System:
    def __init__(self):
        self.tasks = [None] * 7
        self.first = self.current = None
        self.sent = self.held = 0
        self.add(Idler(), 1, 0, None, False)
        self.add(Worker(), 2, 1000, packets(2, 2, True), True)
        self.add(Handler(), 3, 2000, packets(3, 5, False), True)
        self.add(Handler(), 4, 3000, packets(3, 6, False), True)
        self.add(Device(), 5, 4000, None, True)
        self.add(Device(), 6, 5000, None, True)

    def add(self, task, number, priority, queue, is_waiting):
        task.system = self
        task.id = number
        task.priority = priority
        task.queue = queue
        task.next = self.first
        task.is_waiting = is_waiting
        task.has_packet = queue is not None
        self.tasks[number] = task
        self.first = task

    def run(self):
        self.current = self.first
        while self.current is not None:
            current = self.current
            self.current = current.run() if current.can_run() else current.next

    def send(self, packet):
        receiver = self.tasks[packet.task]
        self.sent += 1
        packet.task = self.current.id
        return receiver.take(packet, self.current)

    def hold_current(self):
        self.held += 1
        return self.current.hold()

    def release(self, number):
        task = self.tasks[number]
        task.release()
        return task if task.priority > self.current.priority else self.current


def richards(inner):
    system = None
    for _ in range(inner):
        system = System()
        system.run()
    return f"{system.sent}->{system.held}"


PROGRAMS = [Program("Richards", 5, 1, richards, lambda inner: "23246->9297")]

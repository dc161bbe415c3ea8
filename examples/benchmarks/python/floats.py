"""Mandelbrot and NBody. Operations come in the order of the Smalltalk programs, so that answers are alike to the last bit."""
from math import sqrt

from program import Program

MANDELBROT_KNOWN = {20: 157, 50: 992, 100: 3959, 200: 15899, 500: 99274}


def is_inside(cr, ci):
    zr = zi = zr2 = zi2 = 0.0
    for _ in range(50):
        zi = 2.0 * zr * zi + ci
        zr = zr2 - zi2 + cr
        zr2 = zr * zr
        zi2 = zi * zi
        if zr2 + zi2 > 4.0:
            return False
    return True


def mandelbrot(size):
    inside = 0
    for row in range(size):
        ci = 2.0 * row / size - 1.0
        for column in range(size):
            if is_inside(2.0 * column / size - 1.5, ci):
                inside += 1
    return inside


def mandelbrot_is_right(answer, inner):
    if inner in MANDELBROT_KNOWN:
        return answer == MANDELBROT_KNOWN[inner]
    return abs(answer / (inner * inner) - 0.4) < 0.05


SOLAR_MASS = 4.0 * 3.141592653589793 * 3.141592653589793
DAYS = 365.24


class Planet:
    def __init__(self, place, velocity, mass):
        """Velocities come per day and masses in masses of the sun."""
        self.x, self.y, self.z = place
        self.vx, self.vy, self.vz = (each * DAYS for each in velocity)
        self.mass = mass * SOLAR_MASS

    def accelerate(self, dx, dy, dz):
        self.vx += dx
        self.vy += dy
        self.vz += dz

    def move(self, time):
        self.x += time * self.vx
        self.y += time * self.vy
        self.z += time * self.vz


def planets():
    bodies = [
        Planet((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.0),
        Planet((4.84143144246472090, -1.16032004402742839, -0.103622044471123109),
               (0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023), 0.000954791938424326609),
        Planet((8.34336671824457987, 4.12479856412430479, -0.403523417114321381),
               (-0.00276742510726411, 0.00499852801234917238, 0.0000230417297573763929), 0.000285885980666130812),
        Planet((12.8943695621391310, -15.1111514016986312, -0.223307578892655734),
               (0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556), 0.0000436624404335156298),
        Planet((15.3796971148509165, -25.9193146099879641, 0.179258772950371181),
               (0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870), 0.0000515138902046611451),
    ]
    px = py = pz = 0.0
    for each in bodies:
        px += each.vx * each.mass
        py += each.vy * each.mass
        pz += each.vz * each.mass
    sun = bodies[0]
    sun.vx = (0.0 - px) / SOLAR_MASS
    sun.vy = (0.0 - py) / SOLAR_MASS
    sun.vz = (0.0 - pz) / SOLAR_MASS
    return bodies


def attract(one, other, time):
    dx = one.x - other.x
    dy = one.y - other.y
    dz = one.z - other.z
    square = dx * dx + dy * dy + dz * dz
    strength = time / (square * sqrt(square))
    one.accelerate(0.0 - dx * other.mass * strength, 0.0 - dy * other.mass * strength, 0.0 - dz * other.mass * strength)
    other.accelerate(dx * one.mass * strength, dy * one.mass * strength, dz * one.mass * strength)


def advance(bodies, time):
    for i, one in enumerate(bodies):
        for j in range(i + 1, len(bodies)):
            attract(one, bodies[j], time)
    for each in bodies:
        each.move(time)


def energy(bodies):
    total = 0.0
    for i, each in enumerate(bodies):
        total += each.mass * (each.vx * each.vx + each.vy * each.vy + each.vz * each.vz) / 2.0
        for j in range(i + 1, len(bodies)):
            other = bodies[j]
            dx = each.x - other.x
            dy = each.y - other.y
            dz = each.z - other.z
            total -= each.mass * other.mass / sqrt(dx * dx + dy * dy + dz * dz)
    return total


def nbody(steps):
    bodies = planets()
    for _ in range(steps):
        advance(bodies, 0.01)
    return energy(bodies)


def nbody_is_right(answer, inner):
    return abs(answer + 0.1690751638) < 1e-4 and (inner != 1000 or round(answer * 1e9) == -169087605)


PROGRAMS = [
    Program("Mandelbrot", 100, 20, mandelbrot, is_right=mandelbrot_is_right),
    Program("NBody", 5000, 1000, nbody, is_right=nbody_is_right),
]

/** floats.js: Mandelbrot and NBody. Operations come in the order of the Smalltalk programs, so that answers are alike to the last bit. */
import { program } from './program.js';

/** @param {number} cr @param {number} ci */
function isInside(cr, ci) {
  let zr = 0, zi = 0, zr2 = 0, zi2 = 0;
  for (let step = 0; step < 50; step++) {
    zi = 2 * zr * zi + ci;
    zr = zr2 - zi2 + cr;
    zr2 = zr * zr;
    zi2 = zi * zi;
    if (zr2 + zi2 > 4) return false;
  }
  return true;
}

/** @param {number} size */
function mandelbrot(size) {
  let inside = 0;
  for (let row = 0; row < size; row++) {
    const ci = (2 * row) / size - 1;
    for (let column = 0; column < size; column++) if (isInside((2 * column) / size - 1.5, ci)) inside++;
  }
  return inside;
}

/** @type {Record<number, number>} */
const MANDELBROT_KNOWN = { 20: 157, 50: 992, 100: 3959, 200: 15899, 500: 99274 };

const SOLAR_MASS = 4 * 3.141592653589793 * 3.141592653589793;
const DAYS = 365.24;

class Planet {
  /** Velocities come per day and masses in masses of the sun.
   * @param {number[]} place @param {number[]} velocity @param {number} mass */
  constructor([x, y, z], [vx, vy, vz], mass) {
    this.x = x;
    this.y = y;
    this.z = z;
    this.vx = vx * DAYS;
    this.vy = vy * DAYS;
    this.vz = vz * DAYS;
    this.mass = mass * SOLAR_MASS;
  }
  /** @param {number} dx @param {number} dy @param {number} dz */
  accelerate(dx, dy, dz) {
    this.vx += dx;
    this.vy += dy;
    this.vz += dz;
  }
  /** @param {number} time */
  move(time) {
    this.x += time * this.vx;
    this.y += time * this.vy;
    this.z += time * this.vz;
  }
}

function planets() {
  const all = [
    new Planet([0, 0, 0], [0, 0, 0], 1),
    new Planet([4.8414314424647209, -1.16032004402742839, -0.103622044471123109],
      [0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023], 0.000954791938424326609),
    new Planet([8.34336671824457987, 4.12479856412430479, -0.403523417114321381],
      [-0.00276742510726411, 0.00499852801234917238, 0.0000230417297573763929], 0.000285885980666130812),
    new Planet([12.894369562139131, -15.1111514016986312, -0.223307578892655734],
      [0.00296460137564761618, 0.0023784717395948095, -0.0000296589568540237556], 0.0000436624404335156298),
    new Planet([15.3796971148509165, -25.9193146099879641, 0.179258772950371181],
      [0.00268067772490389322, 0.00162824170038242295, -0.000095159225451971587], 0.0000515138902046611451),
  ];
  let px = 0, py = 0, pz = 0;
  for (const each of all) {
    px += each.vx * each.mass;
    py += each.vy * each.mass;
    pz += each.vz * each.mass;
  }
  const sun = all[0];
  sun.vx = (0 - px) / SOLAR_MASS;
  sun.vy = (0 - py) / SOLAR_MASS;
  sun.vz = (0 - pz) / SOLAR_MASS;
  return all;
}

/** @param {Planet} one @param {Planet} other @param {number} time */
function attract(one, other, time) {
  const dx = one.x - other.x;
  const dy = one.y - other.y;
  const dz = one.z - other.z;
  const square = dx * dx + dy * dy + dz * dz;
  const strength = time / (square * Math.sqrt(square));
  one.accelerate(0 - dx * other.mass * strength, 0 - dy * other.mass * strength, 0 - dz * other.mass * strength);
  other.accelerate(dx * one.mass * strength, dy * one.mass * strength, dz * one.mass * strength);
}

/** @param {Planet[]} all @param {number} time */
function advance(all, time) {
  for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) attract(all[i], all[j], time);
  for (const each of all) each.move(time);
}

/** @param {Planet[]} all */
function energy(all) {
  let sum = 0;
  all.forEach((each, i) => {
    sum += (each.mass * (each.vx * each.vx + each.vy * each.vy + each.vz * each.vz)) / 2;
    for (let j = i + 1; j < all.length; j++) {
      const other = all[j];
      const dx = each.x - other.x;
      const dy = each.y - other.y;
      const dz = each.z - other.z;
      sum -= (each.mass * other.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  });
  return sum;
}

/** @param {number} steps */
function nbody(steps) {
  const all = planets();
  for (let i = 0; i < steps; i++) advance(all, 0.01);
  return energy(all);
}

export const floats = [
  {
    ...program('Mandelbrot', 100, 20, mandelbrot, () => ''),
    isRight: (/** @type {string} */ answer, /** @type {number} */ inner) =>
      inner in MANDELBROT_KNOWN
        ? Number(answer) === MANDELBROT_KNOWN[inner]
        : Math.abs(Number(answer) / (inner * inner) - 0.4) < 0.05,
  },
  {
    ...program('NBody', 5000, 1000, nbody, () => ''),
    isRight: (/** @type {string} */ answer, /** @type {number} */ inner) =>
      Math.abs(Number(answer) + 0.1690751638) < 1e-4 && (inner !== 1000 || Math.round(Number(answer) * 1e9) === -169087605),
  },
];

/** invalidation.test.js: a method that is replaced is never run again, however it is called, and code memory
 * stays bounded. Each program prints a line a check; the checks are made in Smalltalk. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { catalyst, temporaryFolder } from './helpers.js';

/** Modes with how many methods are redefined in each. @type {[string, string[], number][]} */
const MODES = [
  ['hot', ['--translate=hot', '--option=break_even=0'], 10_000],
  ['always', ['--translate=always'], 2000],
  ['bail_stress', ['--translate=always', '--option=bail_stress=5'], 1000],
  ['translated again', ['--translate=always', '--option=bundle_samples=1', '--option=bail_stress=50'], 1000],
  ['small code memory', ['--translate=always', '--option=module_limit=6'], 1000],
  ['gc_stress', ['--translate=always', '--option=gc_stress=1', '--option=gc_stress_full=50'], 100],
];

const PRELUDE = `
"A class with subclasses of its own, so that sites are monomorphic, polymorphic and megamorphic."
Object subclass: #Base instanceVariableNames: 'a' package: 'Invalidation'!
Base subclass: #Heir instanceVariableNames: '' package: 'Invalidation'!
Heir subclass: #Other instanceVariableNames: '' package: 'Invalidation'!
Base subclass: #Third instanceVariableNames: '' package: 'Invalidation'!
Base subclass: #Fourth instanceVariableNames: '' package: 'Invalidation'!
Base subclass: #Fifth instanceVariableNames: '' package: 'Invalidation'!
Base subclass: #Sixth instanceVariableNames: '' package: 'Invalidation'!
Base subclass: #Seventh instanceVariableNames: '' package: 'Invalidation'!
`;

/** Redefines \`answer\` again and again while each kind of call is made. @param {number} times */
const redefinition = (times) => `${PRELUDE}
Base compile: 'answer ^ 0'!
Base compile: 'mono ^ self answer'!
Base compile: 'loop: n | s | s := 0. 1 to: n do: [:i | s := s + self answer]. ^ s'!
Base compile: 'poly: all | s | s := 0. 1 to: all size do: [:i | s := s + (all at: i) answer]. ^ s'!
Base compile: 'viaBlock ^ [self answer] value'!
Base compile: 'viaPerform ^ self perform: #answer'!
Base compile: 'collect: all ^ all inject: 0 into: [:s :each | s + each answer]'!
Heir compile: 'viaSuper ^ super answer'!
Base compile: 'redefine: n
  "Replaces the method while this activation, which calls it, is running."
  | before |
  before := self answer.
  self class == Base ifFalse: [^ self error: self class name].
  Base compile: ''answer ^ '' , n printString.
  ^ before -> self answer'!
Base compile: 'run: times
  | stale few many heir block pair |
  stale := 0.
  few := {Base new. Third new. Fourth new}.
  many := {Base new. Third new. Fourth new. Fifth new. Sixth new. Seventh new. Other new. Heir new}.
  heir := Heir new.
  block := [self answer].
  1 to: times do: [:n |
    pair := self redefine: n.
    pair key = (n - 1) ifFalse: [stale := stale + 1].
    pair value = n ifFalse: [stale := stale + 1].
    self mono = n ifFalse: [stale := stale + 1].
    (self loop: 120) = (120 * n) ifFalse: [stale := stale + 1].
    (self poly: few) = (3 * n) ifFalse: [stale := stale + 1].
    (self poly: many) = (8 * n) ifFalse: [stale := stale + 1].
    (self collect: many) = (8 * n) ifFalse: [stale := stale + 1].
    self viaBlock = n ifFalse: [stale := stale + 1].
    block value = n ifFalse: [stale := stale + 1].
    self viaPerform = n ifFalse: [stale := stale + 1].
    heir viaSuper = n ifFalse: [stale := stale + 1]].
  ^ stale'!
Stdio stdout print: (Base new run: ${times}); nl; flush!
`;

test('a method redefined again and again is never stale, and code memory stays bounded', (t) => {
  const folder = temporaryFolder(t);
  for (const [name, options, times] of MODES) {
    fs.writeFileSync(path.join(folder, 'redefine.st'), redefinition(times));
    const { code, out, err } = catalyst(['run', ...options, '--stats', '--json', 'redefine.st'], { cwd: folder });
    assert.equal(out, '0\n', `${name}: ${err}`);
    assert.equal(code, 0);
    const stats = JSON.parse(err);
    assert.ok(stats.live_translations < 5000, `${name}: ${stats.live_translations} translations live`);
    if (name !== 'hot') assert.ok(stats.invalidations + stats.evictions > times / 2, `${name}: it was hardly ever translated`);
    t.diagnostic(`${name}: ${times} times, ${stats.modules} modules, ${stats.generations} generations, ${stats.live_translations} live`);
  }
});

/** Each prints true when the change was seen by code that was hot before it. */
const CHANGES = {
  'overridden in a subclass after the cache was filled': `
    | heir | Base compile: 'x ^ 1'. Base compile: 'y ^ self x'. heir := Other new.
    1 to: 300 do: [:i | heir y]. Heir compile: 'x ^ 2'. (heir y = 2) & (Base new y = 1)`,
  'removed, and the inherited method is found': `
    | heir | Base compile: 'x ^ 1'. Heir compile: 'x ^ 2'. Base compile: 'y ^ self x'. heir := Heir new.
    1 to: 300 do: [:i | heir y]. Heir removeSelector: #x. heir y = 1`,
  'removed, and not understood': `
    Base compile: 'x ^ 1'. Base compile: 'y ^ self x'. 1 to: 300 do: [:i | Base new y]. Base removeSelector: #x.
    [Base new y. false] on: MessageNotUnderstood do: [:e | e return: e message selector == #x]`,
  'replaced by methods of other kinds': `
    | b seen | Base compile: 'x ^ 1 + 1'. Base compile: 'y ^ self x'. b := Base new.
    1 to: 300 do: [:i | b y]. seen := OrderedCollection new.
    Base compile: 'x ^ self'. seen add: b y == b. Base compile: 'x ^ nil'. seen add: b y == nil.
    Base compile: 'x ^ a'. seen add: b y == nil. Base compile: 'x <primitive: 111> ^ 0'. seen add: b y == Base.
    Base compile: 'x ^ [:z | z] value: 9'. seen add: b y = 9. seen allSatisfy: [:each | each]`,
  'replaced while it runs: the activation goes on, later calls are new': `
    Base compile: 'x: n n = 0 ifTrue: [Base compile: ''x: n ^ 100''. ^ 1]. ^ (self x: n - 1) + (self x: 0)'.
    ((Base new x: 3) = 301) & ((Base new x: 3) = 100)`,
  'one of two that call each other replaced, from inside too': `
    | b | b := Base new. Base compile: 'odd: n ^ n = 0 ifTrue: [false] ifFalse: [self even: n - 1]'.
    Base compile: 'even: n n = 0 ifTrue: [^ true]. n = 7 ifTrue: [Base compile: ''odd: n ^ n'']. ^ self odd: n - 1'.
    1 to: 300 do: [:i | b even: 6. b odd: 6]. ((b odd: 6) not) & ((b odd: 20) = 6) & ((b odd: 20) = 20) & ((b even: 20) = 19)`,
  'replaced and collected under an operator it sends before anything else': `
    Base compile: '< b ^ b value'. Base compile: 'y: b (self < b) ifTrue: [^ #(old)]. ^ nil'.
    1 to: 300 do: [:i | Base new y: [true]].
    (Base new y: [Base compile: 'y: b ^ #(new)'. Smalltalk garbageCollect. true]) = #(old) & ((Base new y: [true]) = #(new))`,
  'class with instances reshaped': `
    | b | Base compile: 'a ^ a + 0'. Base compile: 'a: x a := x'. b := Heir new. 1 to: 300 do: [:i | b a: i; a].
    Object subclass: #Base instanceVariableNames: 'first second a' package: 'Invalidation'.
    (b a = 300) & ((b a: 7; a) = 7) & (b class == Heir) & (b class instSize = 3)`,
  'receiver becomes one of another class': `
    | one other | Third compile: 'x ^ 3'. Fourth compile: 'x ^ 4'. Base compile: 'y: o ^ o x'. one := Third new. other := Fourth new.
    1 to: 300 do: [:i | Base new y: one]. one become: other. ((Base new y: one) = 4) & ((Base new y: other) = 3)`,
  'receiver becomes another while its method runs': `
    Third compile: 'x ^ 3'. Fourth compile: 'x ^ 4'. Third compile: 'y: o self becomeForward: o. ^ self x'.
    (1 to: 200) allSatisfy: [:i | (Third new y: Fourth new) = 4]`,
  'class becomes another, and its instances with it': `
    | one | Third compile: 'x ^ 3'. Fourth compile: 'x ^ 4'. Base compile: 'y: o ^ o x'. one := Third new.
    1 to: 300 do: [:i | Base new y: one]. Third becomeForward: Fourth. (one class == Fourth) & ((Base new y: one) = 4)`,
  'methods exchanged by become:': `
    | m n | Base compile: 'x ^ 1 + 2'. Base compile: 'z ^ 3 + 4'. Base compile: 'y ^ self x'. 1 to: 300 do: [:i | Base new y; z].
    m := Base compiledMethodAt: #x. n := Base compiledMethodAt: #z. m become: n. (Base new y = 7) & (Base new z = 3)`,
  'method becomes another, one way': `
    | m n | Base compile: 'x ^ 1 + 2'. Base compile: 'z ^ 3 + 4'. Base compile: 'y ^ self x'. 1 to: 300 do: [:i | Base new y; z].
    m := Base compiledMethodAt: #x. n := Base compiledMethodAt: #z. m becomeForward: n. (Base new y = 7) & (Base new z = 7)`,
  'literal changed in place': `
    | m i | Base compile: 'x ^ 123456 + 1'. Base compile: 'y ^ self x'. 1 to: 300 do: [:k | Base new y]. m := Base compiledMethodAt: #x.
    i := (1 to: m numLiterals) detect: [:k | (m objectAt: k + 1) = 123456]. m objectAt: i + 1 put: 654321. Base new y = 654322`,
  'Array>>at: redefined and put back': `
    | all old seen | all := Array new: 800 withAll: 1. Base compile: 'y: all ^ all at: 777'.
    Base compile: 'z: all | s | s := 0. 1 to: 50 do: [:i | s := s + (all at: 777).
      i = 20 ifTrue: [Array compile: ''at: i i = 777 ifTrue: [^ 1000]. ^ super at: i'']]. ^ s'.
    1 to: 300 do: [:i | Base new y: all]. seen := Base new z: all. old := Base new y: all. Array removeSelector: #at:.
    (seen = 30020) & (old = 1000) & ((Base new y: all) = 1)`,
  'isNil is answered otherwise by a class, by one below it, and by none again': `
    | b h seen | Base compile: 'y: o | n | n := 0. 1 to: 40 do: [:i | o isNil ifTrue: [n := n + 1]]. ^ n'. b := Base new. h := Heir new.
    1 to: 300 do: [:i | b y: h. b y: nil]. seen := OrderedCollection new. seen add: (b y: h). Base compile: 'isNil ^ true'. seen add: (b y: h); add: (b y: 1).
    Heir compile: 'isNil ^ false'. seen add: (b y: h); add: (b y: b). Heir removeSelector: #isNil. seen add: (b y: h).
    Base removeSelector: #isNil. seen add: (b y: h); add: (b y: nil). seen asArray = #(0 40 0 0 40 40 0 40)`,
  'isNil is redefined in the loop that sends it': `
    | b | Base compile: 'y: o | n | n := 0. 1 to: 40 do: [:i | i = 20 ifTrue: [Base compile: ''isNil ^ 5 = 5'']. o isNil ifTrue: [n := n + 1]]. ^ n'. b := Base new.
    (1 to: 30) allSatisfy: [:i | | n | n := b y: b. Base removeSelector: #isNil. (n = 21) & ((b y: nil) = 40) & (b isNil) & ([Base removeSelector: #isNil. b notNil] value)]`,
  'isNil and notNil of classes that have no instances when they redefine it': `
    | b | Base compile: 'y: o ^ {o isNil. o notNil. o isNil ifTrue: [1] ifFalse: [2]}'. b := Base new. 1 to: 300 do: [:i | b y: i].
    (1 to: 10) allSatisfy: [:i | | c was |
      c := Base subclass: #Passing instanceVariableNames: '' package: 'Invalidation'. c compile: 'isNil ^ #maybe'; compile: 'notNil ^ #perhaps'; compile: 'isNil ^ #maybe -> 1. ^ true'.
      c compile: 'isNil ^ 1 = 1'. was := b y: c new. c removeFromSystem. 1 to: 300 do: [:k | b y: k]. (was = {true. #perhaps. 1}) & ((b y: i) = {false. true. 2})]`,
  'objects that answer every message their own way are asked whether they are nil': `
    | b c seen | Base compile: 'y: o ^ o isNil'. b := Base new. 1 to: 300 do: [:i | b y: i]. seen := OrderedCollection new.
    c := ProtoObject subclass: #Proxy instanceVariableNames: '' package: 'Invalidation'. 1 to: 300 do: [:i | b y: c new]. seen add: (b y: c new).
    c compile: 'isNil ^ self nothing'; compile: 'doesNotUnderstand: m ^ m selector'. 1 to: 20 do: [:i | seen add: (b y: c new); add: (b y: nil)].
    seen asSet = (Set withAll: #(false nothing true)) & (seen last == true)`,
  'class index used again after a full collection': `
    Base compile: 'y: o ^ o x'.
    (1 to: 40) allSatisfy: [:i | | c o |
      c := Base subclass: #Passing instanceVariableNames: '' package: 'Invalidation'. c compile: 'x ^ ' , i printString. o := c new.
      1 to: 120 do: [:k | Base new y: o]. ((Base new y: o) = i) & ([c removeFromSystem. c := o := nil. Smalltalk garbageCollect. true] value)]`,
};

test('changes are seen by code that was hot before them', (t) => {
  const folder = temporaryFolder(t);
  for (const [what, program] of Object.entries(CHANGES)) {
    fs.writeFileSync(path.join(folder, 'change.st'), `${PRELUDE}\nStdio stdout print: ([${program}] value); nl; flush!\n`);
    for (const [name, options] of MODES.slice(0, 3)) {
      const { code, out, err } = catalyst(['run', ...options, 'change.st'], { cwd: folder });
      assert.equal(out + err, 'true\n', `${what}; ${name}`);
      assert.equal(code, 0);
    }
  }
});

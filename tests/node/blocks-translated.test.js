/** blocks-translated.test.js: blocks, non-local returns, unwinding and contexts, interpreted and translated. */
import test from 'node:test';
import { comparedPrograms } from './helpers.js';

/** Methods of the class that the programs below call `B`. */
const METHODS = {
  'find: x in: a': 'a do: [:e | e = x ifTrue: [^#found -> e]]. ^#missing',
  'find: x in: a within: n': '^n = 0 ifTrue: [#(1) do: [:e | ^self find: x in: a]] ifFalse: [self find: x in: a within: n - 1]',
  'up: n through: aBlock': 'n = 0 ifTrue: [^aBlock value]. self up: n - 1 through: aBlock. ^#notReached',
  'escape: n': 'self up: n through: [^n * 2]. ^#notReached',
  'escape: n ensuring: log': 'self up: n through: [[^n * 2] ensure: [log add: n]]. ^#notReached',
  'escapeTwice: log': '[[^1] ensure: [log add: #inner. [^2] ensure: [log add: #innermost]]] ensure: [log add: #outer]. ^3',
  'maker: n': '^[:x | x < 0 ifTrue: [^n]. x + n]',
  'homeless': '^[^42]',
  'counter': '| n | n := 0. ^[n := n + 1]',
  'signal: n': 'n = 0 ifTrue: [^(Warning signal: 3) + 1]. ^(self signal: n - 1) + 1',
  'deep: n': 'n = 0 ifTrue: [^thisContext]. ^self deep: n - 1',
  'nest: n do: aBlock': 'n = 0 ifTrue: [^aBlock value: 0]. ^self nest: n - 1 do: [:v | (aBlock value: v) + n]',
  'unwind: n with: log': 'n = 0 ifTrue: [^self error: #deep]. ^[self unwind: n - 1 with: log] ensure: [log add: n]',
  'curtailed: log': '[^7] ifCurtailed: [log add: #curtailed]',
  'a: a b: b c: c d: d': '^[:w :x :y :z | Array with: a + w with: b + x with: c + y with: d + z]',
  'temps: n': '| a b c | a := n. b := a + 1. c := b + 1. ^[:x | | t u | t := a + x. u := [:y | t := t + y. b + t + c] value: x. {t. u. a}]',
};

const PROGRAMS = {
  'non-local return through frames': '((1 to: 40) collect: [:i | (B new find: i in: #(3 5 7 9)) printString]) asArray',
  'through nested blocks': '(1 to: 30) collect: [:i | B new find: 7 in: #(3 5 7 9) within: i]',
  'out of a deep stack': '(1 to: 50) collect: [:i | B new escape: i * 20]',
  'out of many pages': '(1 to: 3) collect: [:i | B new escape: i * 10000]',
  'through ensure': '| log | log := OrderedCollection new. {(1 to: 40) collect: [:i | B new escape: i ensuring: log]. log size. log last}',
  'ensure that returns': '| log | log := OrderedCollection new. {(1 to: 30) collect: [:i | B new escapeTwice: log]. log size}',
  'home is dead': '(1 to: 30) collect: [:i | [B new homeless value] on: BlockCannotReturn do: [:e | e class name]]',
  'home is dead at depth': '(1 to: 30) collect: [:i | [(B new maker: i) value: (i \\\\ 3) - 1] on: Error do: [:e | e class name -> i]]',
  'loop variables': '| bs | bs := OrderedCollection new. 1 to: 50 do: [:i | | t | t := i. bs add: [t := t + i]]. bs do: [:b | b value]. bs inject: 0 into: [:s :b | s + b value]',
  counters: '| a b | a := B new counter. b := B new counter. 100 timesRepeat: [a value]. {a value. b value}',
  'a million blocks deep': '| f | f := nil. f := [:n | n = 0 ifTrue: [0] ifFalse: [(f value: n - 1) + 1]]. f value: 1000000',
  'blocks around blocks': '(1 to: 40) collect: [:i | B new nest: i * 5 do: [:v | v + 1]]',
  resumed: '(1 to: 40) collect: [:i | [B new signal: i] on: Warning do: [:e | e resume: i]]',
  returned: '(1 to: 40) collect: [:i | [B new signal: i. #no] on: Warning do: [:e | e return: i]]',
  retried: '(1 to: 40) collect: [:i | | n | n := 0. [n := n + 1. n < 4 ifTrue: [B new signal: i]. n] on: Warning do: [:e | e retry]]',
  passed: '(1 to: 30) collect: [:i | [[B new signal: i] on: Warning do: [:e | e pass]] on: Warning do: [:e | e return: e messageText]]',
  outer: '(1 to: 30) collect: [:i | [[B new signal: i] on: Warning do: [:e | e outer + 10]] on: Warning do: [:e | e resume: i]]',
  'error through ensure': '| log | log := OrderedCollection new. {(1 to: 20) collect: [:i | [B new unwind: i with: log] on: Error do: [:e | e return: i]]. log size. log last}',
  curtailed: '| log | log := OrderedCollection new. {(1 to: 30) collect: [:i | B new curtailed: log]. log size}',
  'sender walks': '(1 to: 30) collect: [:i | | c n | c := B new deep: i. n := 0. [c isNil] whileFalse: [n := n + 1. c := c sender]. n > 0]',
  'contexts see temporaries': '(1 to: 30) collect: [:i | | t | t := i * i. [:x | (thisContext tempAt: 1) + t] value: i]',
  'homes and receivers': '(1 to: 30) collect: [:i | [thisContext home notNil & thisContext receiver isNil] value]',
  'arity is wrong': '(1 to: 30) collect: [:i | [[:x | x] value] on: Error do: [:e | e class name]]',
  'four arguments': '(1 to: 30) collect: [:i | (B new a: 1 b: 2 c: 3 d: 4) value: i value: 2 value: 3 value: 4]',
  'arguments in an Array': '(1 to: 30) collect: [:i | [:a :b :c | a + b + c] valueWithArguments: {i. 1. 2}]',
  'value of others': '(1 to: 30) collect: [:i | | k | k := {[1]. #a -> 2. Smalltalk -> 3}. (k collect: [:each | each value]) asArray]',
  'many blocks at one send': '| all | all := (1 to: 60) collect: [:i | i even ifTrue: [[:x | x + i]] ifFalse: [[:x | x - i]]]. all collect: [:b | b value: 100]',
  'temporaries of blocks': '(1 to: 30) collect: [:i | (B new temps: i) value: i + 1]',
  'changes while it runs': "(1 to: 40) collect: [:i | i = 20 ifTrue: [B compile: 'counter ^[#new]']. B new counter value]",
  processes: '| r s | r := OrderedCollection new. s := Semaphore new. 1 to: 10 do: [:i | [1 to: 5 do: [:k | r add: i * k. Processor yield]. s signal] fork]. 10 timesRepeat: [s wait]. r inject: 0 into: [:a :b | a + b]',
  'returns in another process': '| r s | s := Semaphore new. [r := [B new homeless value] on: Error do: [:e | e class name]. s signal] fork. s wait. r',
  'terminated processes': '| log p | log := OrderedCollection new. 1 to: 20 do: [:i | p := [[Semaphore new wait] ensure: [log add: i]] fork. Processor yield. p terminate]. log asArray',
};

test('blocks answer the same however they are run', (t) => {
  comparedPrograms('B', METHODS, PROGRAMS).answerTheSame(t, [
    [],
    ['--translate=always'],
    ['--translate=always', '--option=bail_stress=3'],
    ['--translate=always', '--option=bail_stress=11'],
    ['--translate=always', '--option=stack_page_bytes=8192'],
  ]);
});

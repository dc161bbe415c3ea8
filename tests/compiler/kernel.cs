"A kernel of nothing but the shapes that the VM needs and a few primitives: for tests of the builder and of compiled code."!

nil subclass: #ProtoObject instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
ProtoObject subclass: #Object instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #UndefinedObject instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Boolean instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Boolean subclass: #True instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Boolean subclass: #False instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Behavior instanceVariableNames: 'superclass methodDict format' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Behavior subclass: #ClassDescription instanceVariableNames: 'instanceVariables organization' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
ClassDescription subclass: #Class instanceVariableNames: 'subclasses name classPool sharedPools environment category comment' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
ClassDescription subclass: #Metaclass instanceVariableNames: 'thisClass' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableSubclass: #MethodDictionary instanceVariableNames: 'tally array' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableCompiledMethodSubclass: #CompiledCode instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
CompiledCode variableCompiledMethodSubclass: #CompiledMethod instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
CompiledCode variableCompiledMethodSubclass: #CompiledBlock instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableSubclass: #AdditionalMethodState instanceVariableNames: 'method selector' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Pragma instanceVariableNames: 'method keyword arguments' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Magnitude instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Magnitude subclass: #Number instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Number subclass: #Integer instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Integer immediateSubclass: #SmallInteger instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Integer variableByteSubclass: #LargePositiveInteger instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
LargePositiveInteger variableByteSubclass: #LargeNegativeInteger instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Number variableWordSubclass: #BoxedFloat64 instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Magnitude immediateSubclass: #Character instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Message instanceVariableNames: 'selector args lookupClass' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableSubclass: #Context instanceVariableNames: 'sender pc stackp method closureOrNil receiver' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableSubclass: #BlockClosure instanceVariableNames: 'outerContext startpc numArgs' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
BlockClosure variableSubclass: #FullBlockClosure instanceVariableNames: 'receiver' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableByteSubclass: #ByteArray instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableSubclass: #Array instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #String instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
String variableByteSubclass: #ByteString instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
String variableWordSubclass: #WideString instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
String subclass: #Symbol instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Symbol variableByteSubclass: #ByteSymbol instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Symbol variableWordSubclass: #WideSymbol instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object variableWordSubclass: #Bitmap instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Association instanceVariableNames: 'key value' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Dictionary instanceVariableNames: 'tally array' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Link instanceVariableNames: 'nextLink' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Link subclass: #Process instanceVariableNames: 'suspendedContext priority myList name environment' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #LinkedList instanceVariableNames: 'firstLink lastLink' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
LinkedList subclass: #Semaphore instanceVariableNames: 'excessSignals' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
LinkedList subclass: #Mutex instanceVariableNames: 'owner' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #ProcessorScheduler instanceVariableNames: 'quiescentProcessLists activeProcess' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #Point instanceVariableNames: 'x y' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!
Object subclass: #SmalltalkImage instanceVariableNames: 'globals' classVariableNames: '' poolDictionaries: '' category: 'Kernel'!

!Object methodsFor: 'kernel'!
= other
	^ self == other!
~= other
	^ (self = other) not!
~~ other
	^ (self == other) not!
== other
	<primitive: 110>!
class
	<primitive: 111>!
yourself
	^ self!
isNil
	^ false!
value
	^ self!
perform: selector
	<primitive: 83>!
perform: selector with: a
	<primitive: 83>!
-> other
	^ Association key: self value: other!
doesNotUnderstand: message
	Smalltalk quit: 99!
cannotReturn: value
	Smalltalk quit: 98!
mustBeBoolean
	Smalltalk quit: 97! !

!Boolean methodsFor: 'kernel'!
not
	^ self == false!
& other
	^ self and: [other]! !

!Behavior methodsFor: 'kernel'!
basicNew
	<primitive: 70>!
basicNew: n
	<primitive: 71>!
new
	^ self basicNew!
new: n
	^ self basicNew: n!
superclass
	^ superclass!
instSize
	^ format bitAnd: 65535! !

!Class methodsFor: 'kernel'!
name
	^ name!
category
	^ category!
comment
	^ comment!
subclasses
	^ subclasses!
classPool
	^ classPool!
protocols
	^ organization!
instVarNames
	^ instanceVariables! !

!Association class methodsFor: 'kernel'!
key: k value: v
	^ self new setKey: k value: v! !
!Association methodsFor: 'kernel'!
setKey: k value: v
	key := k.
	value := v!
key
	^ key!
value
	^ value! !

!Number methodsFor: 'kernel'!
negated
	^ 0 - self!
timesRepeat: aBlock
	1 to: self do: [:i | aBlock value]! !
!SmallInteger methodsFor: 'kernel'!
+ n
	<primitive: 1>!
- n
	<primitive: 2>!
< n
	<primitive: 3>!
> n
	<primitive: 4>!
<= n
	<primitive: 5>!
>= n
	<primitive: 6>!
= n
	<primitive: 7>
	^ false!
* n
	<primitive: 9>!
/ n
	<primitive: 10>
	^ {self. n}!
\\ n
	<primitive: 11>!
bitAnd: n
	<primitive: 14>! !
!LargePositiveInteger methodsFor: 'kernel'!
size
	<primitive: 62>!
at: i
	<primitive: 60>! !
!BoxedFloat64 methodsFor: 'kernel'!
= n
	<primitive: 47>
	^ false!
at: i
	<primitive: 38>! !
!Character methodsFor: 'kernel'!
value
	<primitive: 171>! !

!BlockClosure methodsFor: 'kernel'!
numArgs
	^ numArgs!
outer
	^ outerContext! !
!FullBlockClosure methodsFor: 'kernel'!
value
	<primitive: 207>!
value: a
	<primitive: 207>!
value: a value: b
	<primitive: 207>!
value: a value: b value: c
	<primitive: 207>!
valueWithArguments: array
	<primitive: 208>!
code
	^ startpc!
copied: i
	<primitive: 60>! !

!CompiledCode methodsFor: 'kernel'!
literalAt: i
	^ self objectAt: i + 1!
objectAt: i
	<primitive: 68>!
header
	^ self objectAt: 1!
numLiterals
	^ self header bitAnd: 32767!
at: i
	<primitive: 60>!
size
	<primitive: 62>! !
!AdditionalMethodState methodsFor: 'kernel'!
method
	^ method!
selector
	^ selector!
at: i
	<primitive: 60>! !
!Pragma methodsFor: 'kernel'!
keyword
	^ keyword!
arguments
	^ arguments!
method
	^ method! !

!Array methodsFor: 'kernel'!
asScaledDecimal: scale
	^ {self. scale}!
at: i
	<primitive: 60>
	Smalltalk quit: 96!
at: i put: x
	<primitive: 61>
	Smalltalk quit: 96!
size
	<primitive: 62>!
= other
	(other class == Array and: [other size = self size]) ifFalse: [^ false].
	1 to: self size do: [:i | (self at: i) = (other at: i) ifFalse: [^ false]].
	^ true!
do: aBlock
	1 to: self size do: [:i | aBlock value: (self at: i)]!
collect: aBlock
	| result |
	result := Array new: self size.
	1 to: self size do: [:i | result at: i put: (aBlock value: (self at: i))].
	^ result! !
!ByteArray methodsFor: 'kernel'!
at: i
	<primitive: 60>!
size
	<primitive: 62>! !
!String methodsFor: 'kernel'!
at: i
	<primitive: 63>!
size
	<primitive: 62>!
codeAt: i
	^ (self at: i) value!
= other
	other class == self class ifFalse: [^ false].
	other size = self size ifFalse: [^ false].
	1 to: self size do: [:i | (self at: i) == (other at: i) ifFalse: [^ false]].
	^ true! !
!Symbol methodsFor: 'kernel'!
= other
	^ self == other! !
!WideString methodsFor: 'kernel'!
at: i
	<primitive: 63>! !
!MethodDictionary methodsFor: 'kernel'!
tally
	^ tally! !

!SmalltalkImage methodsFor: 'kernel'!
quit: code
	<primitive: 113>! !
!UndefinedObject methodsFor: 'kernel'!
isNil
	^ true! !
!True methodsFor: 'kernel'!
ifTrue: x ifFalse: y
	^ x value! !
!False methodsFor: 'kernel'!
ifTrue: x ifFalse: y
	^ y value! !

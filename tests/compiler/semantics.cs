"What compiled code does when it runs: each test answers true. The exit code is the number of the test that failed, 0 when none did."!
Object subclass: #CompiledTest instanceVariableNames: 'a b' classVariableNames: 'Shared' poolDictionaries: '' category: 'Tests'!
CompiledTest class instanceVariableNames: 'only'!
CompiledTest subclass: #CompiledSubTest instanceVariableNames: 'c' classVariableNames: '' poolDictionaries: '' category: 'Tests'!
!CompiledTest commentStamp: 'x' prior: 0!
I am commented!! Twice.!

!SmalltalkImage methodsFor: 'boot'!
boot
	| tests selectors failed |
	tests := CompiledSubTest new.
	failed := 0.
	selectors := #(
		literals nested negative big floats strings wide symbols characters bytes scaled
		arithmetic cascades cascadeOnExpression branches branchValues andOr nilTests nilArguments loops loopValues loopsDown
		floatStep timesRepeatOnce whileForms repeatForm limitEvaluatedOnce
		closureCopies closureShares loopFresh loopFreshShared toDoCaptured whileCaptured recursiveBlock counter
		nonLocal nonLocalDeep blockValues emptyBlocks shadowing manyArguments braces longBrace manyTemps
		classVariables classSide superSend superInBlock pragmas primitiveError primitiveErrorInBlock quick nilInLoop outerContexts
		manyLiterals longJumps cascadeToSuper ifNotNilInLoop conditionalFresh assignChain deepParens reusedSlot dollars
		compileMethod compileDoIt compileError compileBindings compileSuper compileWide readTonel readChunks readScript readError).
	1 to: selectors size do: [:i |
		failed = 0 ifTrue: [
			(tests perform: (selectors at: i)) == true ifFalse: [failed := i]]].
	self quit: failed! !

!CompiledTest methodsFor: 'helpers'!
answer: x
	^ x!
a: x
	a := x!
count
	b := (b ifNil: [0]) + 1.
	^ b!
hook
	^ #super!
hook: x
	^ {#super. x}!
evaluate: aBlock
	^ aBlock value!
sum: x1 with: x2 with: x3 with: x4 with: x5 with: x6 with: x7 with: x8 with: x9 with: x10 with: x11 with: x12 with: x13 with: x14 with: x15
	^ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11 + x12 + x13 + x14 + x15!
firstOver: n in: array
	array do: [:each | each > n ifTrue: [^ each]].
	^ nil!
b
	^ b!
constant
	^ 2!
fail: x
	<primitive: 60 error: code>
	^ code!
failLater: x
	<primitive: 60 error: code>
	| block |
	block := [code := {code}. code].
	^ block value! !

!CompiledTest class methodsFor: 'helpers'!
only: x
	only := x!
only
	^ only! !

!CompiledSubTest methodsFor: 'helpers'!
hook
	^ #sub!
hook: x
	^ {#sub. x}! !

!CompiledSubTest methodsFor: 'literals'!
literals
	^ #(1 $a 'str' sym #sym foo:bar: #foo:bar: + #+ true false nil) = {1. $a. 'str'. #sym. #sym. #foo:bar:. #foo:bar:. #+. #+. true. false. nil}
		and: [16rFF = 255 and: [2r101 = 5 and: [1e3 = 1000 and: [2r1e8 = 256 and: [16r-F = -15 and: [36rZZ = 1295]]]]]]!
nested
	^ #(1 #(2 (3 #[4 5]) ) [6 7] #(nil #nil)) = {1. {2. {3. #[4 5]}}. #[6 7]. {nil. #nil}} or: [
		| x | x := #(1 #(2 (3 #[4 5]) ) [6 7] #(nil #nil)).
		(((x at: 2) at: 2) at: 1) = 3 and: [((x at: 3) at: 2) = 7 and: [((x at: 4) at: 2) == #nil and: [((x at: 4) at: 1) == nil]]]]!
negative
	^ -5 + 5 = 0 and: [3-4 = -1 and: [3--4 = 7 and: [3 - -4 = 7 and: [#(-1 - 1) size = 3 and: [(#(-1 - 1) at: 2) == #-]]]]]!
big
	| x |
	x := 16r123456789ABCDEF0123.
	^ x class == LargePositiveInteger and: [x size = 10 and: [(x at: 1) = 16r23 and: [(x at: 10) = 1 and: [
		-16r123456789ABCDEF0123 class == LargeNegativeInteger and: [1073741823 class == SmallInteger and: [
		1073741824 class == LargePositiveInteger and: [-1073741824 class == SmallInteger and: [-1073741825 class == LargeNegativeInteger]]]]]]]]!
floats
	^ (1.0 at: 1) = 16r3FF00000 and: [(1.0 at: 2) = 0 and: [(0.1 at: 1) = 16r3FB99999 and: [
		2r1.1 = 1.5 and: [1.5e1 = 15.0 and: [16r1.8 = 1.5 and: [
		9007199254740993.0 = 9007199254740992.0 and: [9007199254740993.0000000000000000000000000001 = 9007199254740994.0]]]]]]]!
strings
	^ 'it''s' size = 4 and: [('it''s' codeAt: 3) = 39 and: ['' size = 0 and: ['Grüße' size = 5 and: ['Grüße' class == ByteString and: [('Grüße' codeAt: 3) = 252]]]]]!
wide
	^ '€uro' class == WideString and: ['€uro' size = 4 and: [('€uro' codeAt: 1) = 16r20AC and: [#'€' class == WideSymbol and: [#'€' == #'€']]]]!
symbols
	^ #foo == #foo and: [#foo:bar: == #'foo:bar:' and: [#'a b' class == ByteSymbol and: [#+ == #'+' and: [#-> == #'->' and: [##foo == #foo]]]]]!
characters
	^ $a value = 97 and: [$  value = 32 and: [$' value = 39 and: [$ä value = 228 and: [$€ value = 16r20AC and: [#($a $ $b) size = 3]]]]]!
bytes
	^ #[] size = 0 and: [#[1 2 16rFF] size = 3 and: [(#[1 2 16rFF] at: 3) = 255 and: [#[1] class == ByteArray]]]!
scaled
	| x |
	x := 3.14s2.
	^ (x at: 2) = 2 and: [(x at: 1) = #(314 100) and: [1e-2 = #(1 100)]]!
dollars
	^ {$]. $[. $". $'. $!!. $$} size = 6 "] a comment with ' quotes"! !

!CompiledSubTest methodsFor: 'messages'!
arithmetic
	^ 3 + 4 * 2 = 14 and: [3 + (4 * 2) = 11 and: [7 \\ 4 = 3 and: [(5 bitAnd: 4) = 4]]]!
cascades
	| x |
	x := Array new: 3.
	^ (x at: 1 put: 5; at: 2 put: 6; at: 3 put: 7; yourself) == x and: [x = #(5 6 7)]!
cascadeOnExpression
	^ (self count; count; b) = 2!
cascadeToSuper
	^ (super hook; hook: 3) = #(#super 3)!
superSend
	^ super hook == #super and: [self hook == #sub]!
superInBlock
	^ [super hook] value == #super and: [([[:x | super hook: x]] value value: 4) = #(#super 4)]!
manyArguments
	^ (self sum: 1 with: 2 with: 3 with: 4 with: 5 with: 6 with: 7 with: 8 with: 9 with: 10 with: 11 with: 12 with: 13 with: 14 with: 15) = 120!
braces
	^ {} size = 0 and: [{1. 2+3. {4}} = #(1 5 (4)) and: [{1. 2. } size = 2]]!
longBrace
	| x |
	x := {1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12. 13. 14. 15. 16. 17. 18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29. 30}.
	^ x size = 30 and: [(x at: 30) = 30 and: [(x at: 25) = 25]]!
assignChain
	| x y |
	x := y := a := 3.
	^ x + y + a = 9!
deepParens
	^ ((((((((((((((((((((1)))))))))))))))))))) = 1! !

!CompiledSubTest methodsFor: 'control'!
branches
	| x |
	3 > 2 ifTrue: [x := 1] ifFalse: [x := 2].
	x = 1 ifFalse: [^ false].
	3 > 2 ifFalse: [x := 5].
	x = 1 ifTrue: [^ true].
	^ false!
branchValues
	^ (3 > 2 ifTrue: [1]) = 1 and: [(3 < 2 ifTrue: [1]) isNil not ifTrue: [false] ifFalse: [(3 < 2 ifTrue: [1]) == nil and: [
		(3 < 2 ifTrue: [] ifFalse: []) == nil and: [(3 < 2 ifFalse: [7]) = 7 and: [(true ifTrue: [1] ifFalse: [2]) = 1 and: [(3 > 2 ifTrue: 5 ifFalse: 6) == 5]]]]]]!
andOr
	| n |
	n := 0.
	(false and: [n := n + 1. true]) ifTrue: [^ false].
	(true or: [n := n + 1. true]) ifFalse: [^ false].
	n = 0 ifFalse: [^ false].
	((true and: [false]) or: [true and: [true]]) ifFalse: [^ false].
	((true or: [false]) and: [false or: [false]]) ifTrue: [^ false].
	^ (true and: [5]) = 5 and: [(false or: [6]) = 6]!
nilTests
	^ (nil ifNil: [1]) = 1 and: [(2 ifNil: [1]) = 2 and: [(nil ifNotNil: [1]) == nil and: [(2 ifNotNil: [:x | x + 1]) = 3 and: [
		(nil ifNil: [1] ifNotNil: [:x | x]) = 1 and: [(5 ifNil: [1] ifNotNil: [:x | x]) = 5 and: [(5 ifNotNil: [:x | x] ifNil: [2]) = 5 and: [(false ifNil: [3]) == false]]]]]]]!
nilArguments
	| n |
	n := 0.
	5 ifNotNil: [:x | n := n + x].
	nil ifNotNil: [:x | n := n + 100].
	nil ifNil: [n := n + 1].
	7 ifNil: [n := n + 100].
	^ n = 6!
loops
	| n |
	n := 0.
	1 to: 10 do: [:i | n := n + i].
	1 to: 0 do: [:i | ^ false].
	1 to: 10 by: 3 do: [:i | n := n + i].
	^ n = 77!
loopValues
	^ (3 to: 5 do: [:i | i]) = 3 and: [([false] whileTrue: [1]) == nil and: [(4 timesRepeat: [1]) = 4]]!
loopsDown
	| n |
	n := 0.
	3 to: 1 by: -1 do: [:i | n := n * 10 + i].
	1 to: 3 by: -1 do: [:i | ^ false].
	^ n = 321!
floatStep
	| n |
	n := 0.
	^ n = 0!
timesRepeatOnce
	| n |
	n := 0.
	self count timesRepeat: [n := n + 1].
	5 timesRepeat: [n := n + 1].
	^ n = (b + 5)!
whileForms
	| n |
	n := 0.
	[n < 5] whileTrue: [n := n + 1].
	[n >= 9] whileFalse: [n := n + 1].
	[n := n + 1. n < 20] whileTrue.
	[n := n + 1. n >= 30] whileFalse.
	^ n = 30!
repeatForm
	| n |
	n := 0.
	[n := n + 1. n = 7 ifTrue: [^ n = 7]] repeat!
limitEvaluatedOnce
	| n |
	b := 2.
	n := 0.
	1 to: self count do: [:i | n := n + 1].
	^ n = 3 and: [b = 3]!
manyTemps
	| t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 |
	t1 := 1. t13 := 13. t20 := 20. t9 := t20 + 1. t19 := [t20 + t13].
	t2 := t3 := t4 := t5 := t6 := t7 := t8 := t10 := t11 := t12 := t14 := t15 := t16 := t17 := t18 := 1.
	^ t1 + t13 + t20 + t9 + t19 value = 88 and: [t2 + t3 + t4 + t5 + t6 + t7 + t8 + t10 + t11 + t12 + t14 + t15 + t16 + t17 + t18 = 15]! !

!CompiledSubTest methodsFor: 'closures'!
closureCopies
	| x block |
	x := 5.
	block := [x + 1].
	^ block value = 6 and: [([:y | y + x] value: 2) = 7]!
closureShares
	| x block |
	x := 5.
	block := [x := x + 1].
	block value. block value.
	x := x + 10.
	^ x = 17 and: [block value = 18]!
loopFresh
	| blocks |
	blocks := Array new: 3.
	1 to: 3 do: [:i | | t | t := i * 10. blocks at: i put: [t]].
	^ (blocks collect: [:each | each value]) = #(10 20 30)!
loopFreshShared
	| blocks |
	blocks := Array new: 3.
	1 to: 3 do: [:i | | t | t := i. blocks at: i put: [t := t + 1]. t := t * 10].
	(blocks at: 1) value.
	^ (blocks collect: [:each | each value]) = #(12 21 31)!
toDoCaptured
	| blocks |
	blocks := Array new: 3.
	1 to: 3 do: [:i | blocks at: i put: [i]].
	^ (blocks collect: [:each | each value]) = #(1 2 3)!
whileCaptured
	| blocks i |
	blocks := Array new: 3.
	i := 1.
	[i <= 3] whileTrue: [blocks at: i put: [i]. i := i + 1].
	^ (blocks collect: [:each | each value]) = #(4 4 4)!
recursiveBlock
	| factorial |
	factorial := nil.
	factorial := [:n | n = 0 ifTrue: [1] ifFalse: [n * (factorial value: n - 1)]].
	^ (factorial value: 6) = 720!
counter
	| make one two |
	make := [| n | n := 0. [n := n + 1]].
	one := make value.
	two := make value.
	one value. one value.
	^ one value = 3 and: [two value = 1]!
nonLocal
	^ (self firstOver: 2 in: #(1 2 3 4)) = 3 and: [(self firstOver: 9 in: #(1 2)) == nil]!
nonLocalDeep
	[:x | [[x = 1 ifTrue: [^ true]] value. false] value] value: 1.
	^ false!
blockValues
	^ [3. 4] value = 4 and: [([:x :y | x - y] value: 5 value: 3) = 2 and: [([:x | x > 2 ifTrue: [#yes] ifFalse: [#no]] value: 3) == #yes]]!
emptyBlocks
	^ [] value == nil and: [([:x | ] value: 3) == nil and: [([:x] value: 3) == nil and: [[| t | t] value == nil]]]!
shadowing
	| x |
	x := 1.
	^ ([:y | | z | z := y. [:w | z + w + x] value: 100] value: 10) = 111!
nilInLoop
	| seen |
	seen := 0.
	1 to: 3 do: [:i | | t | t == nil ifTrue: [seen := seen + 1]. t := i].
	^ seen = 3!
conditionalFresh
	| seen |
	seen := 0.
	1 to: 4 do: [:i | | t | i \\ 2 = 1 ifTrue: [t := i]. t == nil ifTrue: [seen := seen + 1]].
	^ seen = 2!
reusedSlot
	| n |
	n := 0.
	true ifTrue: [| x | x := 5. n := n + x].
	true ifTrue: [| y | y == nil ifTrue: [n := n + 1]].
	^ n = 6!
ifNotNilInLoop
	| blocks |
	blocks := Array new: 2.
	1 to: 2 do: [:i | (self answer: i) ifNotNil: [:v | blocks at: i put: [v * 2]]].
	^ (blocks collect: [:each | each value]) = #(2 4)!
outerContexts
	^ [3] outer == nil and: [[^ 3] outer notNil2 and: [[thisContext] outer notNil2]]! !

!Object methodsFor: 'tests'!
notNil2
	^ true! !
!UndefinedObject methodsFor: 'tests'!
notNil2
	^ false! !

!CompiledSubTest methodsFor: 'classes'!
classVariables
	Shared := 5.
	^ Shared = 5 and: [[Shared := Shared + 1. Shared] value = 6 and: [(CompiledTest classPool) class == Dictionary]]!
classSide
	CompiledTest only: 7.
	CompiledSubTest only: 8.
	^ CompiledTest only = 7 and: [CompiledSubTest only = 8 and: [CompiledSubTest superclass == CompiledTest and: [
		CompiledSubTest class superclass == CompiledTest class and: [ProtoObject class superclass == Class and: [
		Object class class == Metaclass and: [Metaclass class class == Metaclass and: [CompiledSubTest name == #CompiledSubTest and: [
		CompiledSubTest instSize = 3 and: [CompiledTest comment size = 22 and: [CompiledTest subclasses = {CompiledSubTest} and: [
		CompiledTest instVarNames = #('a' 'b')]]]]]]]]]]]!
pragmas
	<test: 3 with: #foo>
	<alone>
	| method state |
	method := thisContext objectAt2: 4.
	state := method literalAt: method numLiterals - 1.
	^ state selector == #pragmas and: [state method == method and: [(state at: 1) keyword == #test:with: and: [
		(state at: 1) arguments = #(3 foo) and: [(state at: 2) keyword == #alone and: [(method literalAt: method numLiterals) value == CompiledSubTest]]]]]!
primitiveError
	^ (self fail: 1) == #'bad receiver' or: [(self fail: 1) class == ByteSymbol]!
primitiveErrorInBlock
	^ (self failLater: 1) class == Array!
quick
	b := 9.
	^ self b = 9 and: [self constant = 2 and: [self yourself == self]]! !

!Context methodsFor: 'tests'!
objectAt2: i
	<primitive: 73>! !

!CompiledSubTest methodsFor: 'size'!
manyLiterals
	^ 1000 + 1001 + 1002 + 1003 + 1004 + 1005 + 1006 + 1007 + 1008 + 1009 + 1010 + 1011 + 1012 + 1013 + 1014 + 1015 + 1016 + 1017 + 1018 + 1019 + 1020 + 1021 + 1022 + 1023 + 1024 + 1025 + 1026 + 1027 + 1028 + 1029 + 1030 + 1031 + 1032 + 1033 + 1034 + 1035 + 1036 + 1037 + 1038 + 1039 + 1040 + 1041 + 1042 + 1043 + 1044 + 1045 + 1046 + 1047 + 1048 + 1049 + 1050 + 1051 + 1052 + 1053 + 1054 + 1055 + 1056 + 1057 + 1058 + 1059 + 1060 + 1061 + 1062 + 1063 + 1064 + 1065 + 1066 + 1067 + 1068 + 1069 + 1070 + 1071 + 1072 + 1073 + 1074 + 1075 + 1076 + 1077 + 1078 + 1079 + 1080 + 1081 + 1082 + 1083 + 1084 + 1085 + 1086 + 1087 + 1088 + 1089 + 1090 + 1091 + 1092 + 1093 + 1094 + 1095 + 1096 + 1097 + 1098 + 1099 + 1100 + 1101 + 1102 + 1103 + 1104 + 1105 + 1106 + 1107 + 1108 + 1109 + 1110 + 1111 + 1112 + 1113 + 1114 + 1115 + 1116 + 1117 + 1118 + 1119 + 1120 + 1121 + 1122 + 1123 + 1124 + 1125 + 1126 + 1127 + 1128 + 1129 + 1130 + 1131 + 1132 + 1133 + 1134 + 1135 + 1136 + 1137 + 1138 + 1139 + 1140 + 1141 + 1142 + 1143 + 1144 + 1145 + 1146 + 1147 + 1148 + 1149 + 1150 + 1151 + 1152 + 1153 + 1154 + 1155 + 1156 + 1157 + 1158 + 1159 + 1160 + 1161 + 1162 + 1163 + 1164 + 1165 + 1166 + 1167 + 1168 + 1169 + 1170 + 1171 + 1172 + 1173 + 1174 + 1175 + 1176 + 1177 + 1178 + 1179 + 1180 + 1181 + 1182 + 1183 + 1184 + 1185 + 1186 + 1187 + 1188 + 1189 + 1190 + 1191 + 1192 + 1193 + 1194 + 1195 + 1196 + 1197 + 1198 + 1199 + 1200 + 1201 + 1202 + 1203 + 1204 + 1205 + 1206 + 1207 + 1208 + 1209 + 1210 + 1211 + 1212 + 1213 + 1214 + 1215 + 1216 + 1217 + 1218 + 1219 + 1220 + 1221 + 1222 + 1223 + 1224 + 1225 + 1226 + 1227 + 1228 + 1229 + 1230 + 1231 + 1232 + 1233 + 1234 + 1235 + 1236 + 1237 + 1238 + 1239 + 1240 + 1241 + 1242 + 1243 + 1244 + 1245 + 1246 + 1247 + 1248 + 1249 + 1250 + 1251 + 1252 + 1253 + 1254 + 1255 + 1256 + 1257 + 1258 + 1259 + 1260 + 1261 + 1262 + 1263 + 1264 + 1265 + 1266 + 1267 + 1268 + 1269 + 1270 + 1271 + 1272 + 1273 + 1274 + 1275 + 1276 + 1277 + 1278 + 1279 + 1280 + 1281 + 1282 + 1283 + 1284 + 1285 + 1286 + 1287 + 1288 + 1289 + 1290 + 1291 + 1292 + 1293 + 1294 + 1295 + 1296 + 1297 + 1298 + 1299 = 344850!
longJumps
	| x n |
	x := 0.
	n := 0.
	x = 1 ifTrue: [
		x := x + 2000. x := x - 2000.
		x := x + 2001. x := x - 2001.
		x := x + 2002. x := x - 2002.
		x := x + 2003. x := x - 2003.
		x := x + 2004. x := x - 2004.
		x := x + 2005. x := x - 2005.
		x := x + 2006. x := x - 2006.
		x := x + 2007. x := x - 2007.
		x := x + 2008. x := x - 2008.
		x := x + 2009. x := x - 2009.
		x := x + 2010. x := x - 2010.
		x := x + 2011. x := x - 2011.
		x := x + 2012. x := x - 2012.
		x := x + 2013. x := x - 2013.
		x := x + 2014. x := x - 2014.
		x := x + 2015. x := x - 2015.
		x := x + 2016. x := x - 2016.
		x := x + 2017. x := x - 2017.
		x := x + 2018. x := x - 2018.
		x := x + 2019. x := x - 2019.
		x := x + 2020. x := x - 2020.
		x := x + 2021. x := x - 2021.
		x := x + 2022. x := x - 2022.
		x := x + 2023. x := x - 2023.
		x := x + 2024. x := x - 2024.
		x := x + 2025. x := x - 2025.
		x := x + 2026. x := x - 2026.
		x := x + 2027. x := x - 2027.
		x := x + 2028. x := x - 2028.
		x := x + 2029. x := x - 2029.
		x := x + 2030. x := x - 2030.
		x := x + 2031. x := x - 2031.
		x := x + 2032. x := x - 2032.
		x := x + 2033. x := x - 2033.
		x := x + 2034. x := x - 2034.
		x := x + 2035. x := x - 2035.
		x := x + 2036. x := x - 2036.
		x := x + 2037. x := x - 2037.
		x := x + 2038. x := x - 2038.
		x := x + 2039. x := x - 2039.
		x := x + 2040. x := x - 2040.
		x := x + 2041. x := x - 2041.
		x := x + 2042. x := x - 2042.
		x := x + 2043. x := x - 2043.
		x := x + 2044. x := x - 2044.
		x := x + 2045. x := x - 2045.
		x := x + 2046. x := x - 2046.
		x := x + 2047. x := x - 2047.
		x := x + 2048. x := x - 2048.
		x := x + 2049. x := x - 2049.
		x := x + 2050. x := x - 2050.
		x := x + 2051. x := x - 2051.
		x := x + 2052. x := x - 2052.
		x := x + 2053. x := x - 2053.
		x := x + 2054. x := x - 2054.
		x := x + 2055. x := x - 2055.
		x := x + 2056. x := x - 2056.
		x := x + 2057. x := x - 2057.
		x := x + 2058. x := x - 2058.
		x := x + 2059. x := x - 2059.
		x := x + 2060. x := x - 2060.
		x := x + 2061. x := x - 2061.
		x := x + 2062. x := x - 2062.
		x := x + 2063. x := x - 2063.
		x := x + 2064. x := x - 2064.
		x := x + 2065. x := x - 2065.
		x := x + 2066. x := x - 2066.
		x := x + 2067. x := x - 2067.
		x := x + 2068. x := x - 2068.
		x := x + 2069. x := x - 2069.
		x := x + 2070. x := x - 2070.
		x := x + 2071. x := x - 2071.
		x := x + 2072. x := x - 2072.
		x := x + 2073. x := x - 2073.
		x := x + 2074. x := x - 2074.
		x := x + 2075. x := x - 2075.
		x := x + 2076. x := x - 2076.
		x := x + 2077. x := x - 2077.
		x := x + 2078. x := x - 2078.
		x := x + 2079. x := x - 2079.
		x := x + 2080. x := x - 2080.
		x := x + 2081. x := x - 2081.
		x := x + 2082. x := x - 2082.
		x := x + 2083. x := x - 2083.
		x := x + 2084. x := x - 2084.
		x := x + 2085. x := x - 2085.
		x := x + 2086. x := x - 2086.
		x := x + 2087. x := x - 2087.
		x := x + 2088. x := x - 2088.
		x := x + 2089. x := x - 2089.
		x := x + 2090. x := x - 2090.
		x := x + 2091. x := x - 2091.
		x := x + 2092. x := x - 2092.
		x := x + 2093. x := x - 2093.
		x := x + 2094. x := x - 2094.
		x := x + 2095. x := x - 2095.
		x := x + 2096. x := x - 2096.
		x := x + 2097. x := x - 2097.
		x := x + 2098. x := x - 2098.
		x := x + 2099. x := x - 2099.
		x := x + 2100. x := x - 2100.
		x := x + 2101. x := x - 2101.
		x := x + 2102. x := x - 2102.
		x := x + 2103. x := x - 2103.
		x := x + 2104. x := x - 2104.
		x := x + 2105. x := x - 2105.
		x := x + 2106. x := x - 2106.
		x := x + 2107. x := x - 2107.
		x := x + 2108. x := x - 2108.
		x := x + 2109. x := x - 2109.
		x := x + 2110. x := x - 2110.
		x := x + 2111. x := x - 2111.
		x := x + 2112. x := x - 2112.
		x := x + 2113. x := x - 2113.
		x := x + 2114. x := x - 2114.
		x := x + 2115. x := x - 2115.
		x := x + 2116. x := x - 2116.
		x := x + 2117. x := x - 2117.
		x := x + 2118. x := x - 2118.
		x := x + 2119. x := x - 2119.
		^ false].
	[n >= 200] whileFalse: [
		x = 3000 ifTrue: [^ false]. n := n + 1.
		x = 3001 ifTrue: [^ false]. n := n + 1.
		x = 3002 ifTrue: [^ false]. n := n + 1.
		x = 3003 ifTrue: [^ false]. n := n + 1.
		x = 3004 ifTrue: [^ false]. n := n + 1.
		x = 3005 ifTrue: [^ false]. n := n + 1.
		x = 3006 ifTrue: [^ false]. n := n + 1.
		x = 3007 ifTrue: [^ false]. n := n + 1.
		x = 3008 ifTrue: [^ false]. n := n + 1.
		x = 3009 ifTrue: [^ false]. n := n + 1.
		x = 3010 ifTrue: [^ false]. n := n + 1.
		x = 3011 ifTrue: [^ false]. n := n + 1.
		x = 3012 ifTrue: [^ false]. n := n + 1.
		x = 3013 ifTrue: [^ false]. n := n + 1.
		x = 3014 ifTrue: [^ false]. n := n + 1.
		x = 3015 ifTrue: [^ false]. n := n + 1.
		x = 3016 ifTrue: [^ false]. n := n + 1.
		x = 3017 ifTrue: [^ false]. n := n + 1.
		x = 3018 ifTrue: [^ false]. n := n + 1.
		x = 3019 ifTrue: [^ false]. n := n + 1.
		x = 3020 ifTrue: [^ false]. n := n + 1.
		x = 3021 ifTrue: [^ false]. n := n + 1.
		x = 3022 ifTrue: [^ false]. n := n + 1.
		x = 3023 ifTrue: [^ false]. n := n + 1.
		x = 3024 ifTrue: [^ false]. n := n + 1.
		x = 3025 ifTrue: [^ false]. n := n + 1.
		x = 3026 ifTrue: [^ false]. n := n + 1.
		x = 3027 ifTrue: [^ false]. n := n + 1.
		x = 3028 ifTrue: [^ false]. n := n + 1.
		x = 3029 ifTrue: [^ false]. n := n + 1.
		x = 3030 ifTrue: [^ false]. n := n + 1.
		x = 3031 ifTrue: [^ false]. n := n + 1.
		x = 3032 ifTrue: [^ false]. n := n + 1.
		x = 3033 ifTrue: [^ false]. n := n + 1.
		x = 3034 ifTrue: [^ false]. n := n + 1.
		x = 3035 ifTrue: [^ false]. n := n + 1.
		x = 3036 ifTrue: [^ false]. n := n + 1.
		x = 3037 ifTrue: [^ false]. n := n + 1.
		x = 3038 ifTrue: [^ false]. n := n + 1.
		x = 3039 ifTrue: [^ false]. n := n + 1.
		x = 3040 ifTrue: [^ false]. n := n + 1.
		x = 3041 ifTrue: [^ false]. n := n + 1.
		x = 3042 ifTrue: [^ false]. n := n + 1.
		x = 3043 ifTrue: [^ false]. n := n + 1.
		x = 3044 ifTrue: [^ false]. n := n + 1.
		x = 3045 ifTrue: [^ false]. n := n + 1.
		x = 3046 ifTrue: [^ false]. n := n + 1.
		x = 3047 ifTrue: [^ false]. n := n + 1.
		x = 3048 ifTrue: [^ false]. n := n + 1.
		x = 3049 ifTrue: [^ false]. n := n + 1.
		x = 3050 ifTrue: [^ false]. n := n + 1.
		x = 3051 ifTrue: [^ false]. n := n + 1.
		x = 3052 ifTrue: [^ false]. n := n + 1.
		x = 3053 ifTrue: [^ false]. n := n + 1.
		x = 3054 ifTrue: [^ false]. n := n + 1.
		x = 3055 ifTrue: [^ false]. n := n + 1.
		x = 3056 ifTrue: [^ false]. n := n + 1.
		x = 3057 ifTrue: [^ false]. n := n + 1.
		x = 3058 ifTrue: [^ false]. n := n + 1.
		x = 3059 ifTrue: [^ false]. n := n + 1.
		x = 3060 ifTrue: [^ false]. n := n + 1.
		x = 3061 ifTrue: [^ false]. n := n + 1.
		x = 3062 ifTrue: [^ false]. n := n + 1.
		x = 3063 ifTrue: [^ false]. n := n + 1.
		x = 3064 ifTrue: [^ false]. n := n + 1.
		x = 3065 ifTrue: [^ false]. n := n + 1.
		x = 3066 ifTrue: [^ false]. n := n + 1.
		x = 3067 ifTrue: [^ false]. n := n + 1.
		x = 3068 ifTrue: [^ false]. n := n + 1.
		x = 3069 ifTrue: [^ false]. n := n + 1.
		x = 3070 ifTrue: [^ false]. n := n + 1.
		x = 3071 ifTrue: [^ false]. n := n + 1.
		x = 3072 ifTrue: [^ false]. n := n + 1.
		x = 3073 ifTrue: [^ false]. n := n + 1.
		x = 3074 ifTrue: [^ false]. n := n + 1.
		x = 3075 ifTrue: [^ false]. n := n + 1.
		x = 3076 ifTrue: [^ false]. n := n + 1.
		x = 3077 ifTrue: [^ false]. n := n + 1.
		x = 3078 ifTrue: [^ false]. n := n + 1.
		x = 3079 ifTrue: [^ false]. n := n + 1.
		x = 3080 ifTrue: [^ false]. n := n + 1.
		x = 3081 ifTrue: [^ false]. n := n + 1.
		x = 3082 ifTrue: [^ false]. n := n + 1.
		x = 3083 ifTrue: [^ false]. n := n + 1.
		x = 3084 ifTrue: [^ false]. n := n + 1.
		x = 3085 ifTrue: [^ false]. n := n + 1.
		x = 3086 ifTrue: [^ false]. n := n + 1.
		x = 3087 ifTrue: [^ false]. n := n + 1.
		x = 3088 ifTrue: [^ false]. n := n + 1.
		x = 3089 ifTrue: [^ false]. n := n + 1.
		x = 3090 ifTrue: [^ false]. n := n + 1.
		x = 3091 ifTrue: [^ false]. n := n + 1.
		x = 3092 ifTrue: [^ false]. n := n + 1.
		x = 3093 ifTrue: [^ false]. n := n + 1.
		x = 3094 ifTrue: [^ false]. n := n + 1.
		x = 3095 ifTrue: [^ false]. n := n + 1.
		x = 3096 ifTrue: [^ false]. n := n + 1.
		x = 3097 ifTrue: [^ false]. n := n + 1.
		x = 3098 ifTrue: [^ false]. n := n + 1.
		x = 3099 ifTrue: [^ false]. n := n + 1.
		].
	^ n = 200! !

!CompiledTest methodsFor: 'compiling'!
compile: source kind: kind names: names
	<primitive: 'primitiveCompile' module: 'CatalystCompiler'>
	^ nil!
read: text name: name format: format
	<primitive: 'primitiveParseSource' module: 'CatalystCompiler'>
	^ nil!
run: method
	^ self run: method with: #()!
run: method with: arguments
	^ self withArgs: arguments executeMethod: method!
withArgs: arguments executeMethod: method
	<primitive: 188>
	Smalltalk quit: 95! !

!CompiledSubTest methodsFor: 'compiling'!
compileMethod
	| result |
	a := 40.
	result := self compile: 'plus: x
	| t |
	t := x.
	^ a + t' kind: 0 names: #('a' 'b' 'c').
	^ result size = 5 and: [(result at: 2) = 'plus:' and: [(result at: 3) size = 1 and: [((result at: 3) at: 1) class == ByteSymbol and: [
		(result at: 4) size = 0 and: [(result at: 5) = #('x' 't') and: [(self run: (result at: 1) with: #(2)) = 42]]]]]]!
compileDoIt
	| result |
	result := self compile: '| x | x := 3. x + 4' kind: 1 names: #().
	^ (self run: (result at: 1)) = 7 and: [(result at: 2) = 'DoIt']!
compileError
	| result |
	result := self compile: 'foo
	^ 3 +' kind: 0 names: #().
	^ result size = 5 and: [(result at: 2) = 11 and: [(result at: 3) = 2 and: [(result at: 4) = 7 and: [(result at: 5) = '	^ 3 +' and: [(result at: 1) class == ByteString]]]]]!
compileBindings
	| result |
	result := self compile: 'Foo bar: workspace. Foo := workspace. [Foo]. #foo. #(foo (foo bar)). #foo' kind: 1 names: #().
	^ (result at: 4) size = 2 and: [((result at: 4) at: 1) key = 'Foo' and: [((result at: 4) at: 1) value = 1 and: [
		((result at: 4) at: 2) key = 'workspace' and: [((result at: 4) at: 2) value = 10 and: [(result at: 3) size = 3]]]]]!
compileSuper
	| result |
	result := self compile: 'foo ^ [super foo]' kind: 0 names: #().
	^ (result at: 4) size = 1 and: [((result at: 4) at: 1) key = 'super']!
compileWide
	| result |
	result := self compile: '''€'' foo: ))' kind: 1 names: #().
	^ (result at: 2) = 10 and: [(self compile: 3 kind: 0 names: #()) == nil and: [(self compile: 'x' kind: 2 names: #()) == nil and: [
		(self compile: 'x' kind: 0 names: #(3)) == nil]]]!
readTonel
	| items |
	items := self read: '"I am Foo"
Class { #name : #Foo, #superclass : #Object, #instVars : [ ''x'' ], #classVars : [ ''Y'' ], #category : #Bar }

{ #category : #c }
Foo class >> bar [
	^ 3
]' name: 'Foo.class.st' format: 0.
	^ items size = 2 and: [(items at: 1) = #('class' 'Foo' 'Object' #('x') #('Y') #() #() 'Bar' 'normal' 'I am Foo') and: [
		(items at: 2) = #('method' 'Foo' true 'c' 'bar
	^ 3' 5)]]!
readChunks
	| items |
	items := self read: 'Object subclass: #A instanceVariableNames: ''a'' category: ''C''!!
!!A methodsFor: ''x''!!
a
	^ a!! !!
A new a!!' name: 'a.cs' format: 2.
	^ items size = 3 and: [((items at: 1) at: 2) = 'A' and: [((items at: 1) at: 10) == nil and: [(items at: 2) = #('method' 'A' false 'x' 'a
	^ a' 3) and: [(items at: 3) = #('doIt' 'A new a' 5)]]]]!
readScript
	^ (self read: '

3 + 4 foo!!' name: 'x' format: 4) = #(#('doIt' '3 + 4 foo!!' 3))!
readError
	| result |
	result := self read: 'Class { 3 }' name: 'Foo.class.st' format: 0.
	^ result size = 5 and: [(result at: 2) = 9 and: [(result at: 3) = 1]]! !

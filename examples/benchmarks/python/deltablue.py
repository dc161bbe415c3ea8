"""The DeltaBlue constraint solver on a chain of equalities and on many independent scalings."""
from collections import deque

from program import Program

REQUIRED, PREFERRED, STRONG_DEFAULT, NORMAL, WEAKEST = 0, 2, 3, 4, 6


class Variable:
    def __init__(self, value):
        self.value = value
        self.constraints = []
        self.source = None
        self.mark = 0
        self.strength = WEAKEST
        self.is_stay = True

    def remove(self, constraint):
        if constraint in self.constraints:
            self.constraints.remove(constraint)
        if self.source is constraint:
            self.source = None


class Constraint:
    """A relation that is to hold between variables, if no stronger constraint is against it."""

    is_input = False

    def __init__(self, strength):
        self.strength = strength

    def execute(self):
        """Makes the output of the inputs; nothing is to be done here."""

    def inputs_known(self, mark):
        return all(each.mark == mark or each.is_stay or each.source is None for each in self.inputs())

    def satisfy(self, mark, planner):
        """Tries to hold; answers the constraint that it overrides, or None."""
        self.choose(mark)
        if not self.is_satisfied():
            if self.strength == REQUIRED:
                raise ValueError("a required constraint cannot hold")
            return None
        for each in self.inputs():
            each.mark = mark
        output = self.output()
        overridden = output.source
        if overridden is not None:
            overridden.be_unsatisfied()
        output.source = self
        if not planner.propagate(self, mark):
            raise ValueError("the constraints form a cycle")
        output.mark = mark
        return overridden

    def add_to(self, planner):
        for each in self.variables():
            each.constraints.append(self)
        self.be_unsatisfied()
        planner.add(self)

    def remove_from(self, planner):
        if self.is_satisfied():
            planner.remove(self)
        else:
            self.forget_variables()

    def forget_variables(self):
        for each in self.variables():
            each.remove(self)


class Unary(Constraint):
    def __init__(self, variable, strength):
        super().__init__(strength)
        self.variable = variable
        self.satisfied = False

    def output(self):
        return self.variable

    def is_satisfied(self):
        return self.satisfied

    def inputs(self):
        return ()

    def variables(self):
        return (self.variable,)

    def choose(self, mark):
        self.satisfied = self.variable.mark != mark and self.strength < self.variable.strength

    def recalculate(self):
        self.variable.strength = self.strength
        self.variable.is_stay = not self.is_input
        if self.variable.is_stay:
            self.execute()

    def be_unsatisfied(self):
        self.satisfied = False


class Stay(Unary):
    """The variable is to stay as it is."""


class Edit(Unary):
    """The variable is set from outside."""

    is_input = True


NEITHER, FORWARD, BACKWARD = range(3)


class Binary(Constraint):
    def __init__(self, first, second, strength):
        super().__init__(strength)
        self.first = first
        self.second = second
        self.direction = NEITHER

    def output(self):
        return self.second if self.direction == FORWARD else self.first

    def input(self):
        return self.first if self.direction == FORWARD else self.second

    def is_satisfied(self):
        return self.direction != NEITHER

    def inputs(self):
        return (self.input(),)

    def variables(self):
        return (self.first, self.second)

    def choose(self, mark):
        first, second, strength = self.first, self.second, self.strength
        if first.mark == mark:
            self.direction = FORWARD if second.mark != mark and strength < second.strength else NEITHER
        elif second.mark == mark:
            self.direction = BACKWARD if strength < first.strength else NEITHER
        elif first.strength > second.strength:
            self.direction = BACKWARD if strength < first.strength else NEITHER
        else:
            self.direction = FORWARD if strength < second.strength else NEITHER

    def inputs_stay(self):
        return self.input().is_stay

    def recalculate(self):
        output = self.output()
        output.strength = max(self.strength, self.input().strength)
        output.is_stay = self.inputs_stay()
        if output.is_stay:
            self.execute()

    def be_unsatisfied(self):
        self.direction = NEITHER


class Equality(Binary):
    def execute(self):
        self.output().value = self.input().value


class Scale(Binary):
    """The second variable is the first times scale plus offset, which are only read."""

    def __init__(self, first, second, strength, scale, offset):
        super().__init__(first, second, strength)
        self.scale = scale
        self.offset = offset

    def inputs(self):
        return (self.input(), self.scale, self.offset)

    def variables(self):
        return (self.first, self.second, self.scale, self.offset)

    def inputs_stay(self):
        return self.input().is_stay and self.scale.is_stay and self.offset.is_stay

    def execute(self):
        if self.direction == FORWARD:
            self.second.value = self.first.value * self.scale.value + self.offset.value
        else:
            self.first.value = (self.second.value - self.offset.value) // self.scale.value


class Planner:
    def __init__(self):
        self.last_mark = 0

    def new_mark(self):
        self.last_mark += 1
        return self.last_mark

    def add(self, constraint):
        """Satisfies it, then what it overrides, and so on."""
        mark = self.new_mark()
        overridden = constraint.satisfy(mark, self)
        while overridden is not None:
            overridden = overridden.satisfy(mark, self)

    def remove(self, constraint):
        """Satisfies what could not be because of it, strongest first."""
        output = constraint.output()
        constraint.be_unsatisfied()
        constraint.forget_variables()
        unsatisfied = self.unsatisfied_after_freeing(output)
        for strength in range(REQUIRED, WEAKEST + 1):
            for each in unsatisfied:
                if each.strength == strength:
                    self.add(each)

    def plan_from(self, constraints):
        """The constraints to execute, in order, when the inputs among these change."""
        mark = self.new_mark()
        agenda = deque(each for each in constraints if each.is_input and each.is_satisfied())
        plan = []
        while agenda:
            constraint = agenda.popleft()
            output = constraint.output()
            if output.mark != mark and constraint.inputs_known(mark):
                plan.append(constraint)
                output.mark = mark
                self.add_consumers(output, agenda)
        return plan

    def propagate(self, constraint, mark):
        """Recalculates what is downstream; False if that comes back to its beginning."""
        agenda = deque((constraint,))
        while agenda:
            each = agenda.popleft()
            if each.output().mark == mark:
                self.remove(constraint)
                return False
            each.recalculate()
            self.add_consumers(each.output(), agenda)
        return True

    @staticmethod
    def add_consumers(variable, agenda):
        source = variable.source
        for each in variable.constraints:
            if each is not source and each.is_satisfied():
                agenda.append(each)

    @staticmethod
    def unsatisfied_after_freeing(freed):
        freed.source = None
        freed.strength = WEAKEST
        freed.is_stay = True
        unsatisfied = []
        agenda = deque((freed,))
        while agenda:
            variable = agenda.popleft()
            unsatisfied.extend(each for each in variable.constraints if not each.is_satisfied())
            for each in variable.constraints:
                if each is not variable.source and each.is_satisfied():
                    each.recalculate()
                    agenda.append(each.output())
        return unsatisfied


def chain(count):
    """A value that is put in at the front comes out at the end."""
    planner = Planner()
    variables = [Variable(0) for _ in range(count + 1)]
    first, last = variables[0], variables[-1]
    for one, other in zip(variables, variables[1:]):
        Equality(one, other, REQUIRED).add_to(planner)
    Stay(last, STRONG_DEFAULT).add_to(planner)
    edit = Edit(first, PREFERRED)
    edit.add_to(planner)
    plan = planner.plan_from([edit])
    is_right = True
    for value in range(1, 101):
        first.value = value
        for each in plan:
            each.execute()
        if last.value != value:
            is_right = False
    edit.remove_from(planner)
    return is_right


def change(planner, variable, value):
    edit = Edit(variable, PREFERRED)
    edit.add_to(planner)
    plan = planner.plan_from([edit])
    for _ in range(10):
        variable.value = value
        for each in plan:
            each.execute()
    edit.remove_from(planner)


def projection(count):
    """Change each end of a scaling, and the scale and offset of all."""
    planner = Planner()
    scale, offset = Variable(10), Variable(1000)
    sources = [Variable(i + 1) for i in range(count)]
    targets = [Variable(i + 1) for i in range(count)]
    for source, target in zip(sources, targets):
        Stay(source, NORMAL).add_to(planner)
        Scale(source, target, REQUIRED, scale, offset).add_to(planner)

    def all_but_last_obey(rule):
        """The last scaling is not looked at: its target was edited."""
        return all(targets[i].value == rule(sources[i].value) for i in range(count - 1))

    change(planner, sources[-1], 17)
    if targets[-1].value != 1170:
        return False
    change(planner, targets[-1], 1050)
    if sources[-1].value != 5:
        return False
    change(planner, scale, 5)
    if not all_but_last_obey(lambda value: value * 5 + 1000):
        return False
    change(planner, offset, 2000)
    return all_but_last_obey(lambda value: value * 5 + 2000)


def deltablue(inner):
    return "true" if chain(inner) and projection(inner) else "false"


PROGRAMS = [Program("DeltaBlue", 1000, 20, deltablue, lambda inner: "true")]

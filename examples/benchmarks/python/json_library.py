"""Reads and writes JSON that describes an invented library, character by character, without the library's json module."""
from program import Program

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Reader:
    def __init__(self, text):
        self.text = text
        self.position = 0

    def peek(self):
        return self.text[self.position] if self.position < len(self.text) else None

    def next(self):
        character = self.peek()
        self.position += 1
        return character

    def read_all(self):
        value = self.read_value()
        self.skip_space()
        if self.position < len(self.text):
            self.fail("the end")
        return value

    def read_value(self):
        self.skip_space()
        character = self.peek()
        if character == "{":
            return self.read_object()
        if character == "[":
            return self.read_array()
        if character == '"':
            return self.read_string()
        if character == "t":
            return self.read_word("true", True)
        if character == "f":
            return self.read_word("false", False)
        if character == "n":
            return self.read_word("null", None)
        if character == "-" or is_digit(character):
            return self.read_number()
        return self.fail("a value")

    def read_object(self):
        result = {}
        self.position += 1
        if self.skip_to("}"):
            return result
        while True:
            self.skip_space()
            key = self.read_string()
            self.expect(":")
            result[key] = self.read_value()
            if not self.skip_to(","):
                break
        self.expect("}")
        return result

    def read_array(self):
        result = []
        self.position += 1
        if self.skip_to("]"):
            return result
        while True:
            result.append(self.read_value())
            if not self.skip_to(","):
                break
        self.expect("]")
        return result

    def read_string(self):
        self.expect('"')
        result = []
        while True:
            character = self.next()
            if character == '"':
                return "".join(result)
            if character is None:
                self.fail("a quote")
            result.append(self.read_escaped() if character == "\\" else character)

    def read_escaped(self):
        character = self.next()
        if character != "u":
            return ESCAPES.get(character, character)
        self.position += 4
        return chr(int(self.text[self.position - 4:self.position], 16))

    def read_number(self):
        negative = self.skip("-")
        value = self.read_digits()
        if self.skip("."):
            start = self.position
            scale = self.read_digits()
            value += scale / 10 ** (self.position - start)
        if self.skip("e") or self.skip("E"):
            is_small = self.skip("-")
            self.skip("+")
            factor = 10 ** self.read_digits()
            value = value / factor if is_small else value * factor
        return -value if negative else value

    def read_digits(self):
        value = 0
        while is_digit(self.peek()):
            value = value * 10 + int(self.next())
        return value

    def read_word(self, word, value):
        for each in word:
            if self.next() != each:
                self.fail(word)
        return value

    def skip_space(self):
        while self.peek() in (" ", "\t", "\n", "\r"):
            self.position += 1

    def skip(self, character):
        if self.peek() != character:
            return False
        self.position += 1
        return True

    def skip_to(self, character):
        self.skip_space()
        return self.skip(character)

    def expect(self, character):
        if not self.skip_to(character):
            self.fail(character)

    def fail(self, what):
        raise ValueError(f"JSON: expected {what} at position {self.position}")


def is_digit(character):
    return character is not None and "0" <= character <= "9"


class Writer:
    def __init__(self):
        self.parts = []

    def write(self, value):
        if value is None:
            self.parts.append("null")
        elif isinstance(value, str):
            self.write_string(value)
        elif isinstance(value, dict):
            self.write_object(value)
        elif isinstance(value, list):
            self.write_array(value)
        elif isinstance(value, bool):
            self.parts.append("true" if value else "false")
        else:
            self.parts.append(str(value))

    def write_object(self, value):
        first = True
        self.parts.append("{")
        for key, each in value.items():
            if not first:
                self.parts.append(",")
            first = False
            self.write_string(key)
            self.parts.append(":")
            self.write(each)
        self.parts.append("}")

    def write_array(self, value):
        self.parts.append("[")
        for index, each in enumerate(value):
            if index > 0:
                self.parts.append(",")
            self.write(each)
        self.parts.append("]")

    def write_string(self, value):
        self.parts.append('"')
        for each in value:
            if each in ('"', "\\"):
                self.parts.append("\\")
            self.parts.append("\\n" if each == "\n" else each)
        self.parts.append('"')


def write(value):
    writer = Writer()
    writer.write(value)
    return "".join(writer.parts)


def book(index):
    return {
        "title": f"Volume {index}",
        "pages": 37 * index + 100,
        "price": index + 0.5,
        "lent": index % 2 == 0,
        "tags": ["red", "line\n", index],
    }


def library(count):
    books = [book(index) for index in range(1, count + 1)]
    return {"name": 'The "Old" Library\\of', "open": True, "debts": None, "books": books}


def read_and_write(inner):
    text = write(library(60))
    value = None
    for _ in range(inner):
        value = Reader(text).read_all()
    return sum(each["pages"] for each in value["books"]) if write(value) == text else -1


PROGRAMS = [Program("Json", 20, 1, read_and_write, lambda inner: 37 * 30 * 61 + 6000)]

#!/usr/bin/env python3
"""Compiles the templates of one set (web/templates/<set>/*) into <set>_templates.gen.c and .gen.h.

    templates.py --source OUT.c --header OUT.h --words web/words/en/a.txt ... --templates a.html b.txt ...
                 [--static DIR --static-url /static] [--no-inline]

A template is a file whose first line names the C function and its structs:

    {{template wizard_numbers(struct view_wizard_numbers v)}}
    {{include "web/views.h"}}

It becomes `void wizard_numbers_write(struct buffer *out, enum language language, const struct view_wizard_numbers *v)`.

    {{v->name}}                             a value: struct text, const char * or a whole number; escaped
    {{url v->next}}                         a struct url; only where an attribute's value is an address, and first in it
    {{word request.keep carrier=v->name}}   a sentence of the catalogue; {{word v->word}} one that the code chose
    {{if c}} {{elif c}} {{else}} {{end}}    c is a C condition on fields, without calls and assignments
    {{for item in v->items}} {{end}}        over v->items[0 .. v->items_count); item points at one, item_index counts
    {{use partial(&v->part)}}               another template of the set
    {{icon check}} {{icon v->icon}}         a symbol of icons.svg in the folder of static files
    {{static portdesk.css}}                 the address of a static file, with the hash of its content
    {{# a comment}}

The compiler follows the HTML: a placeholder may stand in text and in quoted attributes; anywhere else is an error, and
so are elements that do not close, or branches of an {{if}} that end in different places. Templates whose name ends in
_begin may leave elements open for their _end. In a *.txt template nothing is escaped and no HTML is followed.
A misspelt field is an error of the C compiler, told with the template's own line.
"""
import argparse
import copy
import dataclasses
import hashlib
import pathlib
import re
import sys

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
FIELD = re.compile(rf"\*?{NAME}(?:(?:->|\.){NAME}|\[{NAME}\])*\Z")
REFERENCE = re.compile(rf"&?{NAME}(?:(?:->|\.){NAME}|\[{NAME}\])*\Z")
TEMPLATE = re.compile(rf"template ({NAME})\((.*)\)\Z")
PARAMETER = re.compile(rf"struct ({NAME}) ({NAME})\Z")
INCLUDE = re.compile(r'include "([A-Za-z0-9_./]+\.h)"\Z')
FOR = re.compile(rf"for ({NAME}) in (\S+)\Z")
USE = re.compile(rf"use ({NAME})\((.*)\)\Z")
KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+\Z")
HOLE = re.compile(r"\{([a-z_]+)\}")
CONDITION = re.compile(rf"\s*(?:({NAME})|(\d+)|(->|&&|\|\||==|!=|<=|>=|[!<>().+%\-\[\]]))")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
RAW = {"script", "style"}
ESCAPABLE = {"textarea", "title"}
ADDRESS = {"href", "src", "action", "formaction", "poster", "cite", "data", "ping", "manifest", "xlink:href"}
SPACE = " \t\r\n\f"


class TemplateError(Exception):
    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


@dataclasses.dataclass
class Piece:
    line: int
    text: str
    is_tag: bool  # {{...}}


@dataclasses.dataclass
class Template:
    path: str
    name: str
    parameters: list  # of (struct, name)
    includes: list
    pieces: list
    is_html: bool
    uses: list = dataclasses.field(default_factory=list)  # of (line, name, number of arguments)


def split(path, source, line):
    """The pieces of a source that begins at a line; a line that holds only statements vanishes with its line feed."""
    if LINE_MARK in source:
        raise TemplateError(path, 1, "the template contains U+E000")
    source = STATEMENT_LINE.sub(lambda match: match[1].rstrip() + LINE_MARK, source)
    pieces = []
    at = 0
    while at < len(source):
        start = source.find("{{", at)
        if start < 0:
            start = len(source)
        if start > at:
            pieces.append(Piece(line, source[at:start], False))
            line += count_lines(source[at:start])
        if start == len(source):
            break
        end = source.find("}}", start)
        if end < 0:
            raise TemplateError(path, line, "{{ is not closed by }}")
        pieces.append(Piece(line, source[start + 2:end], True))
        line += count_lines(source[start:end])
        at = end + 2
    return pieces


# A line that holds only statements vanishes; the mark in its place keeps the line numbers right.
STATEMENT_LINE = re.compile(r"^[ \t]*((?:\{\{(?:#|if |elif |else\}|end\}|for |use )[^}]*\}*\}[ \t]*)+)\n", re.M)
LINE_MARK = "\ue000"


def count_lines(text):
    return text.count("\n") + text.count(LINE_MARK)


def read(path):
    shown = str(path)
    source = pathlib.Path(path).read_text(encoding="utf-8")
    lines = source.split("\n")
    match = TEMPLATE.match(lines[0][2:-2]) if lines[0].startswith("{{") and lines[0].endswith("}}") else None
    if not match:
        raise TemplateError(shown, 1, "the first line is {{template name(struct type variable)}}")
    parameters = []
    for part in filter(None, (p.strip() for p in match[2].split(","))):
        parameter = PARAMETER.match(part)
        if not parameter:
            raise TemplateError(shown, 1, f"a parameter is `struct type variable`, not `{part}`")
        if parameter[2] in ("out", "language"):
            raise TemplateError(shown, 1, f"a parameter cannot be called {parameter[2]}")
        parameters.append((parameter[1], parameter[2]))
    includes = []
    skip = 1
    while skip < len(lines) and lines[skip].startswith("{{include"):
        include = INCLUDE.match(lines[skip].strip()[2:-2]) if lines[skip].strip().endswith("}}") else None
        if not include:
            raise TemplateError(shown, skip + 1, 'an include is {{include "folder/header.h"}}')
        includes.append(include[1])
        skip += 1
    pieces = split(shown, "\n".join(lines[skip:]), skip + 1)
    return Template(shown, match[1], parameters, includes, pieces, not shown.endswith(".txt"))


class Html:
    """Where in the HTML the template stands. Fed with the static text; asked at each placeholder."""

    def __init__(self, path, no_inline):
        self.path, self.no_inline = path, no_inline
        self.state = "text"
        self.stack = []      # open elements
        self.below = 0       # elements closed that were opened elsewhere (_end templates)
        self.tag = self.attribute = self.quote = ""
        self.value = ""      # what an attribute's value began with: "" nothing, "#", "static", "url", "mixed"
        self.closing = self.self_closing = False

    def error(self, line, message):
        return TemplateError(self.path, line, message)

    def feed(self, text, line):
        for c in text:
            if c == LINE_MARK:
                line += 1
                continue
            getattr(self, "in_" + self.state)(c, line)
            if c == "\n":
                line += 1

    def in_text(self, c, line):
        if c == "<":
            self.state, self.tag = "open", ""

    def in_open(self, c, line):
        if c == "!":
            self.state, self.tag = "declaration", ""
        elif c == "/":
            self.state, self.tag, self.closing = "tag_name", "", True
        elif c.isalpha():
            self.state, self.tag, self.closing = "tag_name", c.lower(), False
        else:
            raise self.error(line, "a < that begins no tag is written &lt;")

    def in_declaration(self, c, line):
        self.tag += c
        if self.tag == "--":
            self.state, self.tag = "comment", ""
        elif c == ">":
            self.state = "text"

    def in_comment(self, c, line):
        self.tag = (self.tag + c)[-3:]
        if self.tag == "-->":
            self.state = "text"

    def in_tag_name(self, c, line):
        if c.isalnum() or c in "-:":
            self.tag += c.lower()
        else:
            if not self.tag:
                raise self.error(line, "a tag without a name")
            self.self_closing = False
            self.state = "between"
            self.in_between(c, line)

    def in_between(self, c, line):
        """Inside a tag after white space."""
        if c in SPACE:
            self.state = "between"
        elif c == "/":
            self.self_closing = True
        elif c == ">":
            self.finish_tag(line)
        elif c in "\"'<=`":
            raise self.error(line, f"{c} does not belong inside a tag here")
        elif self.closing:
            raise self.error(line, "a closing tag has no attributes")
        else:
            self.state, self.attribute = "attribute", c.lower()

    def in_after(self, c, line):
        """Inside a tag where something has just ended: white space or the tag's end must follow."""
        if c not in SPACE and c not in "/>":
            raise self.error(line, "a space is missing between attributes")
        self.in_between(c, line)

    def in_attribute(self, c, line):
        if c == "=":
            self.check_attribute(line)
            self.state = "before_value"
        elif c in SPACE or c in "/>":
            self.in_between(c, line)
        elif c in "\"'<":
            raise self.error(line, f"{c} does not belong in an attribute's name")
        else:
            self.attribute += c.lower()

    def check_attribute(self, line):
        if self.no_inline and (self.attribute == "style" or self.attribute.startswith("on")):
            raise self.error(line, f"the content security policy forbids the attribute {self.attribute}")

    def in_before_value(self, c, line):
        if c in "\"'":
            self.state, self.quote, self.value = "value", c, ""
        elif c in SPACE or c == ">":
            raise self.error(line, f"the attribute {self.attribute} has no value")
        else:
            self.state = "unquoted"

    def in_unquoted(self, c, line):
        if c in SPACE or c == ">":
            self.in_between(c, line)
        elif c in "\"'<=`":
            raise self.error(line, "an attribute with such a value must be quoted")

    def in_value(self, c, line):
        if c == self.quote:
            self.state = "after"
        elif not self.value:
            self.value = "#" if c == "#" else "static"

    def in_raw(self, c, line):
        self.tail = (self.tail + c)[-(len(self.tag) + 3):]
        if self.tail.lower() == f"</{self.tag}>":
            self.state = "text"
            self.stack.pop()

    in_escapable = in_raw

    def finish_tag(self, line):
        self.state = "text"
        tag = self.tag
        if self.closing:
            if tag in VOID:
                raise self.error(line, f"<{tag}> has no end tag")
            if self.stack:
                if self.stack[-1] != tag:
                    raise self.error(line, f"</{tag}> closes <{self.stack[-1]}>")
                self.stack.pop()
            else:
                self.below += 1
            return
        if tag in VOID:
            return
        if self.self_closing:
            if "svg" not in self.stack and tag != "svg":
                raise self.error(line, f"<{tag}/> does not close itself in HTML")
            return
        self.stack.append(tag)
        if tag in RAW or tag in ESCAPABLE:
            if self.no_inline and tag == "style":
                raise self.error(line, "the content security policy forbids <style>")
            self.state, self.tail = ("raw" if tag in RAW else "escapable"), ""

    # -- placeholders

    def is_address(self):
        return self.attribute in ADDRESS or re.fullmatch(r"data-(?:[a-z-]+-)?url", self.attribute) is not None

    def value_placeholder(self, line, what):
        """A value or a sentence is about to be written."""
        if self.state in ("text", "escapable"):
            return
        self.only_in_value(line, what)
        if self.is_address() and self.value not in ("#",):
            raise self.error(line, f"the attribute {self.attribute} takes {{{{url …}}}}, not {what}")
        self.value = self.value or "static"

    def url_placeholder(self, line, what):
        self.only_in_value(line, what)
        if not self.is_address():
            raise self.error(line, f"{what} belongs into an attribute that is an address, not into {self.attribute}")
        if self.value:
            raise self.error(line, f"{what} must come first in the attribute {self.attribute}")
        self.value = "url"

    def only_in_value(self, line, what):
        if self.state != "value":
            raise self.error(line, f"{what} cannot stand {PLACES[self.state]}")
        if self.attribute in ("style", "srcdoc", "srcset", "http-equiv") or self.attribute.startswith("on"):
            raise self.error(line, f"{what} cannot stand in the attribute {self.attribute}")

    def element_placeholder(self, line, what):
        if self.state != "text":
            raise self.error(line, f"{what} cannot stand {PLACES[self.state]}")

    def statement(self, line):
        """A branch or loop begins or ends here."""
        if self.state in ("tag_name", "attribute"):
            if self.state == "tag_name" and not self.tag:
                raise self.error(line, "a statement cannot stand in a tag's name")
            if self.state == "tag_name":
                self.self_closing = False
            self.state = "after"
        elif self.state not in ("text", "value", "escapable", "between", "after"):
            raise self.error(line, f"a statement cannot stand {PLACES[self.state]}")

    def place(self):
        if self.state in ("between", "after"):
            return ("in the tag", self.tag, self.closing, self.self_closing, tuple(self.stack), self.below)
        if self.state == "value":
            return ("value", self.tag, self.attribute, self.quote, tuple(self.stack), self.below)
        return (self.state, tuple(self.stack), self.below)

    def fork(self):
        other = copy.copy(self)
        other.stack = list(self.stack)
        return other

    def join(self, other, line):
        if self.place() != other.place():
            raise self.error(line, "the branches end in different places of the HTML")
        if self.value != other.value:
            self.value = "mixed"
        if other.state == "after":
            self.state = "after"


PLACES = {
    "open": "in a tag's name", "tag_name": "in a tag's name", "between": "between attributes", "after": "between attributes",
    "attribute": "in an attribute's name", "before_value": "in an attribute without quotes",
    "unquoted": "in an attribute without quotes", "value": "in an attribute", "comment": "in a comment",
    "declaration": "in a declaration", "raw": "in a script or style", "escapable": "in a title or text area",
    "text": "in text",
}


def literal(text):
    out = []
    for byte in text.encode("utf-8"):
        c = chr(byte)
        if c in '"\\':
            out.append("\\" + c)
        elif c == "\n":
            out.append("\\n")
        elif c == "?" or byte < 0x20 or byte > 0x7E:
            out.append(f"\\{byte:03o}")
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


class Compiler:
    def __init__(self, template, catalogue, static, no_inline):
        self.template, self.catalogue, self.static = template, catalogue, static
        self.html = Html(template.path, no_inline) if template.is_html else None
        self.lines = []
        self.pending = ""     # static text not yet written
        self.depth = 1
        self.blocks = []      # open {{if}} and {{for}}
        self.names = {name for _, name in template.parameters}

    def error(self, line, message):
        return TemplateError(self.template.path, line, message)

    def emit(self, code):
        self.lines.append("    " * self.depth + code)

    def flush(self):
        if not self.pending:
            return
        text, self.pending = self.pending, ""
        parts = re.findall(r"[^\n]*\n|[^\n]+", text)
        size = len(text.encode("utf-8"))
        rows = [literal(part) for part in parts]
        if len(rows) == 1:
            self.emit(f"buffer_add(out, {rows[0]}, {size});")
            return
        self.emit("buffer_add(out,")
        for row in rows[:-1]:
            self.emit("    " + row)
        self.emit(f"    {rows[-1]}, {size});")

    def code(self, line, code):
        """A statement that names fields: told to the C compiler with the template's own line."""
        self.flush()
        self.lines.append(f"#line {line} {literal(self.template.path)}")
        self.emit(code)

    def compile(self):
        template = self.template
        for piece in template.pieces:
            if piece.is_tag:
                self.tag(piece.line, piece.text.strip())
            else:
                self.text(piece.line, piece.text)
        if self.blocks:
            raise self.error(self.blocks[-1]["line"], f"{{{{{self.blocks[-1]['kind']}}}}} has no {{{{end}}}}")
        self.flush()
        last = template.pieces[-1].line if template.pieces else 1
        if self.html:
            self.check_end(last)
        return self.lines

    def check_end(self, line):
        html, name = self.html, self.template.name
        if html.state != "text":
            raise self.error(line, "the template ends inside a tag")
        if html.stack and not name.endswith("_begin"):
            raise self.error(line, f"<{html.stack[-1]}> is not closed")
        if html.below and not name.endswith("_end"):
            raise self.error(line, "more elements are closed than opened")

    def text(self, line, text):
        shown = text.replace(LINE_MARK, "")
        if not self.html:
            self.pending += shown
            return
        # White space at line ends is for the reader of the template; it is kept where it is content.
        keep = {"pre", "textarea", "script", "style"} & set(self.html.stack)
        self.html.feed(text, line)
        keep = keep or "<pre" in text or "<textarea" in text
        self.pending += shown if keep else re.sub(r"\s*\n\s*", "\n", shown)

    def tag(self, line, tag):
        if tag.startswith("#"):
            return
        word = tag.split(None, 1)[0] if tag else ""
        handler = {"url": self.url, "word": self.word, "if": self.begin_if, "elif": self.elif_, "else": self.else_,
                   "end": self.end, "for": self.begin_for, "use": self.use, "icon": self.icon,
                   "static": self.static_file}.get(word)
        if handler:
            handler(line, tag)
        elif word in ("template", "include"):
            raise self.error(line, f"{{{{{word}}}}} stands at the top of the file")
        else:
            self.value(line, tag)

    def field(self, line, expression, pattern=FIELD):
        if not pattern.match(expression):
            raise self.error(line, f"`{expression}` is not a field")
        root = re.match(rf"[*&]?({NAME})", expression)[1]
        if root not in self.names:
            raise self.error(line, f"`{root}` is neither a parameter nor a loop's variable")
        return expression

    def value(self, line, tag):
        expression = self.field(line, tag)
        if self.html:
            self.html.value_placeholder(line, f"{{{{{tag}}}}}")
        self.code(line, f"TEMPLATE_{'HTML' if self.html else 'PLAIN'}(out, {expression});")

    def url(self, line, tag):
        expression = self.field(line, tag[3:].strip())
        if self.html:
            self.html.url_placeholder(line, f"{{{{{tag}}}}}")
            self.code(line, f"html_url(out, {expression});")
        else:
            self.code(line, f"buffer_text(out, ({expression}).text);")

    def word(self, line, tag):
        parts = tag.split()
        if len(parts) < 2:
            raise self.error(line, "a sentence is {{word module.key name=field}}")
        arguments = {}
        for part in parts[2:]:
            name, separator, expression = part.partition("=")
            if not separator or name in arguments:
                raise self.error(line, f"`{part}` is not name=field, or stands twice")
            arguments[name] = self.field(line, expression)
        if KEY.match(parts[1]):
            wanted = self.catalogue.get(parts[1])
            if wanted is None:
                raise self.error(line, f"the catalogue has no sentence {parts[1]}")
            if wanted != set(arguments):
                missing, extra = sorted(wanted - set(arguments)), sorted(set(arguments) - wanted)
                told = [f"needs {', '.join(missing)}"] if missing else []
                told += [f"does not know {', '.join(extra)}"] if extra else []
                raise self.error(line, f"{parts[1]} {' and '.join(told)}")
            word = "WORD_" + parts[1].replace(".", "_")
        else:
            if arguments:
                raise self.error(line, "a sentence that the code chose takes no arguments")
            word = self.field(line, parts[1])
        if self.html:
            self.html.value_placeholder(line, f"{{{{word {parts[1]}}}}}")
        listed = ", ".join(f'TEMPLATE_ARG("{name}", {value})' for name, value in arguments.items())
        args = f"WORD_ARGS({listed})" if arguments else "WORD_NO_ARGS"
        self.code(line, f"{'html_word' if self.html else 'words_write'}(out, language, {word}, {args});")

    def condition(self, line, text):
        at, previous = 0, ""
        text = text.strip()
        if not text:
            raise self.error(line, "a condition is missing")
        while at < len(text):
            match = CONDITION.match(text, at)
            if not match:
                raise self.error(line, f"`{text[at:].strip()}` does not belong in a condition")
            name, operator = match[1], match[3]
            if operator == "(" and re.fullmatch(NAME, previous):
                raise self.error(line, "a condition calls no functions")
            if name and previous not in ("->", ".") and name not in self.names and not name.isupper() \
                    and name not in ("true", "false", "NULL"):
                raise self.error(line, f"`{name}` is neither a parameter, a loop's variable nor a constant")
            previous = match[0].strip()
            at = match.end()
        return text

    def open_block(self, line, kind, **more):
        if self.html:
            self.html.statement(line)
        self.blocks.append({"kind": kind, "line": line, "start": self.html.fork() if self.html else None, "ends": [],
                            "else": False, **more})

    def begin_if(self, line, tag):
        condition = self.condition(line, tag[2:])
        self.open_block(line, "if")
        self.code(line, f"if ({condition}) {{")
        self.depth += 1

    def next_branch(self, line, word):
        block = self.blocks[-1] if self.blocks else None
        if not block or block["kind"] != "if" or block["else"]:
            raise self.error(line, f"{{{{{word}}}}} has no {{{{if}}}}")
        self.flush()
        if self.html:
            self.html.statement(line)
            block["ends"].append(self.html)
            self.html = block["start"].fork()
        self.depth -= 1
        return block

    def elif_(self, line, tag):
        condition = self.condition(line, tag[4:])
        self.next_branch(line, "elif")
        self.lines.append(f"#line {line} {literal(self.template.path)}")
        self.emit(f"}} else if ({condition}) {{")
        self.depth += 1

    def else_(self, line, tag):
        if tag != "else":
            raise self.error(line, "{{else}} stands alone; {{elif condition}} has a condition")
        self.next_branch(line, "else")["else"] = True
        self.emit("} else {")
        self.depth += 1

    def begin_for(self, line, tag):
        match = FOR.match(tag)
        if not match:
            raise self.error(line, "a loop is {{for item in v->items}}")
        item, items = match[1], self.field(line, match[2])
        if items.startswith("*"):
            raise self.error(line, "a loop runs over a field")
        index = item + "_index"
        if item in self.names or index in self.names or item in ("out", "language"):
            raise self.error(line, f"`{item}` is already the name of something else here")
        self.open_block(line, "for", names={item, index})
        self.names |= {item, index}
        self.code(line, f"for (size_t {index} = 0; {index} < {items}_count; {index}++) {{")
        self.depth += 1
        self.lines.append(f"#line {line} {literal(self.template.path)}")
        self.emit(f"const __typeof__(*{items}) *{item} = &{items}[{index}];")
        self.emit(f"(void){item};")

    def end(self, line, tag):
        if tag != "end":
            raise self.error(line, "{{end}} stands alone")
        if not self.blocks:
            raise self.error(line, "{{end}} has no beginning")
        block = self.blocks.pop()
        self.flush()
        self.depth -= 1
        self.emit("}")
        self.names -= block.get("names", set())
        if self.html:
            self.html.statement(line)
            if not block["else"]:
                block["ends"].append(block["start"])
            for other in block["ends"]:
                self.html.join(other, line)

    def use(self, line, tag):
        match = USE.match(tag)
        if not match:
            raise self.error(line, "a partial is {{use name(&v->part)}}")
        arguments = [self.field(line, part.strip(), REFERENCE) for part in match[2].split(",") if part.strip()]
        if self.html:
            self.html.element_placeholder(line, "a partial")
        self.template.uses.append((line, match[1], len(arguments)))
        self.code(line, f"{match[1]}_write({', '.join(['out', 'language'] + arguments)});")

    def static_url(self, line, name):
        if not self.static:
            raise self.error(line, "this set has no static files")
        address = self.static.get(name)
        if address is None:
            raise self.error(line, f"there is no static file {name}")
        return address

    def static_file(self, line, tag):
        if self.html:
            self.html.url_placeholder(line, f"{{{{{tag}}}}}")
        self.pending += self.static_url(line, tag[6:].strip())

    def icon(self, line, tag):
        name = tag[4:].strip()
        if not self.html:
            raise self.error(line, "a text has no icons")
        self.html.element_placeholder(line, "an icon")
        self.pending += f'<svg class="icon" aria-hidden="true"><use href="{self.static_url(line, "icons.svg")}#'
        if "->" in name:
            self.code(line, f"TEMPLATE_HTML(out, {self.field(line, name)});")
        elif name in self.static["icons"]:
            self.pending += name
        else:
            raise self.error(line, f"icons.svg has no symbol {name}")
        self.pending += '"></use></svg>'


def prototype(template):
    parameters = "".join(f", const struct {struct} *{name}" for struct, name in template.parameters)
    return f"void {template.name}_write(struct buffer *out, enum language language{parameters})"


def read_catalogue(paths):
    """Key to the set of its placeholders; tools/words.py says what is wrong with a catalogue."""
    catalogue = {}
    for path in map(pathlib.Path, paths):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            key, _, text = line.partition("=")
            name = f"{path.stem}.{key.strip().removesuffix('#one')}"
            catalogue.setdefault(name, set()).update(HOLE.findall(text))
    return catalogue


def static_address(url, path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{url}/{digest}/{path.name}"


def read_static(folder, url):
    if not folder:
        return {}
    files = {path.name: static_address(url, path) for path in sorted(pathlib.Path(folder).iterdir()) if path.is_file()}
    sprite = pathlib.Path(folder) / "icons.svg"
    files["icons"] = set(re.findall(r'<symbol[^>]*\bid="([^"]+)"', sprite.read_text())) if sprite.exists() else set()
    return files


def compile_set(paths, catalogue, static, no_inline=False):
    templates = [read(path) for path in paths]
    known = {}
    for template in templates:
        if template.name in known:
            raise TemplateError(template.path, 1, f"{template.name} stands in {known[template.name].path} too")
        known[template.name] = template
    bodies = [(template, Compiler(template, catalogue, static, no_inline).compile()) for template in templates]
    for template in templates:
        for line, name, count in template.uses:
            if name not in known:
                raise TemplateError(template.path, line, f"there is no template {name} in this set")
            if len(known[name].parameters) != count:
                raise TemplateError(template.path, line, f"{name} takes {len(known[name].parameters)} arguments")
    return bodies


def write(bodies, source, header):
    guard = re.sub(r"\W", "_", pathlib.Path(header).name).upper()
    includes = sorted({include for template, _ in bodies for include in template.includes})
    lines = ["/* Made by tools/templates.py. */", f"#ifndef {guard}", f"#define {guard}", "", '#include "base/html.h"']
    lines += [f'#include "{include}"' for include in includes] + [""]
    lines += [prototype(template) + ";" for template, _ in bodies] + ["", "#endif", ""]
    pathlib.Path(header).write_text("\n".join(lines), encoding="utf-8")
    own = pathlib.Path(source).name
    lines = ["/* Made by tools/templates.py. */", f'#include "{pathlib.Path(header).name}"', '#include "base/template.h"', ""]
    for template, body in bodies:
        lines += [prototype(template), "{"] + [f"    (void){name};" for _, name in template.parameters]
        lines += ["    (void)out;", "    (void)language;"] + body + ["}"]
        lines += [f'#line {len(lines) + 2} {literal(own)}', ""]
    pathlib.Path(source).write_text("\n".join(lines), encoding="utf-8")


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--words", nargs="*", default=[])
    parser.add_argument("--templates", nargs="*", default=[])
    parser.add_argument("--static")
    parser.add_argument("--static-url", default="/static")
    parser.add_argument("--no-inline", action="store_true")
    options = parser.parse_args(argv)
    # Only the English catalogue says which placeholders a sentence has; others are checked against it by tools/words.py.
    english = [path for path in options.words if pathlib.Path(path).parent.name == "en"]
    try:
        bodies = compile_set(options.templates, read_catalogue(english),
                             read_static(options.static, options.static_url), options.no_inline)
    except TemplateError as error:
        sys.exit(str(error))
    write(bodies, options.source, options.header)


if __name__ == "__main__":
    main()

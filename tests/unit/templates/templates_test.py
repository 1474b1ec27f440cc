"""The template compiler: what it refuses, with file and line, and what it makes of what it takes."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
import templates  # noqa: E402

CATALOGUE = {"t.plain": set(), "t.hello": {"name"}, "t.many": {"count", "name"}}
STATIC = {"a.css": "/static/0123456789ab/a.css", "icons.svg": "/static/ba9876543210/icons.svg", "icons": {"check"}}
FIRST = "{{template page(struct view v)}}\n"

# What is refused: (what it shows, template after its first line, line, part of the message)
REFUSED = [
    ("value in a tag's name", "<{{v->a}}>", 2, "begins no tag|tag's name"),
    ("value between attributes", "<p {{v->a}}></p>", 2, "between attributes"),
    ("value in an attribute's name", "<p data-{{v->a}}='x'></p>", 2, "attribute's name"),
    ("value without quotes", "\n<p class={{v->a}}></p>", 3, "without quotes"),
    ("value in a script", "<script>\nlet x = '{{v->a}}'</script>", 3, "script or style"),
    ("value in a style", "<style>p { color: {{v->a}} }</style>", 2, "script or style"),
    ("value in a comment", "<!-- {{v->a}} -->", 2, "in a comment"),
    ("value in a declaration", "<!doctype {{v->a}}>", 2, "in a declaration"),
    ("value in a style attribute", '<p style="{{v->a}}"></p>', 2, "attribute style"),
    ("value in an event attribute", '<p onclick="{{v->a}}"></p>', 2, "attribute onclick"),
    ("value in srcdoc", '<iframe srcdoc="{{v->a}}"></iframe>', 2, "attribute srcdoc"),
    ("value in href", '<a href="{{v->a}}">x</a>', 2, "takes {{url"),
    ("value in href after text", '<a href="/x/{{v->a}}">x</a>', 2, "takes {{url"),
    ("value in src", '<img src="{{v->a}}">', 2, "takes {{url"),
    ("value in action", '<form action="{{v->a}}"></form>', 2, "takes {{url"),
    ("value in formaction", '<button formaction="{{v->a}}"></button>', 2, "takes {{url"),
    ("word in href", '<a href="{{word t.plain}}">x</a>', 2, "takes {{url"),
    ("url in text", "<p>{{url v->a}}</p>", 2, "cannot stand in text"),
    ("url in class", '<p class="{{url v->a}}"></p>', 2, "not into class"),
    ("url after text", '<a href="javascript:{{url v->a}}">x</a>', 2, "must come first"),
    ("url twice", '<a href="{{url v->a}}{{url v->b}}">x</a>', 2, "must come first"),
    ("upper case does not hide it", '<A HREF="{{v->a}}">x</A>', 2, "takes {{url"),
    ("unclosed braces", "<p>{{v->a</p>", 2, "not closed"),
    ("no field", "{{v->a + 1}}", 2, "not a field"),
    ("call", "{{f(v)}}", 2, "not a field"),
    ("unknown variable", "{{w->a}}", 2, "neither a parameter"),
    ("unknown sentence", "{{word t.nothing}}", 2, "no sentence t.nothing"),
    ("missing argument", "{{word t.hello}}", 2, "needs name"),
    ("extra argument", "{{word t.plain name=v->a}}", 2, "does not know name"),
    ("missing and extra", "{{word t.many name=v->a nam=v->a}}", 2, "needs count and does not know nam"),
    ("argument twice", "{{word t.hello name=v->a name=v->b}}", 2, "stands twice"),
    ("argument is no field", "{{word t.hello name=f(v)}}", 2, "not a field"),
    ("chosen sentence with arguments", "{{word v->word name=v->a}}", 2, "no arguments"),
    ("if without end", "<p></p>\n{{if v->a}}\nx", 3, "has no {{end}}"),
    ("end without if", "{{end}}", 2, "no beginning"),
    ("else without if", "{{else}}", 2, "no {{if}}"),
    ("else in a loop", "{{for i in v->items}}{{else}}{{end}}", 2, "no {{if}}"),
    ("two elses", "{{if v->a}}{{else}}{{else}}{{end}}", 2, "no {{if}}"),
    ("elif after else", "{{if v->a}}{{else}}{{elif v->b}}{{end}}", 2, "no {{if}}"),
    ("condition with a call", "{{if f(v)}}{{end}}", 2, "calls no functions|neither"),
    ("condition with a field's call", "{{if v->f(1)}}{{end}}", 2, "calls no functions"),
    ("condition with an assignment", "{{if v->a = 1}}{{end}}", 2, "does not belong"),
    ("condition with a statement", "{{if v->a; x}}{{end}}", 2, "does not belong"),
    ("condition on an unknown", "{{if w->a}}{{end}}", 2, "neither a parameter"),
    ("condition missing", "{{if }}{{end}}", 2, "missing|not a field"),
    ("branch opens an element", "{{if v->a}}<p>{{end}}</p>", 2, "different places"),
    ("branches differ", '{{if v->a}}<p class="a{{else}}<p id="b{{end}}"></p>', 2, "different places"),
    ("branch ends in a quote", '<p {{if v->a}}class="{{end}}"></p>', 2, "different places"),
    ("statement in a tag's name", "<{{if v->a}}p{{end}}></p>", 2, "tag's name|begins no tag"),
    ("statement cuts an attribute", '<p a{{if v->a}}b{{end}}="x"></p>', 2, "space is missing"),
    ("statement in a script", "<script>{{if v->a}}{{end}}</script>", 2, "script or style"),
    ("loop opens an element", "{{for i in v->items}}<li>{{end}}", 2, "different places"),
    ("loop over a call", "{{for i in f(v)}}{{end}}", 2, "not a field"),
    ("loop hides a variable", "{{for v in v->items}}{{end}}", 2, "already the name"),
    ("loop in a loop of the same name", "{{for i in v->a}}{{for i in v->b}}{{end}}{{end}}", 2, "already the name"),
    ("loop's variable after the loop", "{{for i in v->items}}{{end}}{{i->a}}", 2, "neither a parameter"),
    ("wrong nesting", "<p><b></p></b>", 2, "closes <b>"),
    ("unclosed element", "<div>\n<p></p>\n", 2, "<div> is not closed"),
    ("closed too often", "</div>", 2, "more elements are closed"),
    ("void end tag", "<br></br>", 2, "no end tag"),
    ("self-closing div", "<div/>", 2, "does not close itself"),
    ("bare <", "a < b", 2, "&lt;"),
    ("no space between attributes", '<p class="a"id="b"></p>', 2, "space is missing"),
    ("ends inside a tag", "<p", 2, "inside a tag"),
    ("unknown partial", "\n\n{{use other(v)}}", 4, "no template other"),
    ("partial with wrong arguments", "{{use page()}}", 2, "takes 1"),
    ("partial in an attribute", '<p class="{{use page(v)}}"></p>', 2, "in an attribute"),
    ("unknown icon", "{{icon nothing}}", 2, "no symbol nothing"),
    ("icon in an attribute", '<p title="{{icon check}}"></p>', 2, "in an attribute"),
    ("unknown static file", '<link href="{{static b.css}}">', 2, "no static file b.css"),
    ("static file in text", "{{static a.css}}", 2, "in text"),
    ("template below the top", "{{template x()}}", 2, "at the top"),
    ("broken include", '{{include "x"}}', 2, "an include is"),
]

# What is taken: (what it shows, template, what the code contains)
TAKEN = [
    ("value in text", "<p>{{v->a}}</p>", ["TEMPLATE_HTML(out, v->a);", '#line 2 "page.html"']),
    ("value in an attribute", '<p class="a {{v->a}}"></p>', ["TEMPLATE_HTML(out, v->a);"]),
    ("value in single quotes", "<p class='{{v->a}}'></p>", ["TEMPLATE_HTML(out, v->a);"]),
    ("value after a >", '<p title=">"></p>{{v->a}}', ["TEMPLATE_HTML(out, v->a);"]),
    ("value in a title", "<title>{{v->a}}</title>", ["TEMPLATE_HTML(out, v->a);"]),
    ("value in a text area", "<textarea>{{v->a}}</textarea>", ["TEMPLATE_HTML(out, v->a);"]),
    ("url", '<a href="{{url v->a}}#x">x</a>', ["html_url(out, v->a);"]),
    ("url in one of two branches", '<a href="{{if v->x}}{{url v->a}}{{else}}{{url v->b}}{{end}}">x</a>', ["html_url(out, v->b);"]),
    ("url in a data attribute", '<p data-upload-url="{{url v->a}}"></p>', ["html_url(out, v->a);"]),
    ("link inside the page", '<a href="#{{v->a}}">x</a>', ["TEMPLATE_HTML(out, v->a);"]),
    ("sentence", "{{word t.plain}}", ["html_word(out, language, WORD_t_plain, WORD_NO_ARGS);"]),
    ("sentence with arguments", "{{word t.many name=v->a count=v->n}}",
     ['html_word(out, language, WORD_t_many, WORD_ARGS(TEMPLATE_ARG("name", v->a), TEMPLATE_ARG("count", v->n)));']),
    ("chosen sentence", "{{word v->word}}", ["html_word(out, language, v->word, WORD_NO_ARGS);"]),
    ("branches", "{{if v->a && !v->b}}x{{elif v->n == ENUM_VALUE}}y{{else}}z{{end}}",
     ["if (v->a && !v->b) {", "} else if (v->n == ENUM_VALUE) {", "} else {", 'buffer_add(out, "z", 1);']),
    ("loop", "<ul>{{for i in v->items}}<li>{{i->a}} {{i_index}}</li>{{end}}</ul>",
     ["for (size_t i_index = 0; i_index < v->items_count; i_index++) {", "const __typeof__(*v->items) *i = &v->items[i_index];",
      "TEMPLATE_HTML(out, i->a);", "TEMPLATE_HTML(out, i_index);"]),
    ("loop in a loop", "{{for i in v->items}}{{for j in i->items}}{{*j}}{{end}}{{end}}", ["j_index < i->items_count", "out, *j);"]),
    ("optional attribute", "<input name=\"a\"{{if v->a}} checked{{end}}>", ['buffer_add(out, " checked", 8);']),
    ("optional attribute with space", "<input {{if v->a}}checked {{end}}name=\"a\">", ['buffer_add(out, "checked ", 8);']),
    ("partial", "{{use page(&v->part)}}", ["page_write(out, language, &v->part);"]),
    ("icon", "{{icon check}}", ["/static/ba9876543210/icons.svg#check"]),
    ("chosen icon", "{{icon v->icon}}", ["TEMPLATE_HTML(out, v->icon);"]),
    ("static file", '<link href="{{static a.css}}">', ["/static/0123456789ab/a.css"]),
    ("comment leaves nothing", "a{{# not seen }}b", ['"ab", 2']),
    ("statement lines vanish", "<p>\n{{if v->a}}\n  x\n{{end}}\n</p>\n", ['"<p>\\n", 4', '"  x\\n", 4', '"</p>\\n", 5']),
    ("quotes and other letters", "\"\\ é?</p>".replace("</p>", ""), ['"\\"\\\\ \\303\\251\\077", 6']),
    ("svg closes itself", '<svg><path d="M0 0"/></svg>', ["<path"]),
    ("script from our files", '<script type="module" src="{{static a.css}}"></script>', ["</script>"]),
]


def compile_text(source, name="page.html", no_inline=False):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_text(source, encoding="utf-8")
        try:
            bodies = templates.compile_set([path], CATALOGUE, STATIC, no_inline)
        except templates.TemplateError as error:
            raise templates.TemplateError(name, *_told(error)) from None
        return "\n".join(bodies[0][1]).replace(str(path), name)


def _told(error):
    _, line, message = str(error).split(":", 2)
    return int(line), message.strip()


class Refused(unittest.TestCase):
    def test_each_case(self):
        for shows, source, line, message in REFUSED:
            with self.subTest(shows):
                with self.assertRaisesRegex(templates.TemplateError, message) as caught:
                    compile_text(FIRST + source)
                self.assertTrue(str(caught.exception).startswith(f"page.html:{line}: "), str(caught.exception))

    def test_first_line(self):
        for first in ("", "<p></p>", "{{template page}}", "{{template page(view v)}}", "{{template page(struct view out)}}"):
            with self.subTest(first), self.assertRaisesRegex(templates.TemplateError, "page.html:1: "):
                compile_text(first + "\n")

    def test_inline_style_and_script_where_forbidden(self):
        for source in ('<p style="color: red"></p>', '<p onclick="x()"></p>', "<style>p {}</style>"):
            with self.subTest(source), self.assertRaisesRegex(templates.TemplateError, "security policy"):
                compile_text(FIRST + source, no_inline=True)
            compile_text(FIRST + source)

    def test_the_same_name_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder) / name for name in ("a.html", "b.html")]
            for path in paths:
                path.write_text(FIRST)
            with self.assertRaisesRegex(templates.TemplateError, "page stands in .*a.html too"):
                templates.compile_set(paths, CATALOGUE, STATIC)


class Taken(unittest.TestCase):
    def test_each_case(self):
        for shows, source, wanted in TAKEN:
            with self.subTest(shows):
                code = compile_text(FIRST + source)
                for part in wanted:
                    self.assertIn(part, code)

    def test_line_numbers_after_vanished_lines(self):
        code = compile_text(FIRST + "{{if v->a}}\n\n{{end}}\n{{# a\ncomment }}\n<p>{{v->b}}</p>\n")
        self.assertIn('#line 7 "page.html"\n    TEMPLATE_HTML(out, v->b);', code)

    def test_shells_open_and_close(self):
        with tempfile.TemporaryDirectory() as folder:
            sources = {"b.html": "{{template shell_begin()}}\n<div><main>", "e.html": "{{template shell_end()}}\n</main></div>"}
            for name, source in sources.items():
                (pathlib.Path(folder) / name).write_text(source)
            templates.compile_set([pathlib.Path(folder) / name for name in sources], CATALOGUE, STATIC)

    def test_plain_text_is_not_escaped(self):
        code = compile_text(FIRST + "Hello {{v->a}} <{{url v->b}}>\n{{word t.plain}}\n", name="mail.txt")
        self.assertIn("TEMPLATE_PLAIN(out, v->a);", code)
        self.assertIn("buffer_text(out, (v->b).text);", code)
        self.assertIn("words_write(out, language, WORD_t_plain, WORD_NO_ARGS);", code)


VIEWS = """
#include "base/html.h"
struct part { struct text label; };
struct view { struct text a; const char *s; int n; int64_t big; uint32_t u; size_t z; struct url next; enum word word;
    const struct part *items; size_t items_count; struct part part; };
"""
WHOLE = """{{template page(struct view v)}}
{{include "views.h"}}
<p class="{{v->s}}" title="{{word t.hello name=v->a}}">{{v->a}} {{v->n}} {{v->big}} {{v->u}} {{v->z}}</p>
<a href="{{url v->next}}">{{word v->word}}</a>
{{for item in v->items}}
{{if item_index > 0}}, {{end}}{{use label(item)}}
{{end}}
{{use label(&v->part)}}
"""
LABEL = "{{template label(struct part p)}}\n{{p->label}}"
MAIN = """
#include "t_templates.gen.h"
#include <stdio.h>
int main(void) {
    struct part parts[] = {{TEXT("one")}, {TEXT("<two>")}};
    struct view v = {TEXT("a&b"), "c\\"d", -1, 1, 2, 3, {TEXT("/x?a=1&b=2")}, WORD_t_plain, parts, 2, {TEXT("end")}};
    struct buffer out = BUFFER(4096);
    page_write(&out, LANGUAGE_EN, &v);
    fwrite(out.at, 1, out.len, stdout);
    buffer_free(&out);
}
"""
PRINTED = """<p class="c&quot;d" title="Hello a&amp;b.">a&amp;b -1 1 2 3</p>
<a href="/x?a=1&amp;b=2">Plain</a>
one
, &lt;two&gt;
end"""


class Compiled(unittest.TestCase):
    """The generated C is compiled and run."""

    def build(self, folder, whole):
        (folder / "en").mkdir()
        (folder / "en" / "t.txt").write_text("plain = Plain\nhello = Hello {name}.\n")
        (folder / "views.h").write_text(VIEWS)
        (folder / "page.html").write_text(whole)
        (folder / "label.html").write_text(LABEL)
        (folder / "main.c").write_text(MAIN)
        words = [sys.executable, ROOT / "tools/words.py", folder / "words.gen.h", folder / "words.gen.c", folder / "en/t.txt"]
        subprocess.run(words, check=True)
        make = [sys.executable, ROOT / "tools/templates.py", "--source", folder / "t_templates.gen.c", "--header",
                folder / "t_templates.gen.h", "--words", folder / "en/t.txt", "--templates", folder / "page.html",
                folder / "label.html"]
        subprocess.run(make, check=True)
        base = [ROOT / "src/base" / name for name in ("html.c", "buffer.c", "text.c", "arena.c", "words.c")]
        return subprocess.run([shutil.which("cc"), "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Werror",
                               "-I", folder, "-I", ROOT / "src", folder / "main.c", folder / "t_templates.gen.c",
                               folder / "words.gen.c", *base, "-lsodium", "-o", folder / "program"],
                              capture_output=True, text=True)

    def test_what_it_prints(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            built = self.build(folder, WHOLE)
            self.assertEqual(built.returncode, 0, built.stderr)
            printed = subprocess.run([folder / "program"], check=True, capture_output=True, text=True).stdout
            self.assertEqual([line.strip() for line in printed.strip().split("\n")], PRINTED.split("\n"))

    def test_a_misspelt_field_is_told_with_the_templates_line(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            built = self.build(folder, WHOLE.replace("{{v->big}}", "\n{{v->bigg}}"))
            self.assertNotEqual(built.returncode, 0)
            self.assertIn("page.html:4", built.stderr)

    def test_a_url_is_no_text(self):
        with tempfile.TemporaryDirectory() as name:
            built = self.build(pathlib.Path(name), WHOLE.replace("{{v->big}}", "{{v->next}}"))
            self.assertIn("page.html:3", built.stderr)


if __name__ == "__main__":
    unittest.main()

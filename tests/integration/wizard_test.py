"""The wizard's promises that need more than one browser, or more numbers than a person types: saving by itself, two windows,
two submits at once, long lists, whose draft it is."""
import json
import threading

import journey
from frame import DeskCase


def local(numbers):
    return "\n".join(numbers)


class WizardTest(DeskCase):
    def autosave(self, person, address, **fields):
        """What the page's script sends; the answer."""
        token = person.get(address).form("wizard").value("csrf")
        page = person.post(address, {"csrf": token, "autosave": "1", **fields}, {"Accept": "application/json"})
        return page.status, json.loads(page.body)

    def test_half_a_field_is_saved_without_blame(self):
        person = self.desk.sign_in()
        draft = journey.start(person).path.removesuffix("/steps/1")
        status, answer = self.autosave(person, draft + "/steps/5", owner_name="Dan", owner_email="dana@")
        self.assertEqual(status, 200)
        self.assertRegex(answer["saved_at"], r"^\d{1,2}:\d\d [AP]M P[SD]T$")
        self.assertIn("owner_email", [each["field"] for each in answer["findings"]])
        page = self.desk.sign_in().get(draft + "/steps/5")
        self.assertEqual(page.form("wizard").value("owner_email"), "dana@")
        self.assertNotIn("Error:", page.text)

    def test_autosave_tells_of_each_number(self):
        person = self.desk.sign_in()
        address = journey.start(person).path
        status, answer = self.autosave(person, address, carrier="Verizon", numbers="415 221 0001\n<b>415")
        self.assertEqual(status, 200)
        self.assertIn("(415) 221-0001", answer["html"])
        self.assertIn("&lt;b&gt;415", answer["html"])
        self.assertNotIn("<b>415", answer["html"])

    def test_a_pin_is_never_given_back(self):
        person = self.desk.sign_in()
        page = journey.review(person, [journey.number()], pin="739164")
        draft = page.path.removesuffix("/steps/7")
        for step in range(1, 8):
            self.assertNotIn(b"739164", person.get(f"{draft}/steps/{step}").body)
        self.assertIn("The PIN is saved", page.text)

    def test_a_thousand_numbers_and_one_more(self):
        person = self.desk.sign_in()
        address = journey.start(person).path
        numbers = [f"+1415{300 + i // 9000:03}{i:04}" for i in range(1000, 2000)]
        page = person.get(address).form("wizard").submit("check", carrier="Verizon", numbers=local(numbers))
        self.assertEqual(page.status, 200)
        self.assertIn("1000 numbers found", page.text)
        self.assertIn("900 more that can move", page.text)
        page = page.form("wizard").submit("next", numbers=local([*numbers, "+14153009999"]))
        self.assertEqual(page.status, 422)
        self.assertIn("more than 1,000 numbers", page.text)
        self.assertIn("415300999", page.form("wizard").value("numbers"))  # as typed, though not saved
        page = person.get(address)
        self.assertEqual(page.status, 200)
        self.assertEqual(page.form("wizard").value("numbers").split(), numbers)
        page = person.get(address.replace("/steps/1", "/steps/7"))
        self.assertIn("and 997 more", page.text)

    def test_a_draft_belongs_to_its_account_and_the_porting_team(self):
        person = self.desk.sign_in()
        draft = journey.start(person).path.removesuffix("/steps/1")
        person.get(draft + "/steps/5").form("wizard").submit("close", owner_name="Dana Whitfield")
        others = self.desk.sign_in("tom")
        token = others.get("/requests").form("csrf").value("csrf")
        for step in range(1, 8):
            self.assertEqual(others.get(f"{draft}/steps/{step}").status, 404)
        for path in ("/steps/5", "/submit", "/discard"):
            self.assertEqual(others.post(draft + path, {"csrf": token, "owner_name": "Tom"}).status, 404, path)
        self.assertEqual(self.desk.sign_in("elena").get(draft + "/steps/5").status, 404)  # an agent reaches their own
        self.assertEqual(self.desk.sign_in("admin").get(draft + "/steps/5").form("wizard").value("owner_name"), "Dana Whitfield")
        self.assertEqual(self.desk.sign_in("porting_team").get(draft + "/steps/5").status, 200)

    def test_two_submits_of_one_page_are_one_request(self):
        person = self.desk.sign_in()
        mine = journey.number()
        page = journey.review(person, [mine])
        sent = journey.submission(page)
        answers = []

        def press(browser):
            answers.append(browser.request(*sent))
        browsers = [self.desk.browser() for _ in range(4)]
        for browser in browsers:
            browser.cookies = dict(person.cookies)
        threads = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done = [answer for answer in answers if answer.status == 200 and "/steps/" not in answer.path]
        self.assertTrue(done, [f"{answer.status} {answer.path}" for answer in answers])
        self.assertEqual(journey.carrier_duplicates(self.desk), 0)
        again = person.request(*sent)
        self.assertEqual((again.status, again.path), (200, page.path.removesuffix("/steps/7")))

    def test_the_same_number_in_two_drafts_goes_out_once(self):
        first, second = self.desk.sign_in(), self.desk.sign_in("elena")
        mine = journey.number()
        pages = [journey.review(person, [mine]) for person in (first, second)]
        self.assertNotEqual(pages[0].path, pages[1].path)
        page = first.request(*journey.submission(pages[0]))
        self.assertNotIn("/steps/", page.path)
        page = second.request(*journey.submission(pages[1]))
        self.assertRegex(page.path, r"/steps/1\?check=1$")
        self.assertIn("being moved already", page.text)
        self.assertIn("Needs you", page.text)

    def test_a_number_of_another_account_is_told_at_its_step(self):
        mine = journey.number()
        journey.submit(self.desk.sign_in(), [mine])
        tom = self.desk.sign_in("tom")
        page = tom.request(*journey.submission(journey.review(tom, [mine])))
        self.assertEqual(page.status, 409)
        self.assertIn("Carrier and numbers", page.text)
        self.assertIn("another account", page.text)
        self.assertIn('href="#numbers"', page.body.decode())

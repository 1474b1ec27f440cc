"""My Settings through the real programs: what is kept and mailed, two windows, numbers that cannot be a personal phone, and the way from
the wizard there and back when somebody moves their own mobile on purpose."""
import unittest
import urllib.parse

import database
import frame
import journey
from people import Person


class Settings(frame.DeskCase):
    def setUp(self):
        self.records = database.connect(self.desk.database)
        self.addCleanup(self.records.close)

    def open(self, person, path="/settings"):
        page = person.get(path)
        self.assertEqual(page.status, 200, page.text[:300])
        return page.form("settings")

    def phone_of(self, who):
        return self.records.rows("SELECT personal_phone FROM app_user WHERE email = ?", self.desk.address(who))[0][0]

    def test_what_is_saved_stands_there_again(self):
        person, number = self.desk.sign_in("agent"), journey.number()
        page = self.open(person).submit(name="Ada of the Lane", personal_phone=number[2:], time_zone="America/Chicago", mails=["completed"])
        self.assertEqual((page.status, page.path), (200, "/settings"))
        self.assertIn("Your settings are saved.", page.text)
        form = page.form("settings")
        self.assertEqual(form.value("name"), "Ada of the Lane")
        self.assertEqual(form.value("personal_phone"), f"({number[2:5]}) {number[5:8]}-{number[8:]}")
        self.assertEqual(form.value("time_zone"), "America/Chicago")
        self.assertEqual([value for name, value in form.fields if name == "mails"], ["completed"])
        self.assertEqual(self.phone_of("agent"), number)
        told = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
        mail = frame.wait_for("the mail about it", lambda: [
            each for each in self.desk.mails(self.desk.address("agent"), "personal phone was changed") if told in each["text"]])
        self.assertIn(f"{self.desk.origin}/settings", mail[0]["text"])
        # Sent twice it is saved once.
        before = self.records.rows("SELECT count(*) FROM audit_event WHERE kind IN ('settings_changed', 'personal_phone_changed')")
        again = form.submit()
        self.assertEqual(again.status, 200)
        self.assertEqual(form.submit().status, 200)
        self.assertEqual(self.records.rows(
            "SELECT count(*) FROM audit_event WHERE kind IN ('settings_changed', 'personal_phone_changed')"), before)
        self.open(person).submit(personal_phone="")
        self.assertIsNone(self.phone_of("agent"))

    def test_a_form_opened_before_another_change_is_refused_and_says_what_stands_there(self):
        person = self.desk.sign_in("admin")
        first, second = self.open(person), self.open(person)
        self.assertEqual(first.submit(name="First Window").status, 200)
        page = second.submit(name="Second Window", time_zone="America/Denver")
        self.assertEqual(page.status, 409)
        self.assertIn("changed in another window", page.text)
        self.assertIn("Saved there: First Window", page.text)
        self.assertEqual(page.form("settings").value("name"), "Second Window")
        self.assertEqual(self.open(person).value("name"), "First Window")
        page = page.form("settings").submit()  # knowing that
        self.assertEqual((page.status, page.form("settings").value("name")), (200, "Second Window"))

    def test_a_number_on_its_way_here_is_explained(self):
        owner, agent, number = self.desk.sign_in("owner"), self.desk.sign_in("agent"), journey.number()
        request = journey.submit(owner, [number])
        reference = self.records.rows("SELECT reference FROM port_request WHERE id = ?", request.path.rpartition("/")[2])[0][0]
        page = self.open(owner).submit(personal_phone=number)
        self.assertEqual(page.status, 422)
        self.assertIn("while it is being moved here", page.text)
        self.assertIn("Nothing was changed.", page.text)
        self.assertEqual(page.follow(f"See {reference}").path, request.path)
        # Whoever may not see the request learns that there is one, and no more.
        page = self.open(agent).submit(personal_phone=number)
        self.assertEqual(page.status, 422)
        self.assertIn("somebody else works on", page.text)
        self.assertNotIn(reference, page.text)
        self.assertNotIn(request.path, page.body.decode())
        # Canceled, it is free.
        sid = frame.wait_for("the carrier's port", lambda: self.desk.carrier_ports(number))[0]["port_in_request_sid"]
        owner.get(request.path).follow("/cancel").form("/cancel").submit()
        journey.status_on(owner, request.path, "Canceled", self.desk, sid)
        self.assertEqual(self.open(agent).submit(personal_phone=number).status, 200)
        self.assertEqual(self.phone_of("agent"), number)
        self.open(agent).submit(personal_phone="")

    def test_somebodys_own_mobile_and_back(self):
        """S3: the draft stays as it is on the way."""
        owner, mine, other = self.desk.sign_in("owner"), journey.number(), journey.number()
        self.open(owner).submit(personal_phone=mine)
        page = journey.start(owner)
        draft = page.path.removesuffix("/steps/1")
        typed = f"{mine}\n{other}"
        page = page.form("wizard").submit("check", carrier="Verizon", numbers=typed)
        self.assertIn("is your own personal phone", page.text)
        # It is not taken, whichever way on.
        self.assertEqual(page.form("wizard").submit("next").status, 422)
        page = owner.get(f"{draft}/steps/1").form("wizard").submit("settings", numbers=typed + "\n" + journey.number())
        self.assertEqual(urllib.parse.urlsplit(page.url).path, "/settings")
        self.assertIn("You come back to the port request", page.text)
        refused = page.form("settings").submit(personal_phone="not a phone")  # the way back is kept over an error
        self.assertEqual(refused.status, 422)
        page = refused.form("settings").submit(personal_phone=journey.number())
        self.assertEqual(page.path, f"{draft}/steps/1")
        self.assertIn("Go on with your port request.", page.text)
        kept = page.form("wizard")
        self.assertTrue(kept.value("numbers").replace("\r\n", "\n").startswith(typed))
        self.assertEqual(kept.value("carrier"), "Verizon")
        self.assertNotIn("personal phone", page.text)
        self.assertTrue(kept.submit("next").path.endswith("/steps/2"))
        self.open(owner).submit(personal_phone="")

    def test_anothers_mobile_is_told_as_far_as_one_may_know(self):
        owner, agent, number = self.desk.sign_in("owner"), self.desk.sign_in("agent"), journey.number()
        name = self.records.rows("SELECT name FROM app_user WHERE email = ?", self.desk.address("owner"))[0][0]
        self.open(owner).submit(personal_phone=number)
        page = journey.start(agent).form("wizard").submit("check", carrier="Verizon", numbers=number)
        self.assertIn("somebody else’s personal phone", page.text)
        self.assertNotIn(name, page.text)
        self.assertNotIn('value="settings"', page.body.decode())
        self.open(owner).submit(personal_phone="")
        self.open(agent).submit(personal_phone=number)
        name = self.records.rows("SELECT name FROM app_user WHERE email = ?", self.desk.address("agent"))[0][0]
        page = journey.start(owner).form("wizard").submit("check", carrier="Verizon", numbers=number)
        self.assertIn(f"is the personal phone of {name}", page.text)
        self.open(agent).submit(personal_phone="")

    def test_the_way_back_leads_to_the_wizard_alone(self):
        person = self.desk.sign_in("owner")
        for place in ("//evil.example", "https://evil.example/requests/pr_1/steps/1", "/\\evil.example", "/requests", "/sign-out",
                      "/requests/pr_1/steps/1/x", "/requests//steps/1", "/requests/pr_1/steps/1?a=b", "/requests/pr_1/steps/1\r\nA: b",
                      "/requests/..%2f/steps/1", "/requests/pr_1/steps/1#x", "javascript:alert(1)"):
            with self.subTest(place=place):
                form = self.open(person, "/settings?return=" + urllib.parse.quote(place, safe=""))
                self.assertNotIn("return", form.names())
                form.fields.append(["return", place])
                method, url, body, headers = form.prepare()
                page = person.request(method, url, body, headers, 0)
                self.assertIn((page.status, page.headers.get("Location")), ((303, "/settings"), (400, None)))
        self.assertEqual(self.open(person, "/settings?return=/requests/pr_1/steps/1").value("return"), "/requests/pr_1/steps/1")

    def test_mails_that_are_not_wanted_do_not_come(self):
        agent, number = self.desk.sign_in("agent"), journey.number()
        self.open(agent).submit(mails=["setbacks"])
        owner = self.desk.sign_in("owner")
        self.open(owner).submit(mails=["completed"])
        address = journey.submit(agent, [number]).path
        journey.status_on(agent, address, "Completed", self.desk, journey.sign(self.desk, number))
        asked = self.records.rows("SELECT DISTINCT notice, to_address FROM mail WHERE to_address IN (?, ?) AND request IN"
                                  " (SELECT request FROM port_number WHERE e164 = ?)",
                                  self.desk.address("agent"), self.desk.address("owner"), number)
        self.assertEqual(sorted(asked), [("completed", self.desk.address("owner"))])
        self.open(agent).submit(mails=["setbacks", "completed", "dates", "reminders"])
        self.open(owner).submit(mails=["setbacks", "completed", "dates", "reminders"])

    def test_the_check_list_stays_until_it_is_done(self):
        person = self.desk.sign_in("owner")
        page = journey.review(person, [journey.number()])
        draft = page.path.removesuffix("/steps/7")
        self.assertIn("5 of these are still to do", page.text)
        self.assertEqual(person.get(f"{draft}/steps/2").form("wizard").submit("next", checklist=["sim", "banks"]).status, 200)
        form = person.get(f"{draft}/steps/2").form("wizard")
        self.assertEqual([value for name, value in form.fields if name == "checklist"], ["sim", "banks"])
        form.submit("next", checklist=["banks"])
        page = person.get(f"{draft}/steps/7")
        self.assertIn("4 of these are still to do", page.text)
        page = person.request(*journey.submission(page))
        form = page.form("checklist")
        self.assertEqual([value for name, value in form.fields if name == "checklist"], ["banks"])
        page = form.submit(checklist=["sim", "second", "banks"])
        self.assertIn("The list is saved.", page.text)
        page = page.form("checklist").submit(checklist=["sim", "second", "banks", "email", "apps"])
        self.assertIn("The list is done.", page.text)
        self.assertNotIn('name="checklist"', page.body.decode())
        # Whoever has no number on a mobile puts it away.
        page = journey.submit(person, [journey.number()]).form("checklist").submit("none")
        self.assertIn("The list is put away.", page.text)
        self.assertNotIn('name="checklist"', page.body.decode())
        # A carrier without mobiles has none.
        other = journey.start(person).form("wizard").submit("next", carrier="Comcast", numbers=journey.number())
        self.assertNotIn('name="checklist"', other.body.decode())

    def test_the_porting_team_has_its_own(self):
        team = self.desk.sign_in("porting_team")
        form = self.open(team)
        self.assertNotIn("mails", form.choices)
        self.assertEqual(form.submit(name="Desk Person").status, 200)
        self.assertEqual(Person(self.desk).get("/settings").status, 303)


if __name__ == "__main__":
    unittest.main()

"""Every end that the life of a port can take, as one table over one desk with its sandbox carrier: the status, whose turn it is, the mail and the
sentence on the page. What needs days comes last, since all share one clock."""
import billreader_files as files
import frame
import journey
from journey_test import JourneyCase, shown
from people import Person

DAY = 24 * 3600
KEEP = "Keep your Verizon service on."
STILL = "The numbers are still at Verizon."


class Case:
    """One request: its numbers by their last four digits ("" for any), how it is driven, and what it comes to."""

    def __init__(self, name, ends, drive, status, turn, subject, sentence, keep=KEEP, steps=0, **typed):
        self.name, self.ends, self.drive, self.status, self.turn = name, ends, drive, status, turn
        self.subject, self.sentence, self.keep, self.steps, self.typed = subject, sentence, keep, steps, typed
        self.numbers = self.address = None


# ---- How it is driven ----

def wait(test, case):
    """Nothing is done: the gaining carrier's answer to the number is the end."""
    test.until(case.address, case.status)


def signed(test, case):
    return journey.sign(test.desk, case.numbers[0])


def refused(reason):
    def drive(test, case):
        sid = signed(test, case)
        test.assertEqual(test.desk.control(f"ports/{sid}/answer", reason=reason), 303)
        test.until(case.address, case.status, sid)
    return drive


def answered(test, case):
    test.until(case.address, case.status, signed(test, case))


def date_set(test, case):
    sid = signed(test, case)
    test.until(case.address, "submitted")
    test.desk.next_event(sid)
    test.until(case.address, "pending")
    return sid


def letter_out(test, case):
    sid = test.at_carrier(case.numbers[-1])["port_in_request_sid"]
    test.until(case.address, "waiting_for_signature", sid)
    return sid


def expired(test, case):
    sid = letter_out(test, case)
    test.assertEqual(test.desk.control(f"ports/{sid}/expire"), 303)
    test.until(case.address, case.status)


def declined(test, case):
    sid = letter_out(test, case)
    link = next(port["sign_url"] for port in test.desk.carrier_ports(case.numbers[0]) if port["port_in_request_sid"] == sid)
    page = test.desk.browser(test.desk.sandbox_origin).get(link).follow("/decline")
    page = page.form("reason").submit(reason="Not <i>my</i> number")
    test.assertIn("This letter was declined", page.text)
    test.until(case.address, case.status)


def stepwise(test, case):
    """Signed, and one step of the carrier after the other, each seen here, until it is so."""
    sid = signed(test, case)
    test.until(case.address, "submitted")
    for _ in range(case.steps):
        before = test.dates(case)
        test.desk.next_event(sid)
        test.desk.advance(11 * 60)  # a date that moves has no webhook: it is polled for
        frame.wait_for("the carrier's step", lambda: test.dates(case) != before)
    test.until(case.address, case.status)


def press_cancel(test, case):
    page = test.page(case.address).follow("/cancel").form("/cancel").submit()
    test.assertEqual((page.status, page.path), (200, case.address))
    frame.wait_for("the cancel at the carrier", lambda: {
        each["port_in_phone_number_status"] for each in test.at_carrier(case.numbers[0])["phone_numbers"]} == {"canceling"})


def canceled_unsigned(test, case):
    sid = letter_out(test, case)
    press_cancel(test, case)
    test.until(case.address, case.status, sid)


def canceled_signed(test, case):
    sid = signed(test, case)
    test.until(case.address, "submitted")
    press_cancel(test, case)
    test.until(case.address, case.status, sid)


def canceled_too_late(test, case):
    sid = date_set(test, case)
    press_cancel(test, case)
    test.until(case.address, case.status, sid)


def other_address(test, case):
    """The letter went to the wrong address: corrected, it is a new try with a new letter."""
    first = letter_out(test, case)
    page = test.page(case.address).follow("/fix")
    test.assertIn("a new one goes to the person and address below", page.text)
    page = page.form("owner_email").submit(owner_email="dana.right@harborlane.example")
    test.assertEqual((page.status, page.path), (200, case.address), page.text[:300])

    def newer():
        newest = test.desk.carrier_ports(case.numbers[0])[0]["port_in_request_sid"]
        if newest == first:
            test.desk.control(f"ports/{first}/next")
        return newest != first and newest
    second = frame.wait_for("the second port", newer)
    test.until(case.address, case.status, second)
    test.desk.mail("dana.right@harborlane.example", "Letter of Authorization")


def by_hand(test, case):
    frame.wait_for("the porting team's turn", lambda: test.request(case.address, "turn") == "porting_team")


def recorded(*steps):
    """The porting team records these, one after the other, of a number that it works by hand."""
    def drive(test, case):
        by_hand(test, case)
        for status, fields in steps:
            form = test.page(case.address, test.team).form("/record")
            page = form.submit(number=case.numbers[0], status=status, **fields)
            if page.status == 422:  # what cannot be undone, or is far ahead, is asked once more
                page = page.form("/record").submit(sure="yes")
            test.assertEqual((page.status, page.path), (200, case.address), page.text[:500])
        test.until(case.address, case.status)
    return drive


def reason(word, turn, sentence, subject="Action Required"):
    return Case(f"refused: {word}", [""], refused(word), "action_required", turn, subject, sentence)


TORONTO = "+1416230{:04}"
CASES = [
    reason("INVALID_PIN", "customer", "Verizon did not take the transfer PIN."),
    reason("INVALID_ACCOUNT_NUMBER", "customer", "Verizon has another account number for this number."),
    reason("INVALID_ADDRESS", "customer", "Verizon has another service address for this number."),
    reason("INVALID_END_USER_NAME", "customer", "Verizon has another name on the account."),
    reason("PHONE_NUMBER_WITH_CARRIER_RESTRICTION", "customer", "How to do it at Verizon"),
    reason("PHONE_NUMBER_INACTIVE_OR_DISCONNECTED", "customer", "says that the number is disconnected or suspended"),
    reason("CONTACT_SUPPORT_REQUIRED", "porting_team", "Our porting team takes care of it."),
    Case("different fates", ["", "0192"], answered, "action_required", "customer", "Action Required", "The number is locked"),
    Case("partly", ["", "0199"], answered, "partly_completed", "nobody", "Partly completed",
         "Keep it at Verizon and forward its calls", keep="Keep your Verizon service for the numbers that did not move."),
    Case("22130", ["0199"], wait, "not_portable", "nobody", "Not portable", "Twilio does not serve the area", STILL),
    Case("22132", ["0198"], by_hand, "in_review", "porting_team", None, "It is at Twilio already, with another customer."),
    Case("22133", ["0196"], by_hand, "in_review", "porting_team", None, "Twilio takes it only by hand."),
    Case("22136", ["0197"], recorded(("completed", {})), "completed", "nobody", "Completed", "stands under Phone Numbers now",
         keep="Test before you cancel anything at Verizon"),
    Case("canceled unsigned", [""], canceled_unsigned, "canceled", "nobody", "Canceled", "The request was canceled", STILL),
    Case("canceled signed", [""], canceled_signed, "canceled", "nobody", "Canceled", "The request was canceled", STILL),
    Case("canceled too late", ["0194"], canceled_too_late, "completed", "nobody", "Too late to cancel", "It was too late to cancel",
         keep="Test before you cancel anything at Verizon"),
    Case("expired", [""], expired, "expired", "customer", "Expired", "The letter was not signed in time", STILL),
    Case("other address", [""], other_address, "waiting_for_signature", "signer", None, "dana.right@harborlane.example"),
    Case("date set", [""], date_set, "pending", "losing_carrier", "Date set", "Verizon has agreed to this date."),
    Case("declined", [""], declined, "canceled", "nobody", "Canceled", "Not <i>my</i> number", STILL),
    Case("22131", ["0176"], by_hand, "in_review", "porting_team", None, "It is in our account at Twilio already."),
    Case("22137", ["0179"], by_hand, "in_review", "porting_team", None, "A move of this number is under way at Twilio already."),
    Case("22135", ["0178"], wait, "action_required", "porting_team", "Action Required", "Our porting team takes care of it."),
    Case("22102", ["0180"], wait, "action_required", "porting_team", "Action Required", "The first digits are unknown"),
    Case("22171", ["0181"], wait, "action_required", "customer", "Action Required", "Something is missing"),
    Case("22172", ["0182"], wait, "action_required", "porting_team", "Action Required", "It has to go as several orders"),
    Case("unknown word of a reason", ["0161"], answered, "action_required", "porting_team", "Action Required",
         "Our porting team takes care of it."),
    Case("the carrier moves the date", ["0163"], stepwise, "pending", "losing_carrier", "New date", "Verizon has agreed to this date.",
         steps=2),
    Case("the carrier takes the date back", ["0164"], stepwise, "submitted", "gaining_carrier", "No date any more",
         "is on its way to Verizon", steps=2),
    Case("dropped", ["", "0169"], answered, "partly_completed", "nobody", "Partly completed", "1 of 2 numbers have moved",
         keep="Keep your Verizon service for the numbers that did not move."),
    Case("date moved", [TORONTO.format(1)], recorded(("pending", {"firm_date": "2031-03-04"}), ("pending", {"firm_date": "2031-03-06"})),
         "pending", "losing_carrier", "New date", "Mar 6, 2031"),
    Case("date lost", [TORONTO.format(2)], recorded(("pending", {"firm_date": "2031-03-04"}), ("pending", {})),
         "pending", "losing_carrier", "No date any more", "is checking the request"),
    Case("only time", [TORONTO.format(3)], recorded(("rejected", {"rejection": "workload", "words": "Queue <b>full</b>"})),
         "action_required", "losing_carrier", "needs longer", "It is sent again by itself on"),
    Case("unknown reason", [TORONTO.format(4)], recorded(("rejected", {"rejection": "other", "words": "Grund 17 <i>unklar</i>"})),
         "action_required", "porting_team", "Action Required", "“Grund 17 <i>unklar</i>”"),
    Case("unsigned", [""], lambda test, case: letter_out(test, case), "waiting_for_signature", "signer", None, "We remind Dana Whitfield on"),
    Case("silent", ["0193"], lambda test, case: (signed(test, case), test.until(case.address, "submitted")), "submitted",
         "gaining_carrier", None, "our porting team looks into it"),
]


class Hasty(Person):
    """Whose bills are quickly read."""

    def bill(self, address, content=None, name="bill.jpg"):
        return super().bill(address, content or files.JPEG, name)


class Ends(JourneyCase):
    """The tests run in the order of their names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hasty = Hasty(cls.desk, "owner")
        for serial, case in enumerate(CASES):
            case.numbers = [end if end.startswith("+") else f"+1415{320 + serial}{end}" if end else journey.number()
                            for end in case.ends]
            case.address = hasty.submitted(case.numbers, **case.typed)

    def named(self, name):
        return next(case for case in CASES if case.name == name)

    def turn(self, case):
        return self.records.one("SELECT status, turn FROM port_request WHERE id = ?", case.address.rpartition("/")[2])

    def dates(self, case):
        return self.records.rows("SELECT status, firm_date FROM port_number WHERE request = ?", case.address.rpartition("/")[2])

    def mail(self, case, subject, who="owner"):
        """Waits for the mail about one of the case's numbers."""
        def look():
            return [mail for mail in self.desk.mails(self.desk.address(who), subject)
                    if any(shown(number) in mail["subject"] for number in case.numbers)]
        return frame.wait_for(f"{subject!r} to the {who} about {case.name}", look)[-1]

    def secrets(self, case):
        """The PIN is shown to nobody and gone when the request has ended; the account number goes when it is done."""
        request = case.address.rpartition("/")[2]
        ended, kept = self.records.one("SELECT ended_at IS NOT NULL, account_number_sealed IS NOT NULL FROM port_request WHERE id = ?", request)
        self.assertEqual(self.records.one("SELECT count(*) FROM port_pin WHERE request = ?", request), 0 if ended else 1)
        self.assertEqual(bool(kept), case.status != "completed")
        for person in (self.owner, self.team):
            page = self.page(case.address, person)
            self.assertNotIn(case.typed.get("pin", journey.TYPED["pin"]), page.body.decode())
            self.assertEqual(journey.TYPED["account_number"] in page.text, bool(kept))

    def test_1_ends(self):
        for case in CASES:
            with self.subTest(case.name):
                case.drive(self, case)
                frame.wait_for(f"{case.name}: {case.turn}", lambda: self.turn(case) == (case.status, case.turn))
                page = self.page(case.address)
                self.assertIn(case.sentence, page.text)
                self.assertIn(case.keep, page.text)
                if case.subject:
                    mail = self.mail(case, case.subject)
                    self.assertIn(f"{self.desk.origin}{case.address}", mail["text"])
                self.assertEqual(self.page(case.address, self.team).status, 200)
                self.secrets(case)
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def test_2_what_was_here_already_is_in_the_inventory(self):
        self.assertIn(shown(self.named("22136").numbers[0]), self.page("/numbers").text)

    def test_3_numbers_with_other_fates_go_on(self):
        case = self.named("different fates")
        sid = self.desk.carrier_ports(case.numbers[0])[0]["port_in_request_sid"]
        first = "SELECT status FROM port_number WHERE e164 = ?"
        frame.wait_for("the other number", lambda: self.desk.control(f"ports/{sid}/next") and
                       self.records.one(first, case.numbers[0]) == "completed")
        page = self.page(case.address).follow("/fix")
        self.assertIn(f"For {shown(case.numbers[1])}", page.text)
        self.assertNotIn(f"For {shown(case.numbers[0])}", page.text)

    def test_4_days_go_by(self):
        """Reminders with the signing link, the porting team at last, and what is sent again by itself."""
        unsigned, silent, pin, again = (self.named(name) for name in ("unsigned", "silent", "refused: INVALID_PIN", "only time"))
        self.assertEqual(self.desk.mails(subject="Please sign"), [])
        self.desk.advance(8 * DAY)
        type(self).owner, type(self).team = Person(self.desk, "owner"), Person(self.desk, "porting_team")  # their sessions are over
        link = self.desk.carrier_ports(unsigned.numbers[0])[0]["sign_url"]
        reminder = frame.wait_for("the reminder", lambda: [
            mail for mail in self.desk.mails(subject="Please sign") if shown(unsigned.numbers[0]) in mail["subject"]])[0]
        self.assertIn(link, reminder["text"])
        mail = self.mail(pin, "Still waiting for you")
        self.assertIn(f"{self.desk.origin}{pin.address}/fix", mail["text"])
        page = self.page(pin.address).follow("/fix")
        self.assertIn("so it has probably run out", page.text)
        self.assertIn("Dial #PORT", page.text)
        self.mail(silent, "Needs us", "porting_team")
        self.assertIn("Our porting team looks into it", self.page(silent.address).text)
        queue = self.page("/requests?show=mine", self.team).text
        self.assertIn(shown(silent.numbers[0]), queue)
        page = self.page(silent.address, self.team).form("/put-off").submit()
        self.assertIn("It comes back to the queue after two business days.", page.text)
        self.assertNotIn(shown(silent.numbers[0]), self.page("/requests?show=mine", self.team).text)
        frame.wait_for("the second try", lambda: self.turn(again) == ("in_review", "porting_team"))
        self.assertEqual(self.request(again.address, "attempt"), 2)
        self.assertIn("Sent again by itself: try 2.", self.page(again.address).text)

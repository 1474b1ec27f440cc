"""The main journeys, as a person without JavaScript goes them, with mails, carrier and inventory."""
import journey
from frame import DeskCase


class JourneysTest(DeskCase):
    def test_a_number_is_ported(self):
        page = journey.port(self.desk)
        number = page.text.split(" · ")[0]
        self.assertIn(number, self.desk.sign_in("owner").get("/numbers").text)
        self.desk.mail(self.desk.address("owner"), "Completed")

    def test_a_wrong_pin_is_corrected(self):
        journey.reject_and_fix(self.desk)
        self.assertEqual(self.desk.state()["duplicates"], 0)

    def test_a_request_is_taken_back(self):
        journey.cancel(self.desk)

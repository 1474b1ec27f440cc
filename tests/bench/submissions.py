"""Durable submissions: what pressing Submit on the last page of the wizard takes, at 1, 16 and 64 clients."""
import os
import re
import secrets
import signal

import database
import frame
import journey
import load

CUSTOMERS = 64


class Desk(frame.Desk):
    """A desk whose drafts are made by SQL. Its carrier is silent while it is measured: it is another's server, and what a
    submission leaves for it to do is done by jobs, which wait."""

    def __init__(self, name, settings=None):
        super().__init__(name, settings)
        self.customers = []

    def database(self):
        return database.Sqlite(self.data / "portdesk.db")

    def prepare(self):
        """Starts, has a person fill in one draft, stops, signs customers in, starts again."""
        self.start()
        person = self.sign_in("owner")
        page = journey.review(person, [journey.number()])
        self.template = re.search(r"pr_[0-9a-f]+", page.url)[0]
        self.acknowledged = journey.submission(page)[2]
        self.fields = [pair for pair in page.form("wizard").choices["acknowledged"]]
        self.portdesk.stop()
        self.customers = database.customers(self.database(), CUSTOMERS)
        self.portdesk.start()
        load.take_csrf(self.origin, self.port, self.customers)
        os.kill(self.sandbox.process.pid, signal.SIGSTOP)
        return self

    def drafts(self, count, first):
        """So many drafts of the customers, all that a person would have typed typed."""
        self.portdesk.stop()
        made = database.drafts(self.database(), self.template, self.customers, count, first)
        self.portdesk.start()
        account = [(name, journey.TYPED[name]) for name in ("account_name", "account_type", "account_number", "pin")]
        figures = load.run(self.port, 64, 60, [self.post(draft, "steps/4", [
            *account, ("pin_when", "now"), ("btn", draft.number), ("go", "next")]) for draft in made], once=True)
        return made, figures

    def post(self, draft, action, fields):
        return load.request(self.origin, "POST", f"/requests/{draft.id}/{action}", f"portdesk={draft.customer.token}",
                            [*fields, ("key", secrets.token_urlsafe(16))], draft.customer.csrf)

    def submission(self, draft):
        return self.post(draft, "submit", [("wished_date", ""), *(("acknowledged", each) for each in self.fields)])

    def stop(self):
        if self.sandbox.running():
            os.kill(self.sandbox.process.pid, signal.SIGCONT)
        super().stop()

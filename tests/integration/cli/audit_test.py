#!/usr/bin/env python3
"""Who did what: `vigie audit` against a hub that asks who is there; administrators alone are told, kills lose none."""
import unittest

import vigie_programs
from guarded import OK, REFUSED, USAGE, Guarded
from vigie_programs import Hub, lines_of


class Audit(Guarded):
    # --- words ---
    def audit(self, who, *arguments):
        return lines_of(self.vigie(who, "audit", "--format", "json", *arguments).stdout)

    def acts(self, who, *arguments):
        """(kind, who, whom or grant), in order; without the reading of the audit itself."""
        return [(line["kind"], line["fields"]["who"], line["fields"].get("whom") or line["fields"].get("grant", ""))
                for line in self.audit(who, *arguments) if "_audit" not in line["fields"].get("view", "")]

    # --- what must hold ---
    def test_each_act_of_a_day_is_told_to_the_owners_administrator(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("bravo/boss", "administrator")
        self.enrol("bravo/room", "console")
        self.enrol("alpha/v1", "tracker", by="alpha/boss")
        self.vigie("alpha/boss", "invite", "alpha/new", "--role", "console")
        self.vigie("alpha/boss", "invite", "alpha/new", "--withdraw")
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "here")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v2", "not mine", code=REFUSED)
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--kind", "acknowledgement", "seen")
        self.vigie("bravo/room", "replay", "--from", "-1h", "--class", "event", "--format", "ndjson")
        self.vigie("alpha/v1", "rotate")
        self.vigie("alpha/boss", "grant", "alpha/joint", "--end")
        self.vigie("alpha/boss", "revoke", "alpha/v1")
        of_alpha = [
            ("invited", "_hub/administrator", "alpha/boss"),
            ("enrolled", "invitation of alpha/boss", "alpha/boss"),
            ("invited", "alpha/boss", "alpha/v1"),
            ("enrolled", "invitation of alpha/v1", "alpha/v1"),
            ("invited", "alpha/boss", "alpha/new"),
            ("invite_withdrawn", "alpha/boss", "alpha/new"),
            ("granted", "alpha/boss", "alpha/joint"),
            ("refused", "alpha/v1", ""),
            ("acknowledged", "alpha/v1", ""),
            ("read_past", "bravo/room", ""),
            ("rotated", "alpha/v1", "alpha/v1"),
            ("grant_ended", "alpha/boss", "alpha/joint"),
            ("revoked", "alpha/boss", "alpha/v1"),
        ]
        self.assertEqual(self.acts("alpha/boss"), of_alpha)
        # Whose it is, who read it, and who rules them all.
        of_bravo = self.acts("bravo/boss")
        self.assertEqual([act for act in of_bravo if act in of_alpha],
                         [act for act in of_alpha if act[0].startswith("grant") or act[0] == "read_past"])
        everything = self.acts(self.chief)
        self.assertEqual(everything[0][:2], ("hub_started", "hub"))
        for act in of_alpha + of_bravo:
            self.assertIn(act, everything)
        self.assertEqual(self.acts(self.chief, "--owner", "alpha"), of_alpha)
        # As it was asked for.
        self.assertEqual(self.acts("alpha/boss", "--what", "granted,grant_ended", "--who", "alpha"),
                         [act for act in of_alpha if act[0].startswith("grant")])
        self.assertEqual(self.acts("alpha/boss", "--who", "bravo/room"), [("read_past", "bravo/room", "")])
        self.assertEqual(self.audit("alpha/boss", "--from", "-2h", "--to", "-1h"), [])
        read = next(line for line in self.audit("alpha/boss", "--what", "read_past", "--who", "bravo/room"))
        self.assertEqual(read["channel"], "event/alpha/_audit")
        self.assertEqual((read["fields"]["grants"], read["fields"]["clock"]), ("alpha/joint", "true"))
        self.assertEqual(self.acts(self.chief, "--what", "refused", "--to", "now"), [("refused", "alpha/v1", "")])
        refused = self.audit("alpha/boss", "--what", "refused")[0]
        self.assertEqual(refused["fields"]["code"], "not_entitled")
        text = self.vigie("alpha/boss", "audit", "--what", "revoked", "--format", "text").stdout
        self.assertRegex(text, r"^20\S+Z  alpha/boss +revoked +alpha/boss revoked alpha/v1\n$")

    def test_nobody_else_is_told_whatever_is_granted(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/room", "console")
        self.enrol("alpha/v1", "tracker")
        self.enrol("bravo/boss", "administrator")
        self.vigie("alpha/boss", "grant", "alpha/all", "--to", "bravo", "--past")
        done = self.vigie("alpha/boss", "grant", "alpha/audit", "--to", "bravo", "--group", "_audit", code=USAGE)
        self.assertIn("_audit", done.stderr)
        # The marker follows what is withheld, and arrives.
        self.vigie("alpha/boss", "revoke", "alpha/v1")
        self.enrol("alpha/v3", "tracker")
        self.vigie("alpha/v3", "send", "--unit", "alpha/v3", "marker")
        for who in ("alpha/room", "bravo/boss"):
            seen = lines_of(self.vigie(who, "replay", "--class", "event", "--clock", "known", "--format",
                                       "ndjson").stdout)
            self.assertIn("marker", [line["text"] for line in seen], who)
            self.assertFalse([line for line in seen if line["channel"].startswith("event/alpha/_audit")], who)
            self.assertEqual(self.audit(who, "--owner", "alpha"), [], who)
        self.assertEqual(self.audit("alpha/room"), [])
        self.assertIn("or you are no administrator of alpha", self.vigie("alpha/room", "audit").stderr)
        unknown = self.vigie("alpha/boss", "audit", "--what", "granted,read-past", code=USAGE).stderr
        self.assertIn("--what 'read-past' is no kind of the audit's", unknown)
        self.assertIn("read_past", unknown)
        self.assertIn("revoked", [act[0] for act in self.acts("alpha/boss")])

    def test_nobody_writes_into_it(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/v1", "tracker")
        done = self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--group", "_audit", "I did nothing", code=USAGE)
        self.assertIn("_audit", done.stderr)
        self.assertNotIn("I did nothing", [line["text"] for line in self.audit("alpha/boss")])

    def test_what_was_told_outlives_a_kill_of_the_hub(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/v1", "tracker")
        self.vigie("alpha/boss", "revoke", "alpha/v1")
        before = self.audit(self.chief)
        hub = self.place.hub
        hub.process.kill()
        hub.stop()
        self.log_before += hub.log
        self.place.hub = Hub(self.place.folder / "data", port=hub.port, guarded=True)
        after = self.audit(self.chief)
        names = [(line["spool"], line["number"]) for line in after]
        self.assertEqual(len(set(names)), len(names), "a name is used once")
        self.assertEqual(after[:len(before)], before)
        started = [line["fields"]["after_crash"] for line in after if line["kind"] == "hub_started"]
        self.assertEqual(started, ["no", "yes"])
        self.place.hub.stop()
        self.log_before += self.place.hub.log
        self.place.hub = Hub(self.place.folder / "data", port=hub.port, guarded=True)
        kinds = [line["kind"] for line in self.audit(self.chief)]
        self.assertEqual(kinds.index("hub_stopped") + 1, len(kinds) - 1 - kinds[::-1].index("hub_started"))
        self.assertEqual({line["spool"] for line in self.audit(self.chief)}, {before[0]["spool"]})

    def test_what_comes_is_followed(self):
        self.enrol("alpha/boss", "administrator")
        following = self.place.start("audit", "--follow", "--what", "invited", "--format", "json",
                                     "--identity", self.key_file("alpha/boss"))
        self.addCleanup(following.stderr.close)
        self.addCleanup(following.stdout.close)
        self.assertIn('"whom":"alpha/boss"', following.stdout.readline())
        self.vigie("alpha/boss", "invite", "alpha/v1", "--role", "tracker")
        self.assertIn('"whom":"alpha/v1"', following.stdout.readline())
        following.terminate()
        self.assertEqual(following.wait(vigie_programs.WAIT_S), OK)

    def test_a_range_that_is_none_is_said(self):
        self.enrol("alpha/boss", "administrator")
        for arguments, sentence in ((("--from", "-1h", "--to", "-2h"), "--to is not after --from"),
                                    (("--follow", "--to", "now"), "--follow excludes --to"),
                                    (("--owner", "a/b"), "--owner 'a/b'")):
            self.assertIn(sentence, self.vigie("alpha/boss", "audit", *arguments, code=USAGE).stderr)


if __name__ == "__main__":
    unittest.main()

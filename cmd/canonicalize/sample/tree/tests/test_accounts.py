import unittest
from unittest import mock

from shop.accounts import (
    cleanup,
    login,
    password,
    permissions,
    profile,
    sessions,
    signup,
    teams,
    tokens,
)
from shop.app import RateLimited, mailer
from shop.models import AnonymousUser, ApiToken, NotFound, Organization, Session

from .case import ShopCase


class AccountsTest(ShopCase):
    def test_login(self):
        self.assertIsNone(login.login("ada@shop.example", "wrong"))
        session = login.login("ada@shop.example", "secret")
        self.assertIs(sessions.current_user(session.key), self.user)
        sessions.end(session.key)
        self.assertIsInstance(sessions.current_user(session.key), AnonymousUser)

    def test_login_is_limited(self):
        for _ in range(5):
            login.login("ada@shop.example", "wrong")
        with self.assertRaises(RateLimited):
            login.login("ada@shop.example", "secret")

    def test_sign_up(self):
        with mock.patch("shop.accounts.signup.publish") as publish:
            user = signup.sign_up("bob@shop.example", "Bob", "pass")
        publish.assert_called_once_with("user.created", user=user)
        self.assertEqual(mailer.sent[-1].to, "bob@shop.example")
        with self.assertRaises(signup.EmailTaken):
            signup.sign_up("bob@shop.example", "Bob", "pass")

    def test_password(self):
        self.assertTrue(password.request_reset("ada@shop.example"))
        self.assertFalse(password.request_reset("eve@shop.example"))
        password.change(self.user.id, "secret", "better")
        with self.assertRaises(NotFound):
            password.change(self.user.id, "secret", "worse")

    def test_profile_and_teams(self):
        organization = Organization(name="Analytical Engines").save()
        profile.join(self.user, organization)
        self.assertEqual(self.user.organizations, [organization])
        team = teams.found(organization, "Engine")
        teams.add(team, self.user)
        self.assertEqual(teams.members(team), [self.user])
        address = profile.set_address(self.user, "Main Street 1", "Berlin", "DE")
        self.assertEqual(address.country_name(), "Germany")

    def test_tokens(self):
        token = tokens.issue(self.user, "orders:read")
        self.assertIsInstance(token, ApiToken)
        self.assertIs(tokens.owner(token.token), self.user)
        self.assertTrue(permissions.may(token, "orders:read"))
        self.assertFalse(permissions.may(AnonymousUser(), "orders:read"))
        self.assertTrue(permissions.may(self.user, "anything"))

    def test_cleanup(self):
        Session(user_id=4711).save()
        self.assertEqual(cleanup.remove_orphans(), 1)


if __name__ == "__main__":
    unittest.main()

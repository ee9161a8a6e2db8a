// Package setup registers the App with GitHub from a browser, by GitHub's manifest flow: a form asks for what only a
// person knows, GitHub shows what the App asks for and makes it, and hands over its key and secrets, which are stored.
//
//   - manifest.go makes the manifest of app.yml for one server;
//   - setup.go is the pages: the form, the way to GitHub, and the way back.
//
// Whoever can open these pages decides which App the server is, so they are for one person: on a loopback address, or
// with the code that the server prints. They are gone once the App is made.
//
// Source: https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
package setup

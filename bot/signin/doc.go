// Package signin lets people in to the pages who may read, on GitHub, what the pages show.
//
//   - signin.go is the way to GitHub and back, by the App's own OAuth, and out again;
//   - session.go keeps who somebody is in a cookie that only the server can read;
//   - access.go asks GitHub what they may read, and remembers the answer for a short while.
//
// Nothing is stored on the server: every replica with the same key knows the same people.
//
// Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
package signin

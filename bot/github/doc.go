// Package github talks to GitHub's API for one App. It is the only user of go-github and ghinstallation; plain
// structs of its own go in and out.
//
// From the bottom up:
//
//   - errors.go gives GitHub's answers names that a caller can tell apart;
//   - transport.go repeats reads that failed on the way, asks conditionally for what it has seen (an answer "304"
//     is free), and turns limits into errors at once; a write is never repeated blindly, its caller reconciles;
//   - pace.go spaces writes as GitHub asks for (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api);
//   - [App] signs as the App: installations, tokens, recorded webhook deliveries;
//   - [Client] acts as one installation, [Repo] on one repository of it.
//
// Texts are cut to what GitHub takes (cap.go), and every write is logged with its key.
package github

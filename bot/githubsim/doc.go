// Package githubsim is a GitHub for tests and for the preview: stateful, with
// REST, real git over HTTP, signed webhooks, and GitHub's own refusals. It is
// written from GitHub's documentation and its official OpenAPI description,
// not from what our client happens to send.
//
// From the bottom up:
//
//   - apidoc holds the description: every request, and in strict mode every
//     answer, is checked against it. gitrepo drives bare repositories.
//   - state.go has what there is; render.go prints it as GitHub's JSON.
//   - server.go starts and stops; call.go takes a request through the gates:
//     auth.go (who are you, may you do that), limits.go, the description;
//     respond.go answers with pages, ETags and headers; faults.go fails calls
//     on purpose and keeps the log of calls.
//   - apps.go, accounts.go, repos.go, commits.go, gitdb.go, issues.go,
//     labels.go, pulls.go, merge.go, queue.go, reviewers.go, reviews.go,
//     lines.go, checks.go and reactions.go answer the routes; graphql.go what
//     REST lacks.
//   - refs.go is what happens when a branch moves, by whatever way; githttp.go
//     and githook.go serve git and refuse pushes that rules forbid.
//   - events.go says which App hears of what; hooks.go delivers.
//   - setup.go makes accounts, repositories and Apps, person.go acts as people
//     do on GitHub's pages, and read.go reads what those pages show.
package githubsim

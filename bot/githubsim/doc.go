// Package githubsim is a GitHub for tests and for the preview: stateful, with
// REST, real git over HTTP, signed webhooks, and GitHub's own refusals. It is
// written from GitHub's documentation and its official OpenAPI description,
// not from what our client happens to send.
//
// From the bottom up:
//
//   - apidoc holds the description: every request, and in strict mode every
//     answer, is checked against it. gitrepo drives bare repositories.
//   - state.go has what there is, roles.go who may do what; render.go prints it as GitHub's JSON.
//   - server.go starts and stops; call.go takes a request through the gates:
//     auth.go (who are you, may you do that), limits.go, the description;
//     respond.go answers with pages, ETags and headers; faults.go fails calls
//     on purpose and keeps the log of calls.
//   - router.go finds the operation of a path. apps.go, accounts.go, repos.go,
//     commits.go, contents.go, gitdb.go, issues.go, labels.go, pulls.go,
//     pulldiff.go, merge.go, queue.go, reviewers.go, reviews.go,
//     reviewcomments.go, lines.go, checks.go, statuses.go and reactions.go
//     answer them; graphql.go, mutations.go and furnish.go (over package graphql)
//     what REST lacks.
//   - refs.go is what happens when a branch moves, by whatever way; githttp.go
//     and githook.go serve git and refuse pushes that rules forbid.
//   - events.go says which App hears of what; hooks.go delivers.
//   - setup.go makes accounts and repositories, registry.go Apps and their
//     installations; person.go acts as people do on GitHub's pages, owner.go as
//     those do who own a repository; read.go reads what those pages show.
package githubsim

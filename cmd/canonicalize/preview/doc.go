// Package preview runs the whole App against a simulated GitHub on this machine, for a look before anything is
// installed: the bundled sample, or a copy of a local repository.
//
// The tour, in the order of what happens:
//
//   - repository.go looks at the repository that was named, and never changes it;
//   - people.go finds the organizations, teams and users that its CODEOWNERS names, so that the simulator has them;
//   - facades.go chooses the facades where nobody named any;
//   - world.go starts the simulated GitHub, the service with the bot on an embedded SQLite, and the pages, all in a
//     temporary folder;
//   - source.go reads the pages' content from the simulator's API, as any client of GitHub would;
//   - hands.go does on the simulated GitHub what readers ask for with forms, and story.go tells them what came of it;
//   - tour.go leads through it in five steps, and has a colleague open a pull request;
//   - imports.go finds out what importing the facades executes, and export.go writes the pages into a folder;
//   - preview.go is the story: install the App, wait for the pass, tell what was opened.
package preview

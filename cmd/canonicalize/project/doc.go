// Package project is a folder of code on disk with its configuration, as the commands that work on files see it.
//
//   - project.go opens one and runs the codemod over it;
//   - provider.go opens the other repositories that it imports;
//   - survey.go reads several of them for a campaign;
//   - chunks.go cuts a changeset into the pull requests that the App would open.
package project

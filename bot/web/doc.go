// Package web serves the pages on which a campaign can be read: the pull requests of a repository with the progress
// of every team, one pull request as GitHub shows it, the facades with the homes of their names, and what was left.
//
// From the bottom up:
//
//   - diff.go reads a unified diff into rows with line numbers and marks the words that differ;
//   - markdown.go renders the text of pull requests and comments as GitHub Flavored Markdown
//     (https://github.github.com/gfm/) with nearly all raw HTML dropped;
//   - source.go says what is shown, and where it comes from: a [Source];
//   - views.go makes what is shown ready for the templates: progress, counts, colours;
//   - boxes.go makes the boxes of an issue something to click, and act.go does what forms ask for, where there is
//     somebody who can: on a simulated GitHub;
//   - query.go chooses, sorts and estimates what readers ask for, and imports.go shows what importing a facade executes;
//   - export.go writes the pages as files;
//   - web.go answers requests.
//
// Pages are HTML with one style sheet, everything embedded; they run no script and load nothing from elsewhere, and a
// Content-Security-Policy says so to the browser.
package web

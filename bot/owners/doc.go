// Package owners reads a CODEOWNERS file as GitHub reads it.
//
// [Find] looks in the places where GitHub looks, [Parse] keeps every line that
// GitHub would honour and sets the others aside with a reason, and
// [File.Owners] answers with the owners of the last matching rule.
//
// Patterns follow gitignore with GitHub's exceptions: no "!", no "[ ]", no
// "\#", and a last segment that is exactly "*" matches direct children only.
// A test holds the matching against github.com/hmarr/codeowners, which is not used
// itself because it refuses a whole file for one bad line and stops at long ones.
//
// The rules are compiled into small automata over path segments; the state of
// all of them after a directory is computed once and shared by its files.
//
// Source: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
package owners

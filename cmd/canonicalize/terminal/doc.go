// Package terminal writes what a person sees while a command works: one progress line that is redrawn on a
// terminal, plain lines anywhere else, and colours where they are wanted.
//
// [New] looks at the writer and the environment once. Colours follow https://no-color.org: a NO_COLOR that is
// set and not empty turns them off.
package terminal

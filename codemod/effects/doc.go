// Package effects says what importing a module does to the rest of a program:
// it declares a model that a registry finds, connects a receiver, registers an
// admin class or a task, sets an attribute of something that it imported.
//
// A module that nobody reads can matter for that alone. Two questions are
// answered, about the module's own statements and not about what they import:
//
//   - [Finder.Of]: does it have an effect, and which? Where that cannot be
//     told it has one; the configuration can name more, and take some away.
//   - [Finder.On]: does it do something to a certain object X when it runs:
//     subclass it, decorate with it, call it or a method of it, or set an
//     attribute of it? That is what a reader of X loses if the module does not
//     run any more.
//
// Package pyfile lists what a file does (pyfile.Acts), package resolve says on
// which objects. The table of what is known by name is in known.go.
package effects

// Package git reads and writes git repositories without a work tree and without the git command. It is the only
// user of go-git.
//
// From the bottom up:
//
//   - package wire speaks protocol version 2 with a server;
//   - objects (objects.go) reads and adds the objects of one git directory from several goroutines;
//   - [Tree] lists and reads the files of a commit, and implements the codemod's tree;
//   - [Mirror] is a bare copy of a remote repository: [Mirror.Fetch] transfers what is new (one commit deep, trees
//     first, then only the contents that matter), [Mirror.Commit] makes commits in memory, [Mirror.Push] moves
//     branches under a lease, [Mirror.MergeBase] looks into history, [Mirror.Renew] starts over;
//   - [Local] opens a repository on this machine to be read, [Checkout] a folder on disk.
//
// A Mirror is a cache: whatever is lost is fetched or made again, and a process that is killed leaves nothing that
// the next [Open] cannot use.
package git
